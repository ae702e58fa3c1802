"""Additive scores of all queries with all keys, whose hidden units are never in memory, forward or backward.

For N batch elements of L_q queries and L_k keys of d features, h hidden units, and elements of s bytes:

| | bytes read and written | operations |
|---|---|---|
| forward | N (L_q L_k + L_q d + L_k d) s | N L_q L_k h times tanh |
| backward | 2 N (L_q L_k + L_q d + L_k d) s | 2 N L_q L_k h times tanh |

Exponentials and divisions bound it, of which a multiprocessor does 16 at a time. What a kernel gains is the tensor of
all pairs and hidden units, which is h times as large as the scores, and which PyTorch writes twice and reads twice.

Source: Bahdanau et al. 2015, appendix A.1.2. That backward sums over keys in one launch and over queries in another,
each by programs that own what they sum, is the way of FlashAttention-2 (Dao 2023, §3.2): no atomic operations, and the
same result every time.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from reference.kernels.launch import refuse_what_kernels_cannot_read
from reference.kernels.scores import GROUP, one_batch_axis, side_of, tile_of

QUERIES, KEYS = 32, 128
"""Of a tile of scores: 32 in the registers of each thread, one hidden unit after the other."""

OWN, OTHER, UNITS = 16, 32, 8
"""Of a gradient, what a program holds at once: vectors whose gradient it is, others, hidden units."""


def additive_score(queries: Tensor, keys: Tensor, w_q: Tensor, w_k: Tensor, v: Tensor) -> Tensor:
    """Score by a network with one hidden layer, vᵀ tanh(W_q q + W_k k), whose hidden units are never in memory.

    The two projections are library products, in float32: they are a small part of the work where keys are many, and
    what enters tanh is not rounded on the way.

    Args:
        queries: `(..., L_q, d)`.
        keys: `(..., L_k, d)`.
        w_q: `(d_a, d)`.
        w_k: `(d_a, d)`.
        v: `(d_a,)`.

    Returns:
        `(..., L_q, L_k)`, in the dtype of `queries`; differentiable with respect to all five.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU.

    Source: Bahdanau et al. 2015, appendix A.1.2.
    """
    refuse_what_kernels_cannot_read(queries, keys, w_q, w_k, v)
    batch, flat_queries, flat_keys = one_batch_axis(queries, keys)
    projected_queries = w_q.float() @ flat_queries.float().mT  # hidden units first: positions lie side by side
    projected_keys = w_k.float() @ flat_keys.float().mT
    scores: Tensor = _Additive.apply(projected_queries, projected_keys, v.float(), queries.dtype)
    return scores.reshape(*batch, *scores.shape[-2:])


class _Additive(torch.autograd.Function):
    """From projections of `(N, d_a, L)` in float32."""

    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, v: Tensor, dtype: torch.dtype) -> Tensor:
        queries, keys, v = queries.contiguous(), keys.contiguous(), v.contiguous()
        ctx.save_for_backward(queries, keys, v)
        return _tiles(queries, keys, v, dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        queries, keys, v = ctx.saved_tensors
        of_queries, of_keys, of_v, _ = ctx.needs_input_grad
        dqueries = dkeys = dv = None
        if of_queries or of_v:
            dqueries, dv = _gradient(grad_output, queries, keys, v, weights=of_v)
        if of_keys:
            dkeys, _ = _gradient(grad_output.mT, keys, queries, v, weights=False)
        return dqueries, dkeys, dv, None


def _tiles(queries: Tensor, keys: Tensor, v: Tensor, dtype: torch.dtype) -> Tensor:
    (count, units, length_q), length_k = queries.shape, keys.shape[2]
    scores = torch.empty(count, length_q, length_k, dtype=dtype, device=queries.device)
    block_q, block_k = side_of(length_q, QUERIES), side_of(length_k, KEYS)
    tiles = triton.cdiv(length_q, block_q) * triton.cdiv(length_k, block_k)
    if not count * tiles:
        return scores
    with torch.cuda.device_of(queries):
        _score_tile[(count * tiles,)](
            queries, keys, v, scores, length_q, length_k, units, BLOCK_Q=block_q, BLOCK_K=block_k, GROUP=GROUP,
            num_warps=4,
        )  # fmt: skip
    return scores


def _gradient(
    grad_output: Tensor, own: Tensor, others: Tensor, v: Tensor, *, weights: bool
) -> tuple[Tensor, Tensor | None]:
    """∂L/∂(W_q q) of queries, or of keys where the roles are exchanged; with it ∂L/∂v, if `weights` are wanted."""
    count, units, length = own.shape
    gradient = torch.empty_like(own)
    blocks = triton.cdiv(length, OWN)
    of_weights = torch.empty(count * blocks, units, dtype=torch.float32, device=own.device) if weights else None
    if own.numel():
        with torch.cuda.device_of(own):
            _gradient_tile[(count * blocks * triton.cdiv(units, UNITS),)](
                grad_output, own, others, v, gradient, of_weights, *grad_output.stride(),
                length, others.shape[2], units, BLOCK=OWN, BLOCK_OTHERS=OTHER, BLOCK_UNITS=UNITS, num_warps=4,
            )  # fmt: skip
    return gradient, None if of_weights is None else of_weights.sum(0)


@triton.jit
def _tanh_and_slope(x):
    """tanh x and 1 − tanh² x, from e^(−2|x|), which can't overflow; near 0, where that loses digits, as Cephes does."""
    size = tl.abs(x)
    decay = tl.exp(-2.0 * size)
    inverse = 1.0 / (1.0 + decay)
    far = (1.0 - decay) * inverse
    square = x * x
    near = (-5.70498872745e-3 * square + 2.06390887954e-2) * square - 5.37397155531e-2
    near = (near * square + 1.33314422036e-1) * square - 3.33332819422e-1
    tanh = tl.where(size < 0.625, x + x * square * near, tl.where(x < 0.0, -far, far))
    return tanh, 4.0 * decay * inverse * inverse


