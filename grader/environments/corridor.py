"""A corridor with a door at either end: a small prize is near, a large one is far."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

ID = "grader/Corridor-v0"

CELLS = 6
"""States 0 … 5; an episode ends at a door."""

DOORS = (0, CELLS - 1)
START = 2
LEFT_PRIZE, RIGHT_PRIZE = 0.2, 1.0
SLIP = 0.1
"""Chance of a step in the other direction than the one that was chosen."""

HORIZON = 12
"""Steps after which an episode is truncated."""


class Corridor(gymnasium.Env[np.ndarray, np.int64]):
    """Observations are one-hot vectors of the cell (float32), actions are 0 (left) and 1 (right).

    A reward is earned on the step through a door. A greedy walk to the left earns about 0.2, one to the right about 1;
    a policy that has learned nothing earns about 0.46.

    Where it is `alternating`, the two actions are exchanged in every other cell: then none of them is a good one
    everywhere, and whoever always takes the same earns less than 0.4.
    """

    metadata = {"render_modes": []}  # noqa: RUF012 -- a class attribute is what Gymnasium reads

    def __init__(self, *, alternating: bool = False) -> None:
        """Make the corridor; `reset` puts the walker at the start."""
        self._alternating = alternating
        self.observation_space = gymnasium.spaces.Box(0.0, 1.0, (CELLS,), np.float32)
        self.action_space = gymnasium.spaces.Discrete(2)
        self.render_mode = None
        self._cell = START
        self._steps = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Back to the start."""
        super().reset(seed=seed, options=options)
        self._cell, self._steps = START, 0
        return self._observation(), {"cell": self._cell}

    def step(self, action: np.int64) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Walk one cell, in the chosen direction or, with a chance of SLIP, in the other.

        Raises:
            ResetNeeded: the episode has ended at a door.
        """
        if self._cell in DOORS:
            raise gymnasium.error.ResetNeeded("this episode has terminated: call reset() before the next step")
        exchanged = self._alternating and self._cell % 2 == 1
        direction = 1 - 2 * int(action) if exchanged else 2 * int(action) - 1
        if self.np_random.random() < SLIP:
            direction = -direction
        self._cell += direction
        self._steps += 1
        terminated = self._cell in DOORS
        truncated = not terminated and self._steps >= HORIZON
        return self._observation(), prize(self._cell), terminated, truncated, {"cell": self._cell}

    def _observation(self) -> np.ndarray:
        observation = np.zeros(CELLS, dtype=np.float32)
        observation[self._cell] = 1.0
        return observation


def prize(cell: int) -> float:
    """The reward of a step into a cell from one that is no door."""
    return {0: LEFT_PRIZE, CELLS - 1: RIGHT_PRIZE}.get(cell, 0.0)


def tables() -> tuple[np.ndarray, np.ndarray]:
    """The corridor as tables; a door is left for nowhere, and nothing is earned there.

    Returns:
        Transition probabilities `(S, A, S)`, and expected rewards `(S, A)`.
    """
    transition = np.zeros((CELLS, 2, CELLS))
    transition[0, :, 0] = transition[CELLS - 1, :, CELLS - 1] = 1.0
    for cell in range(1, CELLS - 1):
        for action, direction in ((0, -1), (1, 1)):
            transition[cell, action, cell + direction] += 1 - SLIP
            transition[cell, action, cell - direction] += SLIP
    earned = np.array([prize(cell) for cell in range(CELLS)])
    reward = transition @ earned
    reward[[0, CELLS - 1]] = 0.0
    return transition, reward


def expected_return(policy: np.ndarray, horizon: int = HORIZON) -> float:
    """What a policy `(S, A)` of action probabilities earns in an episode, undiscounted and exactly."""
    transition, reward = tables()
    value = np.zeros(CELLS)
    for _ in range(horizon):
        value = (policy * (reward + transition @ value)).sum(axis=1)
    return float(value[START])


def optimal_return(horizon: int = HORIZON) -> float:
    """The largest expected return of an episode, undiscounted and exactly."""
    transition, reward = tables()
    value = np.zeros(CELLS)
    for _ in range(horizon):
        value = (reward + transition @ value).max(axis=1)
    return float(value[START])


def register() -> str:
    """Make `gymnasium.make(ID)` work, once or more often; the ID."""
    if ID not in gymnasium.registry:
        gymnasium.register(ID, entry_point=lambda **_: Corridor())
    return ID
