"""Trainings through the real sandbox: a function trains an agent there, and its policy is asked for actions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grader.catalog.find import bundled
from grader.checks import training as checks_training
from grader.environments import corridor
from grader.intake import read_submission
from grader.intake.names import find_answers
from grader.marking import mark
from grader.model.case import seed_for
from grader.model.exchange import Acted, Acting, Opaque, Raised, Stopped, StopReason, Trained, Training, Unusable
from grader.model.verdict import Outcome, ProblemReport
from grader.run.runner import Runner
from grader.run.zygote import Slot
from grader.symbolic.judge import judge
from tests.run.submissions import Grade

STEPS = 100
TRAINING = Training("train", corridor.ID, STEPS, seed=5)
ONE_HOT = torch.eye(6)

TRAIN = """
import os, sys, json, random, struct, time
import numpy as np
import torch

def train(make_env, total_steps, seed):
    env = make_env()
    obs, _ = env.reset(seed=seed)
    for t in range({steps}):
        obs, reward, terminated, truncated, _ = env.step(t % 2)
        if terminated or truncated:
            obs, _ = env.reset()
{body}
"""


def train(body: str, steps: str = "total_steps") -> str:
    """A function that uses up its steps, and ends with these statements."""
    return TRAIN.format(steps=steps, body="\n".join(f"    {line}" for line in body.splitlines()))


def policy(action: str) -> str:
    """A training that gives a policy which returns this expression of `obs`."""
    return train(f"return lambda obs: {action}")


Run = Callable[[Slot, str], Runner]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A runner for one source text."""

    def made(slot: Slot, source: str) -> Runner:
        (tmp_path / "answers.py").write_text(source, encoding="utf-8")
        submission = read_submission(tmp_path)
        runner = Runner(slot, submission, dict(find_answers(submission, ["train"]).found))
        runner.load()
        return runner

    return made


@pytest.fixture
def hurrying(monkeypatch: pytest.MonkeyPatch) -> Callable[[Slot], Slot]:
    """Makes a slot give a training 3 s."""

    def made(slot: Slot) -> Slot:
        monkeypatch.setattr(slot, "limits", replace(slot.limits, training_seconds=3.0))
        return slot

    return made


def unwatched(training: Training, steps: int, mean: float | None) -> None:
    pass


def asked(runner: Runner, observations: torch.Tensor = ONE_HOT, turn: int = 1):
    """What the policy does, after a training that led to one."""
    assert isinstance(runner.train(TRAINING, unwatched), Trained)
    return runner.act(Acting("train", observations, turn))


def test_a_trained_policy_answers_one_observation_after_the_other(any_slot: Slot, run: Run) -> None:
    runner = run(any_slot, policy("int(obs.argmax() % 2)"))
    trained = runner.train(TRAINING, unwatched)
    assert isinstance(trained, Trained)
    assert trained.steps == STEPS
    assert trained.curve
    assert all(0 <= mean <= 1 for _, mean in trained.curve)
    assert runner.act(Acting("train", ONE_HOT, 1)) == Acted((0, 1, 0, 1, 0, 1))
    assert runner.act(Acting("train", ONE_HOT[[3, 2]], 2)) == Acted((1, 0))
    runner.end()


def test_the_policy_is_the_one_that_was_trained_last(sandlock: Slot, run: Run) -> None:
    source = train("global runs\nruns += 1\nnow = runs\nreturn lambda obs: now") + "\nruns = -1\n"
    runner = run(sandlock, source)
    assert asked(runner, ONE_HOT[:1]) == Acted((0,))
    assert asked(runner, ONE_HOT[:1]) == Acted((1,))


