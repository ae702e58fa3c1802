"""Trained agents: played with until it is known whether they earn enough, trained again if not, and told why.

The agents are scripted: they see through the disguise, and go to the far door of the corridor with some probability.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks import training
from grader.checks.behaviour import Behaviour
from grader.checks.evaluation import KEPT, ROUNDS, SIZE, Course, Evaluation, Standing
from grader.checks.training import ASKED, ATTEMPTS, Trains
from grader.environments import corridor
from grader.environments.corridor import CELLS, expected_return
from grader.environments.disguise import disguised
from grader.grading import grade, run_examination
from grader.model.case import seed_for
from grader.model.evidence import (
    AgentEvaluated,
    AnswerUnusable,
    CallStopped,
    ExceptionRaised,
    TypeMismatch,
)
from grader.model.exchange import (
    Acted,
    Acting,
    Opaque,
    Raised,
    Stopped,
    StopReason,
    Trained,
    Training,
    Unusable,
)
from grader.model.problem import Trial
from grader.model.trainings import TrainingSignature
from grader.model.verdict import Outcome

ENTRY = load(bundled().choose(("train",))[0])
CORRIDOR = Course(corridor.ID, total_steps=4_000, target=0.8, floor=0.65, lowest=0.0, highest=1.0, chance=0.46)
SIGNS = ENTRY.problem.checks[0].signs
CHECK = Trains("corridor", 6, CORRIDOR, SIGNS)
LEARNED = ((1000, 0.5), (2000, 0.7), (3000, 0.9))
"""The learning curve of an agent that improved."""

FLAT = tuple((600 * k, 0.45 + 0.01 * (k % 2)) for k in range(1, 7))
"""That of one that never did."""

FALLEN = ((1000, 0.5), (2000, 0.2), (3000, 0.1))


def earns(rightwards: float) -> float:
    """The expected return of an agent that goes right with this probability."""
    return expected_return(np.tile([1 - rightwards, rightwards], (CELLS, 1)))


class Scripted:
    """Answers trainings with agents of these strengths, one after the other, and remembers what was asked."""

    def __init__(self, *rightwards: float, steps: int = 4_000, curve=LEARNED) -> None:
        self._rightwards = list(rightwards)
        self._trained = Trained(steps, curve)
        self._rng = np.random.default_rng(3)
        self.trainings: list[Training] = []
        self.turns: list[int] = []

    def __call__(self, request):
        if isinstance(request, Training):
            self.trainings.append(request)
            self.turns.append(0)
            return self._trained
        assert isinstance(request, Acting)
        self.turns[-1] += 1
        assert request.turn == self.turns[-1]
        return Acted(tuple(self.act(seen) for seen in request.observations.numpy()))

    def act(self, seen: np.ndarray) -> int:
        """The number that one of the two directions has in this cell, and in the disguise of the latest training."""
        env = disguised(corridor.ID, self.trainings[-1].seed)
        cell = env._order[np.abs(seen).argmax()]
        goes_right = self._rng.random() < self._rightwards[len(self.trainings) - 1]
        return int(np.flatnonzero(env._actions == (goes_right ^ (cell % 2)))[0])


def examined(ask, check=CHECK, seed=1):
    trial = Trial("train", TrainingSignature(), lambda: None, (), (), seed)
    return run_examination(check.examine(trial), ask)


@pytest.mark.parametrize("seed", range(5))
def test_a_good_agent_passes_after_few_episodes(seed):
    agent = Scripted(1.0)
    finding = examined(agent, seed=seed)
    assert finding.outcome is Outcome.PASSED
    assert isinstance(finding.evidence, AgentEvaluated)
    assert finding.evidence.episodes <= sum(ROUNDS[:3])
    assert finding.evidence.attempts == len(agent.trainings) == 1
    assert finding.evidence.mean_return > 0.9
    assert (finding.evidence.steps, finding.evidence.curve) == (4_000, LEARNED)
    assert finding.evidence.size == SIZE


@pytest.mark.parametrize("seed", range(5))
def test_a_bad_agent_fails_after_three_trainings_from_different_seeds(seed):
    agent = Scripted(0.3, 0.3, 0.3)
    finding = examined(agent, seed=seed)
    assert finding.outcome is Outcome.FAILED
    assert finding.evidence.attempts == ATTEMPTS
    assert len({training.seed for training in agent.trainings}) == ATTEMPTS
    assert finding.evidence.mean_return < 0.6


def test_trainings_are_what_the_course_says():
    agent = Scripted(1.0)
    examined(agent)
    (training,) = agent.trainings
    assert (training.function, training.environment, training.total_steps) == ("train", corridor.ID, 4_000)


def test_the_same_seed_asks_the_same_and_another_one_something_else():
    first, again, other = Scripted(1.0), Scripted(1.0), Scripted(1.0)
    findings = [examined(first), examined(again), examined(other, seed=2)]
    assert first.trainings == again.trainings != other.trainings
    assert findings[0] == findings[1] != findings[2]


def test_an_agent_that_learns_at_the_second_attempt_passes():
    agent = Scripted(0.3, 1.0)
    finding = examined(agent)
    assert finding.outcome is Outcome.PASSED
    assert finding.evidence.attempts == 2
    assert finding.named is None


def test_an_agent_in_between_is_left_undecided_and_costs_nothing():
    rightwards = 0.7
    course = replace(CORRIDOR, target=earns(rightwards) + 0.015, floor=earns(rightwards) - 0.015)
    agent = Scripted(rightwards, curve=FLAT)
    finding = examined(agent, Trains("corridor", 6, course, SIGNS))
    assert finding.outcome is Outcome.UNDECIDED
    assert finding.evidence.episodes == sum(ROUNDS)
    assert len(agent.trainings) == 1
    assert finding.named is None

    problem = replace(ENTRY.problem, checks=(Trains("corridor", 6, course, SIGNS),))
    report = grade(replace(ENTRY, problem=problem), Scripted(rightwards), 1)
    assert report.score == report.max_score == 6


@pytest.mark.parametrize("seed", range(5))
def test_an_agent_that_earns_the_target_passes(seed):
    rightwards = next(p for p in np.linspace(0.5, 1, 101) if earns(p) >= CORRIDOR.target)
    assert examined(Scripted(*[rightwards] * ATTEMPTS), seed=seed).outcome is Outcome.PASSED


@pytest.mark.parametrize("seed", range(5))
def test_an_agent_that_earns_no_more_than_the_floor_fails(seed):
    rightwards = max(p for p in np.linspace(0.5, 1, 101) if earns(p) <= CORRIDOR.floor)
    assert examined(Scripted(*[rightwards] * ATTEMPTS), seed=seed).outcome is Outcome.FAILED


def evaluation() -> Evaluation:
    return Evaluation("train", CORRIDOR, disguise=1, seed=2)


def asking(agent: Scripted):
    """Asks an agent outside of a training of its own."""
    agent.trainings.append(Training("train", corridor.ID, 4_000, 1))
    return lambda request: Acted(tuple(agent.act(seen) for seen in request.observations.numpy()))


def test_a_round_is_settled_when_all_its_episodes_are_over():
    ask, playing = asking(Scripted(0.5)), evaluation()
    played = playing.play()
    request, sizes = next(played), []
    while not playing.returns:
        sizes.append(len(request.observations))
        assert playing.standing is Standing.OPEN
        request = played.send(ask(request))
    assert len(playing.returns) == sizes[0] == ROUNDS[0]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < ROUNDS[0]


def test_short_episodes_count_no_more_than_long_ones():
    """The near door is reached first, and earns 0.2: whoever counts only what is over by then finds too little."""
    course = replace(CORRIDOR, target=0.99, floor=0.01)
    ask, earned = asking(Scripted(0.5)), []
    for seed in range(40):
        playing = Evaluation("train", course, disguise=1, seed=seed)
        run_examination(playing.play(), ask)
        earned += playing.returns[: ROUNDS[0]]
    assert np.mean(earned) == pytest.approx(earns(0.5), abs=0.05)


def test_episodes_of_an_evaluation_differ_and_are_the_same_again():
    returns = []
    for _ in range(2):
        playing = evaluation()
        run_examination(playing.play(), asking(Scripted(0.5)))
        returns.append(playing.returns)
    assert returns[0] == returns[1]
    assert len(set(returns[0])) > 1


def trained_and(answer):
    """Trains, and gives this answer whenever it is asked for actions."""

    def ask(request):
        if isinstance(request, Training):
            return Trained(4_000, LEARNED)
        return answer(len(request.observations))

    return ask


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (Opaque("float"), "float"),
        (Opaque("a negative number"), "a negative number"),
        (2, "a number, 2"),
        (10**9, "a number, 1000000000"),
    ],
)
def test_what_is_no_action_fails_and_is_told(action, told):
    finding = examined(trained_and(lambda n: Acted((0,) * (n - 1) + (action,))))
    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, TypeMismatch)
    assert finding.evidence.got == told
    assert finding.evidence.expected == "the number of an action, from 0 to 1"


GAVE_UP = [
    (Raised("ValueError", "no", "answers.py", 3, "raise ValueError"), ExceptionRaised),
    (Stopped(StopReason.CPU, "60 s"), CallStopped),
    (Unusable("it is malformed"), AnswerUnusable),
]
KINDS = pytest.mark.parametrize(("answer", "evidence"), GAVE_UP, ids=["raised", "stopped", "unusable"])


@KINDS
def test_a_training_that_leads_to_no_policy_is_a_submission_error(answer, evidence):
    asked = []
    finding = examined(lambda request: asked.append(request) or answer)
    assert finding.outcome is Outcome.SUBMISSION_ERROR
    assert isinstance(finding.evidence, evidence)
    assert len(asked) == 1


@KINDS
def test_a_policy_that_gives_up_is_a_submission_error(answer, evidence):
    finding = examined(trained_and(lambda n: answer))
    assert finding.outcome is Outcome.SUBMISSION_ERROR
    assert isinstance(finding.evidence, evidence)


@pytest.mark.parametrize("answer", [answer for answer, _ in GAVE_UP], ids=["raised", "stopped", "unusable"])
def test_a_policy_that_gives_up_when_it_is_asked_again_is_graded_all_the_same(answer):
    agent = Scripted(0.3, 0.3, 0.3)

    def ask(request):
        asked_again = isinstance(request, Acting) and len(request.observations) == ASKED
        return answer if asked_again else agent(request)

    finding = examined(ask)
    assert finding.outcome is Outcome.FAILED
    assert finding.named is None


def named(agent: Scripted) -> str | None:
    return examined(agent).named


@pytest.mark.parametrize("seed", range(5))
def test_an_agent_that_always_does_the_same_fails_and_is_told_so(seed):
    finding = examined(trained_and(lambda n: Acted((1,) * n)), seed=seed)
    assert finding.outcome is Outcome.FAILED
    assert finding.named == "constant_action"


def test_an_agent_that_acts_at_random_is_told_so():
    assert named(Scripted(0.5, 0.5, 0.5)) == "random_policy"


def test_an_agent_that_took_no_steps_is_told_so_after_one_attempt():
    agent = Scripted(0.3, steps=0, curve=())
    finding = examined(agent)
    assert finding.outcome is Outcome.FAILED
    assert finding.named == "untrained_network"
    assert len(agent.trainings) == finding.evidence.attempts == 1


def test_an_agent_that_took_no_steps_has_learned_nothing_whatever_it_earns():
    finding = examined(Scripted(1.0, steps=0, curve=()))
    assert finding.outcome is Outcome.FAILED
    assert finding.named == "untrained_network"


@pytest.mark.parametrize(
    ("rightwards", "outcome", "trainings"),
    [
        ((1.0, 1.0), Outcome.PASSED, 2),
        ((1.0, 0.3, 1.0), Outcome.PASSED, 3),
        ((0.3, 1.0, 1.0), Outcome.PASSED, 3),
        ((0.3, 0.3), Outcome.FAILED, 2),
        ((1.0, 0.3, 0.3), Outcome.FAILED, 3),
    ],
)
def test_where_two_successes_are_asked_for_one_is_luck(rightwards, outcome, trainings):
    agent = Scripted(*rightwards)
    assert examined(agent, Trains("corridor", 6, CORRIDOR, SIGNS, successes=2)).outcome is outcome
    assert len(agent.trainings) == trainings


@pytest.mark.parametrize(
    ("rightwards", "curve", "told"),
    [(0.05, FALLEN, "descends"), (0.05, FLAT, "never_updates"), (0.05, (), None), (0.6, LEARNED, None)],
)
def test_an_agent_is_told_why_it_earns_little_if_its_training_shows_that(rightwards, curve, told):
    assert named(Scripted(*[rightwards] * ATTEMPTS, curve=curve)) == told


def test_signs_are_looked_for_in_their_order():
    turned = Trains("corridor", 6, CORRIDOR, tuple(reversed(SIGNS)))
    assert examined(Scripted(0.0, steps=0, curve=())).named == "untrained_network"
    assert examined(Scripted(0.0, steps=0, curve=FALLEN[1:]), turned).named == "descends"


def behaviour(**changes) -> Behaviour:
    """Of an agent that shows no sign."""
    seen = Counter({0: 800, 1: 200})
    usual = {"returns": (0.7,) * 16, "actions": Counter({0: 60, 1: 40}), "probes": (seen,) * KEPT}
    return Behaviour(**({"trained": Trained(4_000, LEARNED), "course": CORRIDOR, **usual} | changes))


def signs(seen: Behaviour) -> list[str]:
    return [name for name, is_shown in SIGNS if is_shown(seen)]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, []),
        ({"actions": Counter({1: 100})}, ["constant_action"]),
        ({"probes": (Counter({0: 520, 1: 480}),) * KEPT}, ["random_policy"]),
        ({"probes": (Counter({0: 520, 1: 480}),) * (KEPT - 1) + (Counter({0: 600, 1: 400}),)}, []),
        ({"trained": Trained(0, ())}, ["untrained_network"]),
        ({"returns": (0.2,) * 16}, []),
        ({"returns": (0.2,) * 16, "trained": Trained(4_000, FALLEN[1:])}, ["descends"]),
        ({"trained": Trained(4_000, ((1, 0.46), (2, 0.5), (3, 0.47)))}, ["never_updates"]),
        ({"trained": Trained(4_000, ((1, 0.46), (2, 0.47)))}, []),
    ],
    ids=["none", "same", "random", "random but once", "no steps", "unlucky", "worse", "flat", "too short a curve"],
)
def test_every_sign_is_shown_by_itself(changes, shown):
    assert signs(behaviour(**changes)) == shown


def test_an_agent_that_failed_is_asked_often_about_what_it_saw():
    agent = Scripted(0.3, 0.3, 0.3)
    sizes = []
    examined(
        lambda request: (isinstance(request, Acting) and sizes.append(len(request.observations))) or agent(request)
    )
    assert sizes.count(ASKED) == KEPT


def test_a_second_training_is_not_begun_where_the_first_course_failed():
    agent = Scripted(0.3, 0.3, 0.3)
    report = grade(ENTRY, agent, 1)
    assert {training.environment for training in agent.trainings} == {corridor.ID}
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.FAILED, Outcome.BLOCKED]
    assert report.score == 0


def test_no_training_is_begun_where_the_first_one_raised():
    asked = []
    report = grade(ENTRY, lambda request: asked.append(request) or Raised("ValueError", "no"), 1)
    assert [request.environment for request in asked] == [corridor.ID]
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.SUBMISSION_ERROR, Outcome.BLOCKED]


def test_every_seed_comes_from_one_that_the_sandbox_is_never_told(monkeypatch):
    made = []
    monkeypatch.setattr(training, "seed_for", lambda *parts: made.append(parts) or seed_for(*parts))
    agent = Scripted(0.3, 0.3, 0.3)
    examined(agent, seed=12345)
    assert {parts[0] for parts in made} == {12345}
    assert len(set(made)) == 2 * ATTEMPTS
