"""One training run: it makes the environments, counts the steps of all of them, and notes what every episode earned."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from .disguise import disguised

POINTS = 50
"""Of a learning curve, at most."""

Tell = Callable[[int, float | None], None]
"""Is told the number of steps taken so far, and the mean return of the episodes that ended since the last time."""


class StepLimitError(RuntimeError):
    """The environments have been stepped as often as they may be."""


class Lesson:
    """The step budget of one training run, shared by all its environments."""

    def __init__(self, environment: str, total_steps: int, seed: int, tell: Tell | None = None) -> None:
        """`tell` is called now and then while steps are taken, POINTS times in all."""
        self._environment = environment
        self._total = total_steps
        self._seed = seed
        self._tell = tell
        self._made = 0
        self._stretch = max(1, math.ceil(total_steps / POINTS))
        self._earned: list[float] = []
        self.taken = 0
        self.curve: list[tuple[int, float]] = []
        """Steps so far, and the mean return of the episodes that ended since the point before."""

    def make_env(self) -> gymnasium.Env[np.ndarray, np.int64]:
        """A new environment; it starts from a seed of its own where `reset` is given none."""
        self._made += 1
        return Counted(disguised(self._environment, self._seed), self, self._seed + self._made)

    def spend_step(self) -> None:
        """Count one step.

        Raises:
            StepLimitError: it would be one too many.
        """
        if self.taken >= self._total:
            raise StepLimitError(f"all {self._total} steps of total_steps have been taken: count them, and stop there")
        self.taken += 1

    def end_step(self, episode_return: float | None) -> None:
        """Note what an episode earned that ended with this step, and mark a point of the curve where it is time."""
        if episode_return is not None:
            self._earned.append(episode_return)
        if self.taken % self._stretch and self.taken < self._total:
            return
        mean = float(np.mean(self._earned)) if self._earned else None
        if mean is not None:
            self.curve.append((self.taken, mean))
            self._earned.clear()
        if self._tell is not None:
            self._tell(self.taken, mean)


class Counted(gymnasium.Wrapper[np.ndarray, np.int64, np.ndarray, np.int64]):
    """An environment whose steps are counted."""

    def __init__(self, environment: gymnasium.Env[np.ndarray, np.int64], lesson: Lesson, seed: int) -> None:
        """`seed` is used at the first reset that names none."""
        super().__init__(environment)
        self._lesson = lesson
        self._first_seed: int | None = seed
        self._return = 0.0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode."""
        used = self._first_seed if seed is None else seed
        self._first_seed = None
        self._return = 0.0
        return self.env.reset(seed=used, options=options)

    def step(self, action: np.int64) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Take a step, if there is one left."""
        self._lesson.spend_step()
        observation, reward, terminated, truncated, told = self.env.step(action)
        self._return += float(reward)
        self._lesson.end_step(self._return if terminated or truncated else None)
        return observation, float(reward), terminated, truncated, told
