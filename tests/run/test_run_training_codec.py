"""What a sandbox says of trainings and actions is taken only if it is built as it should be."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load

from grader.guest.frames import PROGRESS, MalformedFrameError
from grader.model.exchange import Acted, Acting, Opaque, Raised, Trained, Training
from grader.run.training_codec import (
    LARGEST_RETURN,
    LONGEST_CURVE,
    decode_acting,
    decode_progress,
    decode_training,
    encode_acting,
    encode_training,
)

TRAINING = Training("train", "CartPole-v1", 1000, seed=7)
ACTING = Acting("train", torch.tensor([[0.0, 1.0], [2.0, 3.0]], dtype=torch.float64), turn=3)
RAISED = {"id": 7, "status": "raised", "type": "ValueError", "message": "no", "line": 3}


def trained(**changes: Any) -> dict[str, Any]:
    return {"id": 7, "status": "trained", "steps": 1000, "curve": [[20, 1.5], [40, 2]], **changes}


def acted(**changes: Any) -> dict[str, Any]:
    return {"id": 7, "status": "acted", "actions": [0, 1], **changes}


def test_a_training_is_asked_for_in_plain_data() -> None:
    header, payload = encode_training(TRAINING, 7)
    assert payload == b""
    assert json.loads(json.dumps(header)) == {
        "kind": "train", "id": 7, "function": "train", "environment": "CartPole-v1", "total_steps": 1000, "seed": 7,
        "default_dtype": "float32", "device": "cpu", "rng": 7,
    }  # fmt: skip


def test_observations_cross_in_float32_with_a_seed_for_each_turn() -> None:
    header, payload = encode_acting(ACTING, 7)
    observations = load(payload)["observations"]
    assert observations.dtype == torch.float32
    assert torch.equal(observations, ACTING.observations.float())
    assert encode_acting(ACTING, 7)[0] == header
    assert encode_acting(Acting("train", ACTING.observations, 4), 7)[0]["rng"] != header["rng"]


def test_a_well_built_reply_is_a_training() -> None:
    assert decode_training(trained(), TRAINING, 7) == Trained(1000, ((20, 1.5), (40, 2.0)))
    assert decode_training(trained(steps=0, curve=[]), TRAINING, 7) == Trained(0, ())


def test_well_built_actions_are_taken() -> None:
    found = decode_acting(acted(actions=[{"opaque": "float"}, 3]), ACTING, 7)
    assert found == Acted((Opaque("float"), 3))


def test_names_of_types_are_cut_short() -> None:
    found = decode_acting(acted(actions=[{"opaque": "x" * 10_000}, 0]), ACTING, 7)
    assert isinstance(found, Acted)
    assert isinstance(found.actions[0], Opaque)
    assert len(found.actions[0].type_name) <= 1000


def test_exceptions_are_told_of_either() -> None:
    expected = Raised("ValueError", "no", None, 3, None)
    assert decode_training(RAISED, TRAINING, 7) == decode_acting(RAISED, ACTING, 7) == expected


POINT = [20, 0.5]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 8},
        {"id": None},
        {"status": "acted"},
        {"status": "graded", "score": 12},
        {"steps": 1001},
        {"steps": -1},
        {"steps": True},
        {"steps": 3.0},
        {"steps": "3"},
        {"steps": None},
        {"curve": None},
        {"curve": {}},
        {"curve": [POINT] * (LONGEST_CURVE + 1)},
        {"curve": [[20]]},
        {"curve": [[20, 0.5, 1]]},
        {"curve": [20]},
        {"curve": ["ab"]},
        {"curve": [[1001, 0.5]]},
        {"curve": [[-1, 0.5]]},
        {"curve": [[20, "0.5"]]},
        {"curve": [[20, None]]},
        {"curve": [[20, True]]},
        {"curve": [[20, float("nan")]]},
        {"curve": [[20, float("inf")]]},
        {"curve": [[20, 10 * LARGEST_RETURN]]},
        {"curve": [[20, 10**400]]},
    ],
    ids=lambda changes: str(changes)[:60],
)
def test_a_training_told_otherwise_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedFrameError):
        decode_training(trained(**changes), TRAINING, 7)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 8},
        {"status": "trained"},
        {"status": "untrained"},
        {"actions": None},
        {"actions": [0]},
        {"actions": [0, 1, 0]},
        {"actions": "01"},
        {"actions": [0, -1]},
        {"actions": [0, True]},
        {"actions": [0, 1.0]},
        {"actions": [0, None]},
        {"actions": [0, {}]},
        {"actions": [0, {"opaque": 3}]},
        {"actions": [0, [1]]},
    ],
    ids=str,
)
def test_actions_told_otherwise_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedFrameError):
        decode_acting(acted(**changes), ACTING, 7)


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        ({"steps": 20, "mean": 0.5}, (20, 0.5)),
        ({"steps": 20, "mean": None}, (20, None)),
        ({"steps": 20}, (20, None)),
        ({"steps": 20, "mean": "much"}, (20, None)),
        ({"steps": 20, "mean": float("nan")}, (20, None)),
        ({"steps": 1001, "mean": 0.5}, None),
        ({"steps": True, "mean": 0.5}, None),
        ({"mean": 0.5}, None),
        ([20, 0.5], None),
        (None, None),
    ],
    ids=str,
)
def test_progress_is_heard_or_passed_over(told: Any, heard: tuple[int, float | None] | None) -> None:
    assert decode_progress({PROGRESS: told}, TRAINING) == heard


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = ["status", "steps", "curve", "actions", "opaque", PROGRESS, "type", "message", "path", "line"]
STATUSES = st.sampled_from(["trained", "acted", "raised", "untrained"])


@given(st.dictionaries(st.sampled_from(KEYS), JSON), STATUSES)
def test_arbitrary_replies_are_taken_or_refused(header: dict[str, Any], status: str) -> None:
    reply = {**header, "id": 7, "status": status}
    for decode, request in ((decode_training, TRAINING), (decode_acting, ACTING)):
        try:
            assert isinstance(decode(reply, request, 7), Trained | Acted | Raised)
        except MalformedFrameError:
            continue


@given(JSON)
def test_arbitrary_progress_is_heard_or_passed_over(told: Any) -> None:
    heard = decode_progress({PROGRESS: told}, TRAINING)
    assert heard is None or 0 <= heard[0] <= 1000
