"""Continuous actions: exploration, target smoothing, quadratic action values, target networks."""

from __future__ import annotations

import torch
from torch import Tensor


def exploration_action(mean_action: Tensor, noise: Tensor, sigma: float, low: Tensor, high: Tensor) -> Tensor:
    """Deterministic action made to explore, clip(μ(s) + σ · noise, low, high).

    Args:
        mean_action: `(..., D)`, what the actor proposes.
        noise: `(..., D)`, standard normal.
        sigma: standard deviation of the exploration noise.
        low: `(D,)`, smallest action that the environment takes in each dimension.
        high: `(D,)`, largest one.

    Returns:
        `(..., D)`.

    Source: Lillicrap et al. 2016, eq. 7, with the bounds of the environment.
    """
    return torch.clamp(mean_action + sigma * noise, low, high)


def smoothed_target_action(
    mean_action: Tensor, noise: Tensor, sigma: float, noise_clip: float, low: Tensor, high: Tensor
) -> Tensor:
    """Action at which TD3 evaluates its targets, clip(μ'(s') + clip(σ · noise, −c, c), low, high).

    Args:
        mean_action: `(..., D)`, what the target actor proposes in the next state.
        noise: `(..., D)`, standard normal.
        sigma: standard deviation of the smoothing noise.
        noise_clip: c, how far the noise may move an action.
        low: `(D,)`, smallest action that the environment takes in each dimension.
        high: `(D,)`, largest one.

    Returns:
        `(..., D)`.

    Source: Fujimoto et al. 2018, algorithm 1.
    """
    clipped_noise = torch.clamp(sigma * noise, -noise_clip, noise_clip)
    return torch.clamp(mean_action + clipped_noise, low, high)


def naf_q_value(value: Tensor, mean: Tensor, entries: Tensor, actions: Tensor) -> Tensor:
    """Action value that is quadratic in the action, Q(s, a) = V(s) − ½ (a − μ)ᵀ L Lᵀ (a − μ).

    Args:
        value: `(N,)`, V.
        mean: `(N, D)`, μ, the best action.
        entries: `(N, D, D)`, of which L takes what is below the diagonal, and the exponential of the diagonal.
        actions: `(N, D)`, a.

    Returns:
        `(N,)`.

    Source: Gu et al. 2016, §4.
    """
    diagonal = torch.diagonal(entries, dim1=-2, dim2=-1)
    lower = torch.tril(entries, diagonal=-1) + torch.diag_embed(torch.exp(diagonal))
    projected = torch.einsum("nij,ni->nj", lower, actions - mean)
    return value - 0.5 * projected.square().sum(dim=-1)


def soft_update(target: Tensor, online: Tensor, tau: float) -> Tensor:
    """Parameters of a target network after they have followed the online network, (1 − τ) θ' + τ θ.

    Args:
        target: `(...)`, θ'.
        online: `(...)`, θ.
        tau: τ, share of the way to go, between 0 and 1.

    Returns:
        `(...)`, a new tensor.

    Source: Lillicrap et al. 2016, algorithm 1.
    """
    return (1 - tau) * target + tau * online
