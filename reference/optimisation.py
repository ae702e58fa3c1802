"""How a trust-region step is found: conjugate gradients, the natural gradient, and the line search along it."""

from __future__ import annotations

import torch
from torch import Tensor


def conjugate_gradient(matrix: Tensor, vector: Tensor, iterations: int) -> Tensor:
    """Approximate solution x of A x = b after some steps of conjugate gradients from x = 0.

    Once A x = b is solved, further steps change nothing.

    Args:
        matrix: `(n, n)`, A, symmetric and positive definite.
        vector: `(n,)`, b.
        iterations: number of steps.

    Returns:
        `(n,)`.

    Source: Hestenes & Stiefel 1952, eq. 3:1; Nocedal & Wright 2006, algorithm 5.2.
    """
    solution = torch.zeros_like(vector)
    residual = direction = vector
    squared_norm = residual @ residual
    for _ in range(iterations):
        image = matrix @ direction
        step = _quotient(squared_norm, direction @ image)
        solution = solution + step * direction
        residual = residual - step * image
        previous, squared_norm = squared_norm, residual @ residual
        direction = residual + _quotient(squared_norm, previous) * direction
    return solution


def _quotient(numerator: Tensor, denominator: Tensor) -> Tensor:
    """The quotient, 0 where the denominator has become 0 in rounding: nothing is left to be done there."""
    return torch.nan_to_num(numerator / denominator, nan=0.0, posinf=0.0)


def natural_gradient_step(gradient: Tensor, fisher: Tensor, max_kl: float) -> Tensor:
    """The step that ascends most among those with ½ sᵀF s = δ: √(2δ / gᵀF⁻¹g) F⁻¹g.

    Args:
        gradient: `(n,)`, g, not zero.
        fisher: `(n, n)`, F, symmetric and positive definite.
        max_kl: δ, the divergence that the step may cause, to second order.

    Returns:
        `(n,)`.

    Source: Schulman et al. 2015, appendix C; Kakade 2002.
    """
    direction: Tensor = torch.linalg.solve(fisher, gradient)
    return torch.sqrt(2 * max_kl / (gradient @ direction)) * direction


def line_search_fraction(improvements: Tensor, kls: Tensor, max_kl: float) -> Tensor:
    """How much of a step to take: ½^k for the first k that improves and stays within the trust region, 0 without one.

    Args:
        improvements: `(K,)`, change of the objective at ½^k of the step.
        kls: `(K,)`, divergence from the old policy there.
        max_kl: the most that is allowed, inclusive.

    Returns:
        `()`.

    Source: Schulman et al. 2015, appendix C.
    """
    fraction = improvements.new_zeros(())
    for accepted in reversed((improvements > 0) & (kls <= max_kl)):
        fraction = torch.where(accepted, 1.0, fraction / 2)
    return fraction
