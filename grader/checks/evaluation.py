"""Plays episodes with an agent in environments of the grader's, until it is known whether it earns enough.

There are two hypotheses: that the agent's mean return is no more than `floor`, and that it is `target` or more.
Whichever is rejected first decides; either is rejected wrongly with a chance of SIZE at most. An agent that earns
something between the two may be left open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum

import gymnasium
import numpy as np
import torch

from grader.compare.betting import Bet
from grader.environments.disguise import disguised
from grader.model.case import seed_for
from grader.model.evidence import (
    AnswerUnusable,
    CallStopped,
    Evidence,
    ExceptionRaised,
    Setting,
    TypeMismatch,
)
from grader.model.exchange import Acted, Acting, Answer, Opaque, Raised, Request, Stopped, Trained, Unusable

SIZE = 1e-6
"""Chance that an agent which earns the target fails, and that one which earns the floor passes."""

ROUNDS = (16, 32, 64, 128, 256, 512)
"""Episodes that are played side by side; the bets are settled when all of a round are over, so that short episodes
come no sooner than long ones."""

KEPT = 6
"""Observations that are kept, to ask the policy about them again."""

Asked = Generator[Request, Answer, list[int] | Evidence]
Played = Generator[Request, Answer, Evidence | None]


class Standing(Enum):
    """What an evaluation says."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Course:
    """An environment, and what is asked of an agent in it."""

    environment: str
    total_steps: int
    """That an agent may be trained with."""

    target: float
    """The mean return that is asked for."""

    floor: float
    lowest: float
    """The least that an episode can earn."""

    highest: float
    chance: float
    """The mean return of an agent that acts at random."""

    def share(self, earned: float) -> float:
        """A return on the scale from 0, the least there is, to 1."""
        return min(max((earned - self.lowest) / (self.highest - self.lowest), 0.0), 1.0)

    def setting(self) -> Setting:
        """What evidence says about it."""
        return Setting(self.environment, "float32", {"total_steps": self.total_steps})

    def number_of_actions(self) -> int:
        """How many actions there are."""
        space = disguised(self.environment, 0).action_space
        assert isinstance(space, gymnasium.spaces.Discrete)
        return int(space.n)


class Evaluation:
    """One agent's episodes."""

    def __init__(self, function: str, course: Course, disguise: int, seed: int) -> None:
        """`disguise` is the one that the agent was trained in; `seed` decides on the course of the episodes."""
        self._function = function
        self._course = course
        self._disguise = disguise
        self._seed = seed
        self._actions = course.number_of_actions()
        self._turn = 0
        self.standing = Standing.OPEN
        self.returns: list[float] = []
        self.actions: Counter[int] = Counter()
        self.seen: list[np.ndarray] = []
        """Some of the observations that came up."""

    def play(self) -> Played:
        """Round after round, until one of the hypotheses is rejected; evidence where the policy gave up."""
        course = self._course
        too_little, enough = Bet(course.share(course.floor)), Bet(1 - course.share(course.target))
        for episodes in ROUNDS:
            first = len(self.returns)
            failure = yield from self._play_round(first, episodes)
            if failure is not None:
                return failure
            for earned in self.returns[first:]:
                too_little.see(course.share(earned))
                enough.see(1 - course.share(earned))
            if too_little.is_won(SIZE):
                self.standing = Standing.PASSED
                break
            if enough.is_won(SIZE):
                self.standing = Standing.FAILED
                break
        return None

    def _play_round(self, first: int, episodes: int) -> Played:
        """Every episode in an environment of its own."""
        environments = [disguised(self._course.environment, self._disguise) for _ in range(episodes)]
        observed = [env.reset(seed=seed_for(self._seed, first + k))[0] for k, env in enumerate(environments)]
        returns = [0.0] * episodes
        running = list(range(episodes))
        while running:
            actions = yield from self.ask(np.stack([observed[k] for k in running]))
            if not isinstance(actions, list):
                return actions
            self.actions.update(actions)
            if len(self.seen) < KEPT:
                self.seen.append(observed[running[-1]])
            still = []
            for k, action in zip(running, actions, strict=True):
                observed[k], reward, terminated, truncated, _ = environments[k].step(np.int64(action))
                returns[k] += reward
                if not (terminated or truncated):
                    still.append(k)
            running = still
        self.returns += returns
        return None

    def ask(self, observations: np.ndarray) -> Asked:
        """The policy's actions at observations `(N, features)`; evidence where one of them is none."""
        self._turn += 1
        answer = yield Acting(self._function, torch.from_numpy(observations), self._turn)
        if not isinstance(answer, Acted):
            return trouble(answer, self._course)
        for action in answer.actions:
            if isinstance(action, Opaque) or action >= self._actions:
                got = action.type_name if isinstance(action, Opaque) else f"a number, {action}"
                wanted = f"the number of an action, from 0 to {self._actions - 1}"
                return TypeMismatch(self._course.setting(), wanted, got)
        return [action for action in answer.actions if isinstance(action, int)]


def trouble(answer: Answer, course: Course) -> Evidence:
    """Why there is no agent, or no action.

    Raises:
        TypeError: whoever drives the check answers with something else.
    """
    match answer:
        case Raised(kind, message, path, line, code):
            return ExceptionRaised(course.setting(), kind, message, path, line, code)
        case Stopped(reason, detail):
            return CallStopped(course.setting(), reason.value, detail)
        case Unusable(reason):
            return AnswerUnusable(course.setting(), reason)
        case Trained() | _:
            raise TypeError(f"a question about an agent was answered with {type(answer).__name__}")
