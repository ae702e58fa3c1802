"""Layer normalisation, forward and backward: each row is read once, and all of it is held in registers meanwhile.

For N rows of d elements of s bytes each:

| | bytes read and written | operations |
|---|---|---|
| forward | 2 N d s, and 8 N for μ and 1/σ | about 8 N d |
| backward | 3 N d s, and 8 N for μ and 1/σ | about 14 N d |

That is some 1 to 4 operations a byte, where a GPU can do tens in the time a byte takes: memory is what bounds both, and
the aim is to touch each element once. Rows too long for registers are read in parts: three times forward, and backward
three times as well, and once more for the sums over rows. γ and β and their gradients are of size d and don't count.

Source: Ba, Kiros & Hinton 2016, eq. 4. That backward keeps partial sums of ∂L/∂γ and ∂L/∂β for each program, and adds
them up in a second pass in place of atomic operations, is the way of Triton's tutorial 05 and of Apex.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from reference.kernels.launch import power_of_two, programs_for, refuse_what_kernels_cannot_read, rows_of

LONGEST = 16_384
"""Elements of a row up to which it is held in registers forward."""

LONGEST_BACKWARD = 8_192
"""And backward, where there is more to hold: 16,384 no longer fit."""

TILE = 4_096
"""Elements that a program holds at once: short rows are taken several at a time."""

PART = 2_048
"""Elements that are read at once of a row too long to be held."""


def layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    """Normalise over the last axis, then scale and shift: γ (x − μ) / √(σ² + ε) + β, with the biased variance.

    Args:
        x: `(..., d)`.
        gamma: `(d,)`, scale.
        beta: `(d,)`, shift.
        eps: added to the variance, inside the root.

    Returns:
        `(..., d)`, in the dtype of `x`; differentiable with respect to `x`, `gamma` and `beta`.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU.

    Source: Ba, Kiros & Hinton 2016, eq. 4.
    """
    refuse_what_kernels_cannot_read(x, gamma, beta)
    result: Tensor = _LayerNorm.apply(x, gamma, beta, eps)
    return result


def layer_norm_backward(grad_output: Tensor, x: Tensor, gamma: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """Backward pass of `layer_norm`, from its inputs alone: mean and deviation are computed anew.

    Args:
        grad_output: `(..., d)`, g = ∂L/∂y.
        x: `(..., d)`, what was normalised.
        gamma: `(d,)`, scale.
        eps: added to the variance, inside the root.

    Returns:
        `(..., d)`, `(d,)` and `(d,)`: ∂L/∂x, ∂L/∂γ and ∂L/∂β.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU.

    Source: Ba, Kiros & Hinton 2016, eq. 4, differentiated.
    """
    refuse_what_kernels_cannot_read(grad_output, x, gamma)
    return _backward(grad_output, x, gamma, _statistics(x), eps, given=False)


class _LayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
        statistics = _statistics(x)
        y = _forward(x, gamma, beta, statistics, eps)
        ctx.save_for_backward(x, gamma, beta, statistics)
        ctx.eps = eps
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        x, gamma, beta, statistics = ctx.saved_tensors
        dx, dgamma, dbeta = _backward(grad_output, x, gamma, statistics, ctx.eps, given=True)
        return dx, dgamma, dbeta.to(beta.dtype), None


def _statistics(x: Tensor) -> Tensor:
    """Room for μ and 1/σ of every row, (2, rows)."""
    return torch.empty(2, x[..., 0].numel() if x.shape[-1] else 0, dtype=torch.float32, device=x.device)


def _forward(x: Tensor, gamma: Tensor, beta: Tensor, statistics: Tensor, eps: float) -> Tensor:
    y = torch.empty(x.shape, dtype=x.dtype, device=x.device)
    rows = rows_of(x)
    count, d = rows.shape
    if not rows.numel():
        return y
    sizes = (rows.stride(0), rows.stride(1), gamma.stride(0), beta.stride(0), count, d, eps)
    with torch.cuda.device_of(x):
        if d <= LONGEST:
            block, at_once = power_of_two(d), _rows_at_once(d)
            _forward_whole[(triton.cdiv(count, at_once),)](
                rows, gamma, beta, y, statistics, *sizes, BLOCK_ROWS=at_once, BLOCK=block, num_warps=_warps(block, 32)
            )
        else:
            _forward_in_parts[(count,)](rows, gamma, beta, y, statistics, *sizes, BLOCK=PART, num_warps=8)
    return y


def _backward(
    grad_output: Tensor, x: Tensor, gamma: Tensor, statistics: Tensor, eps: float, *, given: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """The three gradients; the statistics of the rows are `given`, or computed from them and left in that place."""
    dx = torch.empty(x.shape, dtype=x.dtype, device=x.device)
    rows, grads = rows_of(x), rows_of(grad_output)
    count, d = rows.shape
    if not rows.numel():
        return dx, torch.zeros_like(gamma), torch.zeros_like(gamma)
    strides = (rows.stride(0), rows.stride(1), grads.stride(0), grads.stride(1))
    at_once = _rows_at_once(d) if d <= LONGEST_BACKWARD else 1
    programs = programs_for(triton.cdiv(count, at_once), x.device, 2)
    steps = triton.cdiv(triton.cdiv(count, at_once), programs)
    sums = torch.empty(2, programs, d, dtype=torch.float32, device=x.device)
    with torch.cuda.device_of(x):
        if d <= LONGEST_BACKWARD:
            block = power_of_two(d)
            _backward_whole[(programs,)](
                grads, rows, gamma, statistics, dx, sums, *strides, gamma.stride(0), count, d, eps, steps,
                GIVEN=given, BLOCK_ROWS=at_once, BLOCK=block, num_warps=_warps(block, 16),
            )  # fmt: skip
        else:
            _backward_in_parts[(count,)](
                grads, rows, gamma, statistics, dx, *strides, gamma.stride(0), count, d, eps,
                GIVEN=given, BLOCK=PART, num_warps=8,
            )  # fmt: skip
            _sums_over_rows[(programs, triton.cdiv(d, PART))](
                grads, rows, statistics, sums, *strides, count, d, steps, BLOCK=PART, num_warps=8
            )
    dgamma, dbeta = sums.sum(dim=1).to(gamma.dtype)
    return dx, dgamma, dbeta


def _rows_at_once(d: int) -> int:
    return max(1, min(16, TILE // power_of_two(d)))


def _warps(block: int, each: int) -> int:
    """Warps of 32 threads that hold `each` elements of a row, or of several short ones."""
    return max(4, min(16, max(block, TILE) // (32 * each)))


@triton.jit
def _forward_whole(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, statistics_ptr, x_row, x_column, gamma_stride, beta_stride, count, d, eps,
    BLOCK_ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    rows = tl.program_id(0).to(tl.int64) * BLOCK_ROWS + tl.arange(0, BLOCK_ROWS)
    columns = tl.arange(0, BLOCK)
    inside = (rows < count)[:, None] & (columns < d)[None, :]
    at = columns.to(tl.int64)[None, :]  # far apart where rows lie side by side in memory
    x = tl.load(x_ptr + rows[:, None] * x_row + at * x_column, mask=inside, other=0.0).to(tl.float32)
    mean = tl.sum(x, axis=1) / d
    centred = tl.where(inside, x - mean[:, None], 0.0)
    inverse = 1.0 / tl.sqrt_rn(tl.sum(centred * centred, axis=1) / d + eps)
    gamma = tl.load(gamma_ptr + columns * gamma_stride, mask=columns < d, other=0.0).to(tl.float32)
    beta = tl.load(beta_ptr + columns * beta_stride, mask=columns < d, other=0.0).to(tl.float32)
    y = gamma[None, :] * (centred * inverse[:, None]) + beta[None, :]
    tl.store(y_ptr + rows[:, None] * d + columns[None, :], y.to(y_ptr.dtype.element_ty), mask=inside)
    tl.store(statistics_ptr + rows, mean, mask=rows < count)
    tl.store(statistics_ptr + count + rows, inverse, mask=rows < count)


@triton.jit
def _row_statistics(x_ptr, x_column, d, eps, BLOCK: tl.constexpr):
    """μ and 1/σ of a row that is read in parts, twice: the sum of squares is of what is left after the mean."""
    columns = tl.arange(0, BLOCK).to(tl.int64)
    total = tl.zeros((BLOCK,), tl.float32)
    for start in range(0, d, BLOCK):
        at = start + columns
        total += tl.load(x_ptr + at * x_column, mask=at < d, other=0.0).to(tl.float32)
    mean = tl.sum(total, axis=0) / d
    squares = tl.zeros((BLOCK,), tl.float32)
    for start in range(0, d, BLOCK):
        at = start + columns
        x = tl.load(x_ptr + at * x_column, mask=at < d, other=0.0).to(tl.float32)
        centred = tl.where(at < d, x - mean, 0.0)
        squares += centred * centred
    return mean, 1.0 / tl.sqrt_rn(tl.sum(squares, axis=0) / d + eps)


@triton.jit
def _forward_in_parts(
    x_ptr, gamma_ptr, beta_ptr, y_ptr, statistics_ptr, x_row, x_column, gamma_stride, beta_stride, count, d, eps,
    BLOCK: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    mean, inverse = _row_statistics(x_ptr + row * x_row, x_column, d, eps, BLOCK)
    columns = tl.arange(0, BLOCK).to(tl.int64)
    for start in range(0, d, BLOCK):
        at = start + columns
        inside = at < d
        x = tl.load(x_ptr + row * x_row + at * x_column, mask=inside, other=0.0).to(tl.float32)
        gamma = tl.load(gamma_ptr + at * gamma_stride, mask=inside, other=0.0).to(tl.float32)
        beta = tl.load(beta_ptr + at * beta_stride, mask=inside, other=0.0).to(tl.float32)
        y = gamma * ((x - mean) * inverse) + beta
        tl.store(y_ptr + row * d + at, y.to(y_ptr.dtype.element_ty), mask=inside)
    tl.store(statistics_ptr + row, mean)
    tl.store(statistics_ptr + count + row, inverse)


@triton.jit
def _backward_whole(
    grad_ptr, x_ptr, gamma_ptr, statistics_ptr, dx_ptr, sums_ptr, x_row, x_column, grad_row, grad_column, gamma_stride,
    count, d, eps, steps, GIVEN: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Every program takes each so many rows, and keeps what they add to ∂L/∂γ and ∂L/∂β in registers."""
    columns = tl.arange(0, BLOCK)
    at = columns.to(tl.int64)[None, :]
    in_row = columns < d
    gamma = tl.load(gamma_ptr + columns * gamma_stride, mask=in_row, other=0.0).to(tl.float32)
    dgamma = tl.zeros((BLOCK,), tl.float32)
    dbeta = tl.zeros((BLOCK,), tl.float32)
    programs = tl.num_programs(0)
    for step in range(steps):
        rows = (tl.program_id(0) + step * programs).to(tl.int64) * BLOCK_ROWS + tl.arange(0, BLOCK_ROWS)
        there = rows < count
        inside = there[:, None] & in_row[None, :]
        x = tl.load(x_ptr + rows[:, None] * x_row + at * x_column, mask=inside, other=0.0)
        grad = tl.load(grad_ptr + rows[:, None] * grad_row + at * grad_column, mask=inside, other=0.0)
        x, grad = x.to(tl.float32), grad.to(tl.float32)
        if GIVEN:
            mean = tl.load(statistics_ptr + rows, mask=there, other=0.0)
            inverse = tl.load(statistics_ptr + count + rows, mask=there, other=0.0)
            centred = tl.where(inside, x - mean[:, None], 0.0)
        else:
            mean = tl.sum(x, axis=1) / d
            centred = tl.where(inside, x - mean[:, None], 0.0)
            inverse = 1.0 / tl.sqrt_rn(tl.sum(centred * centred, axis=1) / d + eps)
        normalised = tl.where(inside, centred * inverse[:, None], 0.0)  # rows past the last may have σ = 0
        scaled = gamma[None, :] * grad
        along_ones = tl.sum(scaled, axis=1) / d
        along_normalised = tl.sum(scaled * normalised, axis=1) / d
        dx = (scaled - along_ones[:, None] - normalised * along_normalised[:, None]) * inverse[:, None]
        tl.store(dx_ptr + rows[:, None] * d + columns[None, :], dx.to(dx_ptr.dtype.element_ty), mask=inside)
        dgamma += tl.sum(grad * normalised, axis=0)
        dbeta += tl.sum(grad, axis=0)
    place = tl.program_id(0) * d + columns
    tl.store(sums_ptr + place, dgamma, mask=in_row)
    tl.store(sums_ptr + programs * d + place, dbeta, mask=in_row)


