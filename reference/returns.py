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
