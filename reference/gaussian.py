"""Gaussian policies over continuous actions, with independent dimensions: log-densities."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid


def gaussian_log_prob(actions: Tensor, mean: Tensor, log_std: Tensor) -> Tensor:
    """Log-density of a diagonal Gaussian, Σ_i −½ ((a_i − μ_i) / σ_i)² − log σ_i − ½ log 2π.

    Args:
        actions: `(..., D)`.
        mean: `(..., D)`.
        log_std: `(..., D)`, log σ.

    Returns:
        `(...)`.

    Source: Williams 1992, §6.
    """
    z = (actions - mean) / torch.exp(log_std)
    return (-0.5 * z.square() - log_std - 0.5 * math.log(2 * math.pi)).sum(dim=-1)


def tanh_gaussian_log_prob(pre_tanh: Tensor, mean: Tensor, log_std: Tensor) -> Tensor:
    """Log-density of a = tanh(u) where u is Gaussian, log N(u; μ, σ²) − Σ_i log(1 − tanh² u_i).

    Args:
        pre_tanh: `(..., D)`, u, the Gaussian action before it is squashed.
        mean: `(..., D)`, of u.
        log_std: `(..., D)`, log σ of u.

    Returns:
        `(...)`, exact and finite also where tanh(u) rounds to ±1.

    Source: Haarnoja et al. 2018, appendix C.
    """
    # 1 − tanh² u = 4 sigmoid(2u) sigmoid(−2u), which is never rounded to 0 as the difference is
    log_slope = 2 * math.log(2.0) + logsigmoid(2 * pre_tanh) + logsigmoid(-2 * pre_tanh)
    return gaussian_log_prob(pre_tanh, mean, log_std) - log_slope.sum(dim=-1)