@triton.jit
def _backward_in_parts(
    grad_ptr, x_ptr, gamma_ptr, statistics_ptr, dx_ptr, x_row, x_column, grad_row, grad_column, gamma_stride,
    count, d, eps, GIVEN: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    if GIVEN:
        mean = tl.load(statistics_ptr + row)
        inverse = tl.load(statistics_ptr + count + row)
    else:
        mean, inverse = _row_statistics(x_ptr + row * x_row, x_column, d, eps, BLOCK)
        tl.store(statistics_ptr + row, mean)
        tl.store(statistics_ptr + count + row, inverse)
    columns = tl.arange(0, BLOCK).to(tl.int64)
    along_ones = tl.zeros((BLOCK,), tl.float32)
    along_normalised = tl.zeros((BLOCK,), tl.float32)
    for start in range(0, d, BLOCK):
        at = start + columns
        x = tl.load(x_ptr + row * x_row + at * x_column, mask=at < d, other=0.0).to(tl.float32)
        grad = tl.load(grad_ptr + row * grad_row + at * grad_column, mask=at < d, other=0.0).to(tl.float32)
        gamma = tl.load(gamma_ptr + at * gamma_stride, mask=at < d, other=0.0).to(tl.float32)
        along_ones += gamma * grad
        along_normalised += gamma * grad * ((x - mean) * inverse)
    mean_along_ones = tl.sum(along_ones, axis=0) / d
    mean_along_normalised = tl.sum(along_normalised, axis=0) / d
    for start in range(0, d, BLOCK):
        at = start + columns
        x = tl.load(x_ptr + row * x_row + at * x_column, mask=at < d, other=0.0).to(tl.float32)
        grad = tl.load(grad_ptr + row * grad_row + at * grad_column, mask=at < d, other=0.0).to(tl.float32)
        gamma = tl.load(gamma_ptr + at * gamma_stride, mask=at < d, other=0.0).to(tl.float32)
        dx = (gamma * grad - mean_along_ones - (x - mean) * inverse * mean_along_normalised) * inverse
        tl.store(dx_ptr + row * d + at, dx.to(dx_ptr.dtype.element_ty), mask=at < d)


@triton.jit
def _sums_over_rows(
    grad_ptr, x_ptr, statistics_ptr, sums_ptr, x_row, x_column, grad_row, grad_column, count, d, steps,
    BLOCK: tl.constexpr,
):  # fmt: skip
    """∂L/∂γ and ∂L/∂β of some columns, over each so many rows."""
    programs = tl.num_programs(0)
    columns = tl.program_id(1).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = columns < d
    dgamma = tl.zeros((BLOCK,), tl.float32)
    dbeta = tl.zeros((BLOCK,), tl.float32)
    for step in range(steps):
        row = (tl.program_id(0) + step * programs).to(tl.int64)
        there = columns < tl.where(row < count, d, 0)
        x = tl.load(x_ptr + row * x_row + columns * x_column, mask=there, other=0.0).to(tl.float32)
        grad = tl.load(grad_ptr + row * grad_row + columns * grad_column, mask=there, other=0.0).to(tl.float32)
        known = tl.minimum(row, count - 1)
        mean = tl.load(statistics_ptr + known)
        inverse = tl.load(statistics_ptr + count + known)
        dgamma += grad * ((x - mean) * inverse)
        dbeta += grad
    place = tl.program_id(0).to(tl.int64) * d + columns
    tl.store(sums_ptr + place, dgamma, mask=inside)
    tl.store(sums_ptr + programs.to(tl.int64) * d + place, dbeta, mask=inside)
