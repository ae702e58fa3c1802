"""Replay: transitions are kept, and drawn again to learn from."""

from __future__ import annotations

from typing import Any

import torch
from torch import Generator, Tensor


class ReplayBuffer:
    """The latest transitions, up to a capacity, for learning off-policy.

    Source: Lin 1992; Mnih et al. 2015, algorithm 1.
    """

    def __init__(self, capacity: int, obs_dim: int, action_dim: int) -> None:
        """Make room for `capacity` transitions.

        Args:
            capacity: transitions that are kept.
            obs_dim: size of an observation.
            action_dim: size of an action.
        """
        self._capacity = capacity
        self._added = 0
        self._obs = torch.zeros(capacity, obs_dim)
        self._actions = torch.zeros(capacity, action_dim)
        self._rewards = torch.zeros(capacity)
        self._next_obs = torch.zeros(capacity, obs_dim)
        self._dones = torch.zeros(capacity)

    def add(self, obs: Any, action: Any, reward: float, next_obs: Any, done: float) -> None:
        """Copy one transition into the buffer; beyond the capacity it takes the place of the oldest.

        Args:
            obs: `(obs_dim,)`, a tensor or an array.
            action: `(action_dim,)`, a tensor or an array.
            reward: number.
            next_obs: `(obs_dim,)`, a tensor or an array.
            done: 1 where the episode terminated with this step, else 0.
        """
        slot = self._added % self._capacity
        self._obs[slot] = torch.as_tensor(obs)
        self._actions[slot] = torch.as_tensor(action)
        self._rewards[slot] = reward
        self._next_obs[slot] = torch.as_tensor(next_obs)
        self._dones[slot] = done
        self._added += 1

    def sample(self, batch_size: int, generator: Generator) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Draw transitions uniformly, each at most once.

        Args:
            batch_size: n, transitions to draw.
            generator: where all randomness comes from.

        Returns:
            `obs (n, obs_dim)`, `actions (n, action_dim)`, `rewards (n,)`, `next_obs (n, obs_dim)`, `dones (n,)`, all
            float32, row i of each from the same transition.

        Raises:
            ValueError: there are fewer than n.
        """
        if batch_size > len(self):
            raise ValueError(f"a batch of {batch_size} from a buffer that holds {len(self)}")
        rows = torch.randperm(len(self), generator=generator)[:batch_size]
        return self._obs[rows], self._actions[rows], self._rewards[rows], self._next_obs[rows], self._dones[rows]

    def __len__(self) -> int:
        """Transitions that are held."""
        return min(self._added, self._capacity)
