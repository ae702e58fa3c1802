"""Data to compute returns and advantages of: drawn at random, or from a real environment that is also cut short."""

from __future__ import annotations

from dataclasses import dataclass

import gymnasium
import torch
from torch import Generator, Tensor

from tests.third_party.comparing import normal

GAMMA, LAMBDA = 31 / 32, 7 / 8  # and so is their product: TorchRL rounds them to float32, which holds these exactly


@dataclass(frozen=True, slots=True)
class Rollout:
    """Consecutive steps `(T, B)`; a state value is a linear function of what was observed."""

    rewards: Tensor
    values: Tensor
    next_values: Tensor
    terminated: Tensor
    truncated: Tensor

    @property
    def dones(self) -> Tensor:
        """1 where the next row belongs to another episode, for whatever reason."""
        return torch.maximum(self.terminated, self.truncated)


def random_rollout(rng: Generator, steps: int = 11, environments: int = 3) -> Rollout:
    """Some episodes terminate, none is truncated; V of the state after a step is V of the state before the next one."""
    values = normal(rng, steps + 1, environments)
    terminated = (torch.rand(steps, environments, generator=rng) < 0.3).double()
    rewards = normal(rng, steps, environments)
    return Rollout(rewards, values[:-1], values[1:], terminated, torch.zeros_like(terminated))


def cartpole_rollout(steps: int = 120, longest: int = 15, seed: int = 3) -> Rollout:
    """Steps of CartPole-v1 under random actions, with episodes that terminate and others that are cut at a limit."""
    environment = gymnasium.make("CartPole-v1", max_episode_steps=longest)
    environment.action_space.seed(seed)
    weights = torch.tensor([0.5, -0.25, 2.0, 1.0], dtype=torch.float64)
    observation, _ = environment.reset(seed=seed)
    rows = []
    for _ in range(steps):
        following, reward, terminated, truncated, _ = environment.step(environment.action_space.sample())
        value, next_value = (float(torch.as_tensor(seen).double() @ weights) for seen in (observation, following))
        cut_short = truncated and not terminated  # at the limit an episode may also terminate, which then counts
        rows.append((float(reward), value, next_value, float(terminated), float(cut_short)))
        observation = environment.reset()[0] if terminated or truncated else following
    environment.close()
    return Rollout(*torch.tensor(rows, dtype=torch.float64).T.unsqueeze(-1))