@triton.jit
def _score_tile(
    queries_ptr, keys_ptr, v_ptr, scores_ptr, length_q, length_k, units,
    BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    batch, row, column = tile_of(length_q, length_k, BLOCK_Q, BLOCK_K, GROUP)
    rows = row * BLOCK_Q + tl.arange(0, BLOCK_Q)
    columns = column * BLOCK_K + tl.arange(0, BLOCK_K)
    query_ptrs = queries_ptr + batch * units * length_q + rows
    key_ptrs = keys_ptr + batch * units * length_k + columns
    scores = tl.zeros((BLOCK_Q, BLOCK_K), tl.float32)
    for unit in range(units):
        queries = tl.load(query_ptrs, mask=rows < length_q, other=0.0)
        keys = tl.load(key_ptrs, mask=columns < length_k, other=0.0)
        tanh, _ = _tanh_and_slope(queries[:, None] + keys[None, :])
        scores += tl.load(v_ptr + unit) * tanh
        query_ptrs += length_q
        key_ptrs += length_k
    places = batch * length_q * length_k + rows[:, None] * length_k + columns[None, :]
    inside = (rows < length_q)[:, None] & (columns < length_k)[None, :]
    tl.store(scores_ptr + places, scores.to(scores_ptr.dtype.element_ty), mask=inside)


@triton.jit
def _gradient_tile(
    grad_ptr, own_ptr, others_ptr, v_ptr, gradient_ptr, of_weights_ptr, g_batch, g_row, g_column,
    length, length_others, units, BLOCK: tl.constexpr, BLOCK_OTHERS: tl.constexpr, BLOCK_UNITS: tl.constexpr,
):  # fmt: skip
    """Sums over the others, of some hidden units; they are added up where they are until the last one is read."""
    parts, blocks = tl.cdiv(units, BLOCK_UNITS), tl.cdiv(length, BLOCK)
    of_units = (tl.program_id(0) % parts).to(tl.int64) * BLOCK_UNITS + tl.arange(0, BLOCK_UNITS)
    block = tl.program_id(0) // parts
    batch = (block // blocks).to(tl.int64)
    rows = (block % blocks).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    places = (batch * units + of_units[None, :]) * length + rows[:, None]
    inside = (of_units < units)[None, :] & (rows < length)[:, None]
    own = tl.load(own_ptr + places, mask=inside, other=0.0)
    slopes = tl.zeros((BLOCK, BLOCK_OTHERS, BLOCK_UNITS), tl.float32)
    values = tl.zeros((BLOCK, BLOCK_OTHERS, BLOCK_UNITS), tl.float32)
    for start in range(0, length_others, BLOCK_OTHERS):
        columns = start + tl.arange(0, BLOCK_OTHERS).to(tl.int64)
        there = (of_units < units)[None, :] & (columns < length_others)[:, None]
        others_ptrs = others_ptr + (batch * units + of_units[None, :]) * length_others + columns[:, None]
        others = tl.load(others_ptrs, mask=there, other=0.0)
        pairs = (rows < length)[:, None] & (columns < length_others)[None, :]
        grad_ptrs = grad_ptr + batch * g_batch + rows[:, None] * g_row + columns[None, :] * g_column
        grad = tl.load(grad_ptrs, mask=pairs, other=0.0).to(tl.float32)
        tanh, slope = _tanh_and_slope(own[:, None, :] + others[None, :, :])
        slopes += grad[:, :, None] * slope
        if of_weights_ptr is not None:
            values += grad[:, :, None] * tanh
    v = tl.load(v_ptr + of_units, mask=of_units < units, other=0.0)
    tl.store(gradient_ptr + places, tl.sum(slopes, axis=1) * v[None, :], mask=inside)
    if of_weights_ptr is not None:
        weights = tl.sum(tl.sum(values, axis=1), axis=0)
        tl.store(of_weights_ptr + block.to(tl.int64) * units + of_units, weights, mask=of_units < units)
