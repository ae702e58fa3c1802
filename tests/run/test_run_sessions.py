"""Sessions through the real sandbox: a class of the submission is made and its methods are called in order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from grader.guest.frames import MalformedFrameError
from grader.model.exchange import Opaque, Played, Raised, Returned, Session, Step
from grader.model.generators import Seeded
from grader.model.verdict import Outcome
from grader.run.session_codec import decode_session, encode_session
from grader.run.zygote import Slot
from tests.run.submissions import Grade

ADD = {
    "obs": torch.tensor([1.0]), "action": torch.tensor([2.0]), "reward": 0.5, "next_obs": torch.tensor([3.0]),
    "done": True,
}  # fmt: skip
SIZES = {"capacity": 2, "obs_dim": 1, "action_dim": 1}
DRAW = {"batch_size": 1, "generator": Seeded(3)}
SESSION = Session("ReplayBuffer", SIZES, (Step("add", ADD), Step("__len__"), Step("sample", DRAW)))

ANSWER = (Path(__file__).resolve().parents[1] / "problems" / "honest" / "ReplayBuffer.py").read_text()
RIGHT = ANSWER + "\nReplayBuffer = DequeOfTuples\n"


def buffer(body: str, first: str = "pass") -> str:
    """A right buffer, with methods of its own; `first` is what it begins to be made with."""
    return f"{ANSWER}\n\nclass ReplayBuffer(DequeOfTuples):\n    def __init__(self, *sizes):\n        {first}\n" + (
        f"        super().__init__(*sizes)\n\n{body}"
    )


def test_a_right_class_gets_full_marks(any_slot: Slot, grade: Grade) -> None:
    (problem,) = grade(any_slot, RIGHT, "ReplayBuffer").problems
    assert [(v.check, v.message) for v in problem.verdicts if v.outcome is not Outcome.PASSED] == []


def test_an_instance_lives_for_one_session(sandlock: Slot, grade: Grade) -> None:
    remembering = RIGHT + "\nkept = []\nReplayBuffer.memory = property(lambda self: kept, lambda self, value: None)\n"
    (problem,) = grade(sandlock, remembering, "ReplayBuffer").problems
    assert problem.score < problem.max_score


def outcomes(slot: Slot, grade: Grade, source: str) -> dict[str, str]:
    """By check, what was said."""
    (problem,) = grade(slot, source, "ReplayBuffer").problems
    assert problem.score == 0
    assert Outcome.GRADER_ERROR not in {v.outcome for v in problem.verdicts}
    return {v.check: v.message for v in problem.verdicts}


def test_an_exception_tells_the_line_of_the_student(sandlock: Slot, grade: Grade) -> None:
    source = buffer("    def add(self, *row):\n        raise KeyError('obs')\n")
    said = outcomes(sandlock, grade, source)["filling"]
    assert "KeyError" in said
    assert "answers.py, line" in said


def test_a_constructor_that_raises_is_told(sandlock: Slot, grade: Grade) -> None:
    assert "ZeroDivisionError" in outcomes(sandlock, grade, buffer("", "1 / 0"))["filling"]


def test_a_method_that_never_returns_is_stopped(sandlock: Slot, grade: Grade) -> None:
    source = buffer("    def add(self, *row):\n        while True:\n            pass\n")
    assert "took longer than" in outcomes(sandlock, grade, source)["filling"]


def test_a_class_that_ends_the_process_is_told(sandlock: Slot, grade: Grade) -> None:
    source = buffer("    def __len__(self):\n        import os; os._exit(0)\n")
    assert "ended the whole Python process" in outcomes(sandlock, grade, source)["filling"]


@pytest.mark.parametrize(
    "hostile",
    [
        "class Sneaky:\n    def __eq__(self, other):\n        return True\n    __len__ = lambda self: 3\n",
        "Sneaky = lambda: [[[[[[[[1]]]]]]]]\n",
        "Sneaky = lambda: torch.zeros(3, dtype=torch.complex64)\n",
    ],
    ids=["object", "nested", "complex"],
)
def test_what_is_no_batch_fails(hostile: str, sandlock: Slot, grade: Grade) -> None:
    source = buffer("    def sample(self, batch_size, generator):\n        return Sneaky()\n") + hostile
    assert "`sample` gives something of another kind" in outcomes(sandlock, grade, source)["filling"]


def test_a_number_in_place_of_a_class_is_told(sandlock: Slot, grade: Grade) -> None:
    assert "not a function" in outcomes(sandlock, grade, "ReplayBuffer = 3\n")["filling"]


def test_a_thousand_exceptions_fit_into_an_answer(sandlock: Slot, grade: Grade) -> None:
    source = buffer("    def sample(self, batch_size, generator):\n        raise ValueError('x' * 100_000)\n")
    assert "ValueError" in outcomes(sandlock, grade, source)["filling"]


def replied(seen: object, payload: bytes = b"", **header: object) -> tuple[dict[str, object], bytes]:
    return json.loads(json.dumps({"id": 7, "status": "played", "seen": seen, **header})), payload


RETURNED = {"status": "returned", "value": {"opaque": "NoneType"}, "modified": []}


def test_a_reply_becomes_what_each_step_led_to() -> None:
    drawn = {"status": "returned", "value": {"items": [{"tensor": "value0"}]}, "modified": ["generator", "nothing"]}
    seen = [RETURNED, {"status": "raised", "type": "KeyError", "message": "no"}, drawn]
    played = decode_session(*replied(seen, save({"value0": torch.ones(2)})), SESSION, 7)
    assert isinstance(played, Played)
    first, second, third = played.seen
    assert first == Returned(Opaque("NoneType"))
    assert isinstance(second, Raised)
    assert isinstance(third, Returned)
    assert third.modified == ("generator",)


@pytest.mark.parametrize(
    "reply",
    [
        replied([RETURNED] * 2),
        replied([RETURNED] * 4),
        replied(None),
        replied([RETURNED, RETURNED, 3]),
        replied([RETURNED, RETURNED, {"status": "passed"}]),
        replied([RETURNED, RETURNED, {"status": "returned", "value": {"tensor": "absent"}, "modified": []}]),
        replied([RETURNED, RETURNED, {"status": "returned", "value": {"opaque": "x"}}]),
        replied([RETURNED] * 3, b"no tensors"),
        replied([RETURNED] * 3, id=8),
        replied([RETURNED] * 3, status="returned"),
    ],
    ids=str,
)
def test_a_reply_that_is_not_built_as_it_should_be_is_refused(reply: tuple[dict[str, object], bytes]) -> None:
    with pytest.raises(MalformedFrameError):
        decode_session(*reply, SESSION, 7)


def test_a_request_holds_copies_and_seeds() -> None:
    header, payload = encode_session(SESSION, 7)
    assert header["construct"] == [{"name": name, "number": size} for name, size in SIZES.items()]
    assert header["steps"][2]["arguments"] == [
        {"name": "batch_size", "number": 1}, {"name": "generator", "generator": 3},
    ]  # fmt: skip
    assert b"0 next_obs" in payload