@pytest.mark.parametrize(
    ("action", "crosses_as"),
    [
        ("1", 1),
        ("True", 1),
        ("np.int64(1)", 1),
        ("np.array([1])", 1),
        ("torch.tensor(1)", 1),
        ("torch.tensor([[1]])", 1),
        ("torch.ones(1, dtype=torch.int64, requires_grad=False)", 1),
        ("7", 7),
        ("1.0", Opaque("float")),
        ("np.float32(1)", Opaque("float")),
        ("torch.tensor(1.0)", Opaque("float")),
        ("torch.zeros(2)", Opaque("Tensor")),
        ("-1", Opaque("a negative number")),
        ("torch.tensor(-1)", Opaque("a negative number")),
        ("1 << 70", Opaque("a number that is too large")),
        ("None", Opaque("NoneType")),
        ("obs", Opaque("ndarray")),
    ],
)
def test_what_a_policy_returns_is_an_action_or_named(action: str, crosses_as, sandlock: Slot, run: Run) -> None:
    assert asked(run(sandlock, policy(action)), ONE_HOT[:1]) == Acted((crosses_as,))


def test_a_policy_gets_arrays_of_its_own(sandlock: Slot, run: Run) -> None:
    clears = "(obs.__setitem__(0, 1 - obs[0]), int(obs.dtype == np.float32 and obs.shape == (6,)))[1]"
    assert asked(run(sandlock, policy(clears))) == Acted((1,) * 6)


def test_a_policy_that_draws_draws_anew_each_turn_and_the_same_again(sandlock: Slot, run: Run) -> None:
    runner = run(sandlock, policy("int(torch.randint(1000, ())) + random.randrange(1000) + np.random.randint(1000)"))
    first = asked(runner, turn=1)
    second = runner.act(Acting("train", ONE_HOT, 2))
    assert first != second
    assert asked(runner, turn=1) == first


def test_gradients_are_on_while_it_trains_and_can_be_used(sandlock: Slot, run: Run) -> None:
    body = """w = torch.zeros(6, 2, requires_grad=True)
optimizer = torch.optim.Adam([w])
(torch.as_tensor(obs) @ w).sum().backward()
optimizer.step()
return lambda seen: (torch.as_tensor(seen) @ w).argmax()"""
    assert isinstance(asked(run(sandlock, train(body))), Acted)


def raised(runner: Runner) -> Raised:
    outcome = runner.train(TRAINING, unwatched)
    assert isinstance(outcome, Raised)
    return outcome


def test_one_step_too_many_is_told_with_the_line_of_the_student(any_slot: Slot, run: Run) -> None:
    error = raised(run(any_slot, train("return None", steps="total_steps + 1")))
    assert error.type_name == "StepLimitError"
    assert f"all {STEPS} steps of total_steps have been taken" in error.message
    assert error.path == "answers.py"
    assert error.code == "obs, reward, terminated, truncated, _ = env.step(t % 2)"


@pytest.mark.parametrize("returned", ["None", "3", "torch.zeros(2)", "env"])
def test_a_training_that_gives_no_function_is_told(returned: str, sandlock: Slot, run: Run) -> None:
    error = raised(run(sandlock, train(f"return {returned}")))
    assert error.type_name == "TypeError"
    assert "has to return the policy, a function" in error.message


def test_a_policy_may_be_a_module_or_a_method(sandlock: Slot, run: Run) -> None:
    source = train("return Greedy()") + (
        "\nclass Greedy(torch.nn.Module):\n    def forward(self, obs):\n        return torch.tensor(1)\n"
    )
    assert asked(run(sandlock, source), ONE_HOT[:1]) == Acted((1,))


def test_a_policy_that_raises_is_told_with_its_line(sandlock: Slot, run: Run) -> None:
    outcome = asked(run(sandlock, train("def policy(obs):\n    return {}['action']\nreturn policy")))
    assert isinstance(outcome, Raised)
    assert (outcome.type_name, outcome.code) == ("KeyError", "return {}['action']")


def stopped_after(seconds: int) -> tuple[Stopped, Stopped]:
    """Of CPU time, or of twice the wall time on a machine that is busy."""
    return Stopped(StopReason.CPU, f"{seconds} s"), Stopped(StopReason.WALL, f"{2 * seconds} s")


def test_training_beyond_its_time_is_stopped_and_the_time_is_told(any_slot: Slot, run: Run, hurrying) -> None:
    outcome = run(hurrying(any_slot), train("while True: pass")).train(TRAINING, unwatched)
    assert outcome in stopped_after(3)


