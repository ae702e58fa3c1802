"""What kernels of attention do with one block: read and write its rows, weigh its scores, differentiate its softmax."""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def read_rows(
    sequence_ptr, first, count, row_stride,
    WIDTH: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr, EDGE: tl.constexpr,
):  # fmt: skip
    """ROWS vectors of a sequence from `first` on, each filled up with zeros to BLOCK; at an EDGE some are all zeros."""
    rows = tl.arange(0, ROWS)
    columns = tl.arange(0, BLOCK)
    at = sequence_ptr + tl.cast(first, tl.int64) * row_stride + rows[:, None] * row_stride + columns[None, :]
    inside = (columns < WIDTH)[None, :]
    if EDGE:
        inside = inside & (rows + first < count)[:, None]
    return tl.load(at, mask=inside, other=0.0)


@triton.jit
def write_rows(
    sequence_ptr, first, count, block, WIDTH: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr
):  # fmt: skip
    """To a sequence that is laid out without gaps."""
    rows = tl.arange(0, ROWS)
    columns = tl.arange(0, BLOCK)
    at = sequence_ptr + tl.cast(first, tl.int64) * WIDTH + rows[:, None] * WIDTH + columns[None, :]
    inside = (rows + first < count)[:, None] & (columns < WIDTH)[None, :]
    tl.store(at, block.to(sequence_ptr.dtype.element_ty), mask=inside)


@triton.jit
def highest(scores, unit, EXACT: tl.constexpr):
    """The maximum of each row; times `unit` if not EXACT."""
    return tl.max(scores, 1) if EXACT else tl.max(scores, 1) * unit


@triton.jit
def exponents_of(scores, shift, unit, EXACT: tl.constexpr):
    """How far scores are above `shift`, as powers of two: in one operation, or EXACT, with 0 for equal ones."""
    return (scores - shift) * unit if EXACT else tl.fma(scores, unit, -shift)


@triton.jit
def read_statistics(statistics_ptr, rows, length, sequences, sequence, EXACT: tl.constexpr):
    """Maxima and logarithms of sums, such that rows beyond the last weigh nothing; added to each other if not EXACT."""
    at = statistics_ptr + sequence * length + rows
    maxima = tl.load(at, mask=rows < length, other=float("inf"))
    logs = tl.load(at + tl.cast(sequences, tl.int64) * length, mask=rows < length, other=0.0)
    return maxima if EXACT else maxima + logs, logs


@triton.jit
def gradients_of_scores(weights, dweights, products, EXACT: tl.constexpr):
    """Of the softmax: `products` are the sums of weights times `dweights` of each row.

    A weight of 1 is alone in its row and has the gradient 0: without this the rounding of two sums would be left of it.
    """
    dscores = weights * (dweights - products)
    if EXACT:
        dscores = tl.where(weights < 1.0 - 2.0**-22, dscores, 0.0)
    return dscores
