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


def post_norm_residual(x: Tensor, sublayer_output: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    """Add first, normalise then: LN(x + f).

    Args:
        x: `(..., d)`, what went into the sublayer.
        sublayer_output: `(..., d)`, f.
        gamma: `(d,)`, scale.
        beta: `(d,)`, shift.
        eps: added to the variance, inside the root.

    Returns:
        `(..., d)`.

    Source: Vaswani et al. 2017, §3.1.
    """
    return layer_norm(x + sublayer_output, gamma, beta, eps)


def pre_norm_residual(x: Tensor, w: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    """Normalise what goes into the sublayer, add then: x + LN(x) W, the sublayer being a linear map.

    Args:
        x: `(..., d)`.
        w: `(d, d)`, the sublayer.
        gamma: `(d,)`, scale.
        beta: `(d,)`, shift.
        eps: added to the variance, inside the root.

    Returns:
        `(..., d)`.

    Source: Xiong et al. 2020, table 1.
    """
    return x + layer_norm(x, gamma, beta, eps) @ w


def layer_norm_backward(grad_output: Tensor, x: Tensor, gamma: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """Backward pass of `layer_norm`: from ∂L/∂y to the gradients with respect to x, γ and β.

    Args:
        grad_output: `(..., d)`, g = ∂L/∂y.
        x: `(..., d)`, what was normalised.
        gamma: `(d,)`, scale.
        eps: added to the variance, inside the root.

    Returns:
        `(..., d)`, `(d,)` and `(d,)`: ∂L/∂x, ∂L/∂γ and ∂L/∂β.

    Source: Ba, Kiros & Hinton 2016, eq. 4, differentiated.
    """
    d = x.shape[-1]
    centred = x - x.mean(dim=-1, keepdim=True)
    deviation = torch.sqrt(centred.square().mean(dim=-1, keepdim=True) + eps)
    normalised = centred / deviation
    # μ and σ depend on x too: what they carry is the part of γ g along (1, …, 1) and along x̂
    scaled = gamma * grad_output
    along_ones = scaled.mean(dim=-1, keepdim=True)
    along_normalised = (scaled * normalised).mean(dim=-1, keepdim=True)
    dx = (scaled - along_ones - normalised * along_normalised) / deviation
    return dx, (grad_output * normalised).reshape(-1, d).sum(dim=0), grad_output.reshape(-1, d).sum(dim=0)