def test_a_policy_has_the_time_of_a_call(sandlock: Slot, run: Run) -> None:
    outcome = asked(run(sandlock, train("def policy(obs):\n    while True: pass\nreturn policy")))
    assert outcome in stopped_after(2)


def test_a_training_may_take_longer_than_a_call(sandlock: Slot, run: Run) -> None:
    busy = "end = time.process_time() + 2.3\nwhile time.process_time() < end: pass\nreturn lambda obs: 0"
    assert isinstance(asked(run(sandlock, train(busy))), Acted)


def test_a_watcher_hears_how_it_goes(any_slot: Slot, run: Run) -> None:
    heard: list[tuple[int, float | None]] = []

    def watch(training: Training, steps: int, mean: float | None) -> None:
        assert training is TRAINING
        heard.append((steps, mean))

    trained = run(any_slot, policy("0")).train(TRAINING, watch)
    assert isinstance(trained, Trained)
    assert [steps for steps, _ in heard] == list(range(2, STEPS + 1, 2))
    assert tuple((steps, mean) for steps, mean in heard if mean is not None) == trained.curve


def test_a_policy_does_not_outlive_its_process(any_slot: Slot, run: Run) -> None:
    runner = run(any_slot, policy("0"))
    assert isinstance(runner.train(TRAINING, unwatched), Trained)
    runner.end()
    outcome = runner.act(Acting("train", ONE_HOT, 1))
    assert isinstance(outcome, Unusable)
    assert outcome.reason == "the process that held the policy has ended"


def test_after_a_training_that_failed_there_is_no_policy(sandlock: Slot, run: Run) -> None:
    source = train("global runs\nruns += 1\nif runs: raise ValueError\nreturn lambda obs: 0") + "\nruns = -1\n"
    runner = run(sandlock, source)
    assert isinstance(asked(runner), Acted)
    assert isinstance(runner.train(TRAINING, unwatched), Raised)
    assert isinstance(runner.act(Acting("train", ONE_HOT, 1)), Unusable)


FORGE = """
def send(header, payload=b""):
    text = json.dumps(header).encode()
    data = struct.pack(">IQ", len(text), len(payload)) + text + payload
    while data:
        data = data[os.write(3, data):]

ANSWER = {"id": 4, "status": "trained", "steps": 1, "curve": []}
"""
"""Writes frames as the grader's own code in there does; 4 is the number of the first question after loading."""

