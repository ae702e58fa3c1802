"""Soft actor-critic: the losses of the actor and of the temperature."""

from __future__ import annotations

import torch
from torch import Tensor


def sac_actor_loss(q1: Tensor, q2: Tensor, log_prob: Tensor, alpha: Tensor) -> Tensor:
    """Loss of the actor, mean(α log π − min(Q₁, Q₂)), at actions that were sampled by reparametrisation.

    Args:
        q1: `(N,)`, the first critic's value of each action.
        q2: `(N,)`, the second one's.
        log_prob: `(N,)`, log-density of each action under the policy.
        alpha: `()`, temperature, a constant.

    Returns:
        `()`.

    Source: Haarnoja et al. 2018, arXiv:1812.05905, eq. 9.
    """
    return (alpha.detach() * log_prob - torch.minimum(q1, q2)).mean()


def sac_temperature_loss(log_alpha: Tensor, log_prob: Tensor, target_entropy: float) -> Tensor:
    """Loss by which the temperature is learnt, −mean α (log π + H̄), with α = exp(log_alpha).

    Args:
        log_alpha: `()`.
        log_prob: `(N,)`, log-density of each action, a constant.
        target_entropy: H̄, the entropy that the policy is to have; often −D.

    Returns:
        `()`.

    Source: Haarnoja et al. 2018, arXiv:1812.05905, eq. 18.
    """
    return -(torch.exp(log_alpha) * (log_prob.detach() + target_entropy)).mean()
