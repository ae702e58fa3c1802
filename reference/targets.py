"""Targets that critics of continuous actions learn from: two critics, of which the smaller value counts."""

from __future__ import annotations

import torch
from torch import Tensor


def td3_target(rewards: Tensor, dones: Tensor, next_q1: Tensor, next_q2: Tensor, gamma: float) -> Tensor:
    """Target of clipped double Q-learning, r + γ (1 − d) min(Q₁', Q₂').

    Args:
        rewards: `(N,)`.
        dones: `(N,)`, 1 where the episode terminated.
        next_q1: `(N,)`, the first target critic's value of the next state and action.
        next_q2: `(N,)`, the second one's.
        gamma: discount factor per step.

    Returns:
        `(N,)`, a constant: no gradient flows through it.

    Source: Fujimoto et al. 2018, eq. 10.
    """
    bootstrap = torch.minimum(next_q1, next_q2)
    return (rewards + gamma * (1 - dones) * bootstrap).detach()


def sac_target(
    rewards: Tensor,
    dones: Tensor,
    next_q1: Tensor,
    next_q2: Tensor,
    next_log_prob: Tensor,
    alpha: float,
    gamma: float,
) -> Tensor:
    """Target of the soft critics, r + γ (1 − d) (min(Q₁', Q₂') − α log π(a'|s')).

    Args:
        rewards: `(N,)`.
        dones: `(N,)`, 1 where the episode terminated.
        next_q1: `(N,)`, the first target critic's value of the next state and of an action sampled there.
        next_q2: `(N,)`, the second one's.
        next_log_prob: `(N,)`, log-density of that action.
        alpha: temperature, the weight of the entropy.
        gamma: discount factor per step.

    Returns:
        `(N,)`, a constant: no gradient flows through it.

    Source: Haarnoja et al. 2018, arXiv:1812.05905, eq. 3 and 5.
    """
    soft_value = torch.minimum(next_q1, next_q2) - alpha * next_log_prob
    return (rewards + gamma * (1 - dones) * soft_value).detach()
