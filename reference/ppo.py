"""Proximal policy optimisation."""

from __future__ import annotations

import torch
from torch import Tensor


def ppo_clip_objective(log_prob: Tensor, old_log_prob: Tensor, advantages: Tensor, epsilon: float) -> Tensor:
    """Clipped surrogate objective, mean min(r Â, clip(r, 1 − ε, 1 + ε) Â) with r = π / π_old; to be maximised.

    Args:
        log_prob: `(N,)`, log-probability of each action under the policy that is trained.
        old_log_prob: `(N,)`, under the policy that collected the data; a constant.
        advantages: `(N,)`, constants.
        epsilon: how far from 1 the ratio counts.

    Returns:
        `()`.

    Source: Schulman et al. 2017, eq. 7.
    """
    ratio = torch.exp(log_prob - old_log_prob.detach())
    advantages = advantages.detach()
    clipped_ratio = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    return torch.minimum(ratio * advantages, clipped_ratio * advantages).mean()
