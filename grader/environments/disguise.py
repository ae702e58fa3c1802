"""An environment in disguise: nothing that was written down for the original works, so an agent has to learn."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

from . import corridor


class Disguised(gymnasium.Wrapper[np.ndarray, np.int64, np.ndarray, np.int64]):
    """Features of observations in another order, some with the other sign, and actions with other numbers.

    Returns of policies are the same as before: whatever could be learned there can be learned here.
    """

    def __init__(self, environment: gymnasium.Env[Any, Any], seed: int) -> None:
        """Wrap an environment with 1-D observations and discrete actions; the seed decides on the disguise."""
        super().__init__(environment)
        box, actions = environment.observation_space, environment.action_space
        assert isinstance(box, gymnasium.spaces.Box)
        assert isinstance(actions, gymnasium.spaces.Discrete)
        rng = np.random.default_rng(seed)
        self._order = rng.permutation(box.shape[0])
        self._signs = rng.choice(np.array([-1.0, 1.0], dtype=np.float32), box.shape[0])
        self._actions = rng.permutation(int(actions.n))
        bounds = np.stack((self._disguised(box.low), self._disguised(box.high)))
        self.observation_space = gymnasium.spaces.Box(bounds.min(axis=0), bounds.max(axis=0), dtype=np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode."""
        observation, _ = self.env.reset(seed=seed, options=options)
        return self._disguised(observation), {}

    def step(self, action: np.int64) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Take the step that the action stands for."""
        observation, reward, terminated, truncated, _ = self.env.step(self._actions[int(action)])
        return self._disguised(observation), float(reward), terminated, truncated, {}

    def _disguised(self, observation: np.ndarray) -> np.ndarray:
        seen: np.ndarray = (observation[self._order] * self._signs).astype(np.float32)
        return seen


def disguised(name: str, seed: int) -> Disguised:
    """A new environment of that name, `CartPole-v1` or our corridor; the same seed gives the same disguise.

    The corridor alternates: with one good action for every cell, a constant would be right in every other disguise.
    """
    made = corridor.Corridor(alternating=True) if name == corridor.ID else gymnasium.make(name)
    return Disguised(made, seed)
