"""Temporal differences beyond the one-step error of V: SARSA, a linear critic, and n-step advantages."""

from __future__ import annotations

import torch
from torch import Tensor

from reference.returns import td_error


def sarsa_td_error(
    rewards: Tensor,
    q_values: Tensor,
    actions: Tensor,
    next_q_values: Tensor,
    next_actions: Tensor,
    dones: Tensor,
    gamma: float,
) -> Tensor:
    """Temporal-difference error of SARSA, δ = r + γ (1 − d) Q(s', a') − Q(s, a); the bootstrap is a constant.

    Args:
        rewards: `(N,)`, reward of each step.
        q_values: `(N, A)`, Q of every action in the state before each step.
        actions: `(N,)` int64, the action taken there.
        next_q_values: `(N, A)`, Q of every action in the state after it; no gradient flows into them.
        next_actions: `(N,)` int64, the action taken in that state.
        dones: `(N,)`, 1 where the episode terminated at that step.
        gamma: discount factor per step.

    Returns:
        `(N,)`.

    Source: Sutton & Barto 2018, eq. 6.7.
    """
    taken = q_values.gather(1, actions[:, None]).squeeze(1)
    taken_next = next_q_values.gather(1, next_actions[:, None]).squeeze(1)
    return td_error(rewards, taken, taken_next, dones, gamma)


def critic_update(
    weights: Tensor,
    features: Tensor,
    rewards: Tensor,
    next_features: Tensor,
    dones: Tensor,
    gamma: float,
    lr: float,
) -> Tensor:
    """One semi-gradient TD(0) step of a linear critic V(s) = x(s) · w: w + α mean δ x(s).

    Args:
        weights: `(F,)`, w.
        features: `(N, F)`, x of the state before each step.
        rewards: `(N,)`, reward of each step.
        next_features: `(N, F)`, x of the state after it.
        dones: `(N,)`, 1 where the episode terminated at that step.
        gamma: discount factor per step.
        lr: step size α.

    Returns:
        `(F,)`, the new weights.

    Source: Sutton & Barto 2018, §9.3 and §9.4.
    """
    errors = td_error(rewards, features @ weights, next_features @ weights, dones, gamma)
    return weights + lr * (errors[:, None] * features).mean(dim=0)


def n_step_advantages(rewards: Tensor, values: Tensor, bootstrap_value: Tensor, dones: Tensor, gamma: float) -> Tensor:
    """Return over all steps to the end of the data, bootstrapped there, minus the value of the state.

    Args:
        rewards: `(T, B)`, reward of each step.
        values: `(T, B)`, V of the state before each step.
        bootstrap_value: `(B,)`, V of the state after the last step.
        dones: `(T, B)`, 1 where the episode terminated at that step.
        gamma: discount factor per step.

    Returns:
        `(T, B)`.

    Source: Mnih et al. 2016, algorithm S3.
    """
    returns = torch.zeros_like(rewards)
    following = bootstrap_value
    for t in reversed(range(len(rewards))):
        following = rewards[t] + gamma * (1 - dones[t]) * following
        returns[t] = following
    return returns - values
