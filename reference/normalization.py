"""Layer normalisation."""

from __future__ import annotations

import torch
from torch import Tensor


def layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    """Normalise over the last axis, then scale and shift: γ (x − μ) / √(σ² + ε) + β, with the biased variance.

    Args:
        x: `(..., d)`.
        gamma: `(d,)`, scale.
        beta: `(d,)`, shift.
        eps: added to the variance, inside the root.

    Returns:
        `(..., d)`.

    Source: Ba, Kiros & Hinton 2016, eq. 4.
    """
    mean = x.mean(dim=-1, keepdim=True)
    centred = x - mean
    variance = centred.square().mean(dim=-1, keepdim=True)
    return gamma * centred / torch.sqrt(variance + eps) + beta