HOSTILE = {
    "progress without end": "while True: send({'progress': {'steps': 1, 'mean': 0.5}})",
    "progress of great size": "send({'progress': {'steps': 1, 'mean': 'x' * (1 << 24)}})",
    "progress that is none": "for told in (None, 3, [], {'steps': -1}, {'steps': 10**30}, {'steps': True}, "
    "{'steps': 1, 'mean': {}}): send({'progress': told})",
    "garbage": "os.write(3, b'\\xff' * 100_000)",
    "an answer to another question": "send({'id': 99, 'status': 'trained', 'steps': 1, 'curve': []})",
    "an answer that is a list": "send(['progress'])",
    "too many steps": "send({**ANSWER, 'steps': 1_000_000})",
    "a curve without end": "send({**ANSWER, 'curve': [[1, 0.5]] * 10_000})",
    "a curve of texts": "send({**ANSWER, 'curve': [['1', '0.5']]})",
    "a curve of huge numbers": "send({**ANSWER, 'curve': [[1, 10**400]]})",
    "half an answer": "os.write(3, b'\\0\\0\\0')\ntime.sleep(100)",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_forged_frames_end_the_training_and_nothing_else(what: str, sandlock: Slot, run: Run, hurrying) -> None:
    source = train(f"{HOSTILE[what]}\nreturn lambda obs: 0", steps="0") + FORGE
    runner = run(hurrying(sandlock), source)
    outcome = runner.train(TRAINING, unwatched)
    assert isinstance(outcome, Unusable | Stopped | Trained)
    assert isinstance(outcome, Trained) == (what == "progress that is none")
    other = run(sandlock, policy("1"))
    assert asked(other, ONE_HOT[:1]) == Acted((1,))


def test_a_forged_answer_earns_nothing(sandlock: Slot, grade: Grade) -> None:
    body = "for number in range(30): send({'id': number, 'status': 'trained', 'steps': 1, 'curve': []})"
    source = train(f"{body}\nreturn lambda obs: 0", steps="0") + FORGE
    (problem,) = grade(sandlock, source, "train").problems
    assert problem.score == 0
    assert Outcome.GRADER_ERROR not in {verdict.outcome for verdict in problem.verdicts}


def test_a_watcher_of_a_flood_hears_a_bounded_number_of_reports(sandlock: Slot, run: Run) -> None:
    heard: list[int] = []
    source = train(HOSTILE["progress without end"], steps="0") + FORGE
    outcome = run(sandlock, source).train(TRAINING, lambda training, steps, mean: heard.append(steps))
    assert isinstance(outcome, Unusable)
    assert 0 < len(heard) <= 200


REACHABLE = """
found, seen, waiting = set(), set(), [env]
while waiting:
    each = waiting.pop()
    if id(each) in seen: continue
    seen.add(id(each))
    if isinstance(each, (int, np.integer)) and not isinstance(each, bool): found.add(int(each))
    elif isinstance(each, (str, float, type(None), type, np.ndarray)) or callable(each): continue
    elif isinstance(each, dict): waiting += [*each.keys(), *each.values()]
    elif isinstance(each, (list, tuple, set)): waiting += list(each)
    elif hasattr(each, '__dict__'): waiting += list(vars(each).values())
print(json.dumps(sorted(found)))
"""


def test_an_environment_holds_the_seed_of_its_training_and_no_other(
    sandlock: Slot, grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[int, bool] = {}

    def noted(*parts: object) -> int:
        seed = seed_for(*parts)
        made[seed] = "evaluation" in parts
        return seed

    monkeypatch.setattr(checks_training, "seed_for", noted)
    (problem,) = grade(sandlock, train(f"{REACHABLE.strip()}\nreturn lambda obs: 0"), "train", seed=987654321).problems
    numbers = {number for line in problem.output.splitlines() for number in json.loads(line)}
    assert {seed for seed, of_an_evaluation in made.items() if of_an_evaluation}.isdisjoint(numbers)
    assert {seed for seed, of_an_evaluation in made.items() if not of_an_evaluation} <= numbers
    assert 987654321 not in numbers


def test_a_bad_agent_is_told_what_it_earned(sandlock: Slot, grade: Grade) -> None:
    (problem,) = grade(sandlock, policy("0"), "train").problems
    corridor_verdict, cartpole = problem.verdicts
    assert corridor_verdict.outcome is Outcome.FAILED
    assert corridor_verdict.misconception == "constant_action"
    assert "it was trained 2 times, from other seeds" in corridor_verdict.message
    assert cartpole.outcome is Outcome.BLOCKED


def test_a_training_that_takes_too_long_is_told_in_words(sandlock: Slot, grade: Grade, hurrying) -> None:
    (problem,) = grade(hurrying(sandlock), train("while True: pass"), "train").problems
    message = problem.verdicts[0].message
    assert "took longer than 3 s" in message or "did not return within 6 s" in message
    assert problem.verdicts[1].outcome is Outcome.BLOCKED


def test_what_a_training_prints_is_kept(sandlock: Slot, grade: Grade) -> None:
    (problem,) = grade(sandlock, train("print('learning')\nreturn lambda obs: None"), "train").problems
    assert "learning" in problem.output


def test_a_whole_grading_tells_how_its_trainings_go(sandlock: Slot, tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []

    class Told:
        def problem_started(self, problem_id: str, index: int, total: int) -> None:
            pass

        def agent_trained(self, training: Training, steps: int, mean_return: float | None) -> None:
            told.append((training.environment, steps))

        def problem_finished(self, report: ProblemReport) -> None:
            pass

    (tmp_path / "answers.py").write_text(policy("0"), encoding="utf-8")
    mark(
        read_submission(tmp_path), bundled().choose(("train",)), sandlock, seed=1, device="cpu", notices=(),
        progress=Told(), prove=judge,
    )  # fmt: skip
    assert told == [(corridor.ID, steps) for _ in range(2) for steps in range(80, 4001, 80)]
