"""Episodes of the corridor for estimators of its policy gradient: drawn with Gymnasium, and gone through exactly."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch

from grader.checks.statistical import Sampled
from grader.environments.corridor import CELLS, SLIP, START, Corridor, prize

STEPS = 5
"""Long enough to reach either door; an episode that ends earlier goes on in the door, where nothing is earned."""

THETA = [[0.0, 0.0], [0.5, -0.25], [0.0, 0.5], [-0.5, 0.25], [0.25, 0.0], [0.0, 0.0]]
"""Logits of the policy that is followed, (S, A): a mild preference for either door."""


def sampled_episodes(count: int, rng: torch.Generator) -> Sampled:
    """Independent episodes under the policy, with the exact gradient of the undiscounted return, T = STEPS."""
    states, actions, rewards = _drawn(count, rng)
    mean, variance, largest = _exactly()
    inputs = {
        "theta": torch.tensor(THETA, dtype=torch.float64),
        "states": states,
        "actions": actions,
        "rewards": rewards,
        "gamma": 1.0,
    }
    return Sampled(inputs, mean, variance, largest)


def _drawn(count: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """States, actions and rewards of `count` episodes, each `(count, STEPS)`, from stepping the environment."""
    policy = torch.softmax(torch.tensor(THETA, dtype=torch.float64), dim=-1).numpy()
    environment = Corridor()
    environment.reset(seed=int(torch.randint(1 << 31, (), generator=rng)))
    choices = torch.rand(count, STEPS, generator=rng, dtype=torch.float64).numpy()
    states, actions, rewards = np.zeros((3, count, STEPS))
    for episode in range(count):
        observation, _ = environment.reset()
        ended = False
        for t in range(STEPS):
            cell = int(observation.argmax())
            action = int(choices[episode, t] >= policy[cell, 0])
            states[episode, t], actions[episode, t] = cell, action
            if not ended:
                observation, rewards[episode, t], ended, _, _ = environment.step(np.int64(action))
    return torch.from_numpy(states).long(), torch.from_numpy(actions).long(), torch.from_numpy(rewards)


@cache
def _exactly() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The gradient of the expected return, and of one episode's estimate the variance and the greatest deviation.

    All episodes are gone through. The gradient is that of Σ p(τ) R(τ), with no use of its score function.
    """
    theta = torch.tensor(THETA, dtype=torch.float64, requires_grad=True)
    log_policy = torch.log_softmax(theta, dim=-1)
    chances, returns, estimates = [], [], []
    for states, actions, outcomes, rewards in _all_episodes():
        log_prob = log_policy[states, actions].sum()
        chances.append(log_prob.exp() * outcomes)
        returns.append(sum(rewards))
        to_go = torch.tensor(rewards, dtype=torch.float64).flip(0).cumsum(0).flip(0)
        (estimate,) = torch.autograd.grad((log_policy[states, actions] * to_go).sum(), theta, retain_graph=True)
        estimates.append(estimate)
    expected = (torch.stack(chances) * torch.tensor(returns, dtype=torch.float64)).sum()
    (mean,) = torch.autograd.grad(expected, theta)
    deviations = torch.stack(estimates) - mean
    weights = torch.stack(chances).detach()[:, None, None]
    return mean, (weights * deviations.square()).sum(dim=0), deviations.abs().amax(dim=0)


def _all_episodes() -> list[tuple[list[int], list[int], float, list[float]]]:
    """States, actions, the chance of the steps given the actions, and rewards of every possible episode."""
    episodes: list[tuple[list[int], list[int], float, list[float], int]] = [([], [], 1.0, [], START)]
    for _ in range(STEPS):
        episodes = [longer for episode in episodes for longer in _continued(*episode)]
    return [episode[:4] for episode in episodes]


def _continued(
    states: list[int], actions: list[int], chance: float, rewards: list[float], cell: int
) -> list[tuple[list[int], list[int], float, list[float], int]]:
    longer = []
    for action in (0, 1):
        for following, likely in _following(cell, action):
            earned = prize(following) if following != cell else 0.0
            longer.append(([*states, cell], [*actions, action], chance * likely, [*rewards, earned], following))
    return longer


def _following(cell: int, action: int) -> list[tuple[int, float]]:
    if cell in (0, CELLS - 1):
        return [(cell, 1.0)]
    direction = 2 * action - 1
    return [(cell + direction, 1 - SLIP), (cell - direction, SLIP)]
