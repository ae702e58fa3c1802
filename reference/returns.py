"""Returns, temporal-difference errors and advantages."""

from __future__ import annotations

import torch
from torch import Tensor


def discounted_returns(rewards: Tensor, dones: Tensor, gamma: float) -> Tensor:
    """Discounted return from every step on, G_t = r_t + γ (1 − d_t) G_{t+1}.

    Args:
        rewards: `(T, ...)`, reward of each step.
        dones: `(T, ...)`, 1 where the episode terminated at that step.
        gamma: discount factor per step.

    Returns:
        `(T, ...)`.

    Source: Sutton & Barto 2018, eq. 3.9; G_t of the policy gradient theorem.
    """
    returns = torch.zeros_like(rewards)
    following = torch.zeros_like(rewards[0])
    for t in reversed(range(len(rewards))):
        following = rewards[t] + gamma * (1 - dones[t]) * following
        returns[t] = following
    return returns


def td_error(rewards: Tensor, values: Tensor, next_values: Tensor, dones: Tensor, gamma: float) -> Tensor:
    """Temporal-difference error, δ_t = r_t + γ (1 − d_t) V(s_{t+1}) − V(s_t); the bootstrap is a constant.

    Args:
        rewards: `(T, ...)`, reward of each step.
        values: `(T, ...)`, V of the state before each step.
        next_values: `(T, ...)`, V of the state after it; no gradient flows into them.
        dones: `(T, ...)`, 1 where the episode terminated at that step.
        gamma: discount factor per step.

    Returns:
        `(T, ...)`.

    Source: Sutton & Barto 2018, eq. 6.5.
    """
    target = rewards + gamma * (1 - dones) * next_values
    return target.detach() - values


def generalized_advantage_estimate(
    rewards: Tensor, values: Tensor, next_values: Tensor, dones: Tensor, gamma: float, lam: float
) -> Tensor:
    """Exponentially weighted advantage, Â_t = δ_t + γ λ (1 − d_t) Â_{t+1}.

    Args:
        rewards: `(T, ...)`, reward of each step.
        values: `(T, ...)`, V of the state before each step.
        next_values: `(T, ...)`, V of the state after it.
        dones: `(T, ...)`, 1 where the episode terminated at that step.
        gamma: discount factor per step.
        lam: λ, 0 for the one-step error, 1 for the whole return minus the value.

    Returns:
        `(T, ...)`.

    Source: Schulman et al. 2016, eq. 16.
    """
    deltas = td_error(rewards, values, next_values, dones, gamma)
    carried = gamma * lam * (1 - dones)
    advantages = torch.zeros_like(deltas)
    following = torch.zeros_like(deltas[0])
    for t in reversed(range(len(deltas))):
        following = deltas[t] + carried[t] * following
        advantages[t] = following
    return advantages
