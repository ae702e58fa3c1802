"""Entropy in continuous action spaces, the loss that rewards it, and how its weight is annealed.

(`categorical_entropy` is with the policies.)
"""

from __future__ import annotations

import math

from torch import Tensor

from reference.policy import action_log_prob, categorical_entropy


def gaussian_entropy(log_std: Tensor) -> Tensor:
    """Differential entropy of a diagonal Gaussian in nats, Σ_i (log σ_i + ½ log 2πe).

    Args:
        log_std: `(..., D)`, logarithm of the standard deviation.

    Returns:
        `(...)`, summed over the dimensions; negative where the deviations are small.

    Source: Shannon 1948, §20.
    """
    return (log_std + 0.5 * math.log(2 * math.pi * math.e)).sum(dim=-1)


def entropy_regularized_loss(logits: Tensor, actions: Tensor, advantages: Tensor, beta: float) -> Tensor:
    """Policy gradient loss with an entropy bonus, −(mean log π(a|s) Â + β · mean H); the advantages are constants.

    Args:
        logits: `(N, A)`, −inf for an action that is not allowed.
        actions: `(N,)` int64, allowed ones.
        advantages: `(N,)`, no gradient flows into them.
        beta: weight of the entropy.

    Returns:
        `()`.

    Source: Williams & Peng 1991; Mnih et al. 2016, §4.
    """
    objective = (action_log_prob(logits, actions) * advantages.detach()).mean()
    return -(objective + beta * categorical_entropy(logits).mean())


def entropy_coefficient(step: int, total_steps: int, start: float, end: float) -> float:
    """Weight of the entropy, annealed linearly: start + (end − start) · clip(step / total_steps, 0, 1).

    Args:
        step: the present step; it may lie before 0 or beyond the last one.
        total_steps: how many steps the annealing takes, at least 1.
        start: the weight up to step 0.
        end: the weight from step `total_steps` on.

    Returns:
        The weight at `step`.

    Source: Schulman et al. 2017, table 5, whose α anneals other weights so.
    """
    progress = min(max(step / total_steps, 0.0), 1.0)
    return (1.0 - progress) * start + progress * end
