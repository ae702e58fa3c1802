"""Agents: trained in the sandbox, and evaluated in environments of the grader's, which asks for actions alone."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from grader.checks.behaviour import Behaviour, Sign
from grader.checks.evaluation import SIZE, Course, Evaluation, Standing, trouble
from grader.checks.judge import outcome_of
from grader.model.case import seed_for
from grader.model.evidence import AgentEvaluated, Evidence
from grader.model.exchange import Answer, Request, Trained, Training
from grader.model.problem import Examination, Trial
from grader.model.verdict import Finding, Outcome

ATTEMPTS = 3
"""Trainings, from different seeds, before an agent fails: learning is left to chance as well."""

ASKED = 1000
"""Times that the policy of an agent which failed is asked about the same observation."""

OUTCOMES = {Standing.PASSED: Outcome.PASSED, Standing.FAILED: Outcome.FAILED, Standing.OPEN: Outcome.UNDECIDED}


@dataclass(frozen=True, slots=True)
class Trains:
    """The student's function trains an agent that earns enough."""

    name: str
    points: float
    course: Course
    signs: tuple[tuple[str, Sign], ...] = ()
    """Names of misconceptions, and how to tell each; the first that fits is named."""

    successes: int = 1
    """How many of ATTEMPTS agents have to earn enough: more than one where luck alone sometimes does."""

    requires: str | None = None

    @property
    def title(self) -> str:
        """The sentence a student reads."""
        return f"an agent trained in {self.course.environment} earns {self.course.target:g} or more on average"

    @property
    def is_costly(self) -> bool:
        """A training is not begun where an easier one has failed."""
        return True

    def examine(self, trial: Trial) -> Examination:
        """Train and evaluate, from one seed after another until it is clear how it ends; then tell why agents failed.

        An agent that took no steps has learned nothing, whatever it earns.
        """
        won = 0
        for attempt in range(1, ATTEMPTS + 1):
            seed = seed_for(trial.seed, trial.function, self.name, attempt)
            answer = yield Training(trial.function, self.course.environment, self.course.total_steps, seed)
            if not isinstance(answer, Trained):
                return _failed(trouble(answer, self.course))
            trained: Trained = answer
            episodes = seed_for(trial.seed, trial.function, self.name, attempt, "evaluation")  # no guess from `seed`
            evaluation = Evaluation(trial.function, self.course, seed, episodes)
            failure = yield from evaluation.play()
            if failure is not None:
                return _failed(failure)
            standing = evaluation.standing if trained.steps else Standing.FAILED
            won += standing is Standing.PASSED
            hopeless = won + ATTEMPTS - attempt < self.successes or not trained.steps
            if standing is Standing.OPEN or won == self.successes or hopeless:
                break
        evidence = self._evidence(trained, evaluation, attempt)
        named = (yield from self._named(trained, evaluation)) if standing is Standing.FAILED else None
        return Finding(OUTCOMES[standing], evidence, named=named)

    def _named(self, trained: Trained, evaluation: Evaluation) -> Generator[Request, Answer, str | None]:
        """The misconception whose signs the agent shows, when it is asked often enough to see how it decides."""
        probes = []
        for observation in evaluation.seen:
            actions = yield from evaluation.ask(np.stack([observation] * ASKED))
            if not isinstance(actions, list):
                return None
            probes.append(Counter(actions))
        behaviour = Behaviour(trained, self.course, tuple(evaluation.returns), evaluation.actions, tuple(probes))
        return next((name for name, is_shown in self.signs if is_shown(behaviour)), None)

    def _evidence(self, trained: Trained, evaluation: Evaluation, attempts: int) -> AgentEvaluated:
        return AgentEvaluated(
            self.course.setting(),
            len(evaluation.returns),
            statistics.fmean(evaluation.returns),
            self.course.target,
            self.course.floor,
            SIZE,
            attempts,
            trained.steps,
            trained.curve,
        )


def _failed(evidence: Evidence) -> Finding:
    return Finding(outcome_of(evidence), evidence)
