"""Attention with an additive mask, or a causal one, forward and backward: scores and weights never leave the chip.

For S sequences of L_q queries and L_k keys, of d_k, d_v elements of s bytes each, and blocks of B queries or keys:

| | bytes read and written | operations |
|---|---|---|
| forward | S s (L_q (d_k + d_v) + ⌈L_q / B⌉ L_k (d_k + d_v)), the mask S times; 8 S L_q | 2 S L_q L_k (d_k + d_v) |
| backward | about three times that, and 12 S L_q | 2 S L_q L_k (4 d_k + 3 d_v) |

That is some hundreds of operations for each byte, so what bounds attention is the matrix units: what is read again is
in the cache of the chip. Without the mask half of it would be, in vain, above the diagonal: `causal_attention` leaves
out these blocks. Its softmax is "online": the maximum and the sum of a row are corrected as blocks come in.

Backward computes the weights anew, from the maximum and the logarithm of the sum of each row, once for each block of
queries (∂L/∂Q) and once for each block of keys (∂L/∂K, ∂L/∂V). Each program adds up alone and in one order, so there
are no atomic operations, and the same inputs give the same bits.

Source: Dao 2023 (FlashAttention-2), algorithms 1 and 2; Milakov & Gimelshein 2018 for the online softmax.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from reference.kernels.blocks import Blocks, Table, blocks_for
from reference.kernels.launch import power_of_two, refuse_what_kernels_cannot_read
from reference.kernels.tiles import (
    exponents_of,
    gradients_of_scores,
    highest,
    read_rows,
    read_statistics,
    write_rows,
)

LARGEST_HEAD = 256
"""Elements of a query or a value: blocks of longer ones don't fit."""

WIDEST = 128
"""Keys that are read at once at most, which all other numbers of them divide."""

LOG2_E = 1.4426950408889634
"""exp x = 2^(x log₂ e): the power of two is what a GPU computes."""


_FORWARD: Table = {
    "plenty": {64: Blocks(128, 64, 4, 3), 128: Blocks(128, 64, 8, 3), 256: Blocks(128, 32, 8, 3)},
    "little": {64: Blocks(128, 64, 8, 2), 128: Blocks(128, 32, 8, 2), 256: Blocks(64, 32, 8, 2)},
    "float32": {64: Blocks(32, 32, 4, 2), 128: Blocks(32, 16, 4, 2), 256: Blocks(16, 16, 4, 2)},
}

_CAUSAL_FORWARD: Table = {
    **_FORWARD,
    "plenty": {64: Blocks(128, 64, 4, 3), 128: Blocks(128, 128, 8, 3), 256: Blocks(128, 32, 8, 3)},
}

_BACKWARD_QUERIES: Table = {
    "plenty": {64: Blocks(128, 64, 8, 2), 128: Blocks(128, 64, 8, 2), 256: Blocks(64, 32, 8, 2)},
    "little": {64: Blocks(64, 32, 4, 2), 128: Blocks(64, 32, 8, 2), 256: Blocks(32, 16, 8, 2)},
    "float32": {64: Blocks(32, 16, 4, 2), 128: Blocks(16, 16, 4, 2), 256: Blocks(16, 16, 8, 1)},
}

_BACKWARD_KEYS: Table = {
    "plenty": {64: Blocks(64, 128, 8, 2), 128: Blocks(32, 128, 8, 2), 256: Blocks(32, 32, 8, 2)},
    "little": {64: Blocks(64, 32, 4, 2), 128: Blocks(32, 64, 8, 2), 256: Blocks(16, 32, 8, 2)},
    "float32": {64: Blocks(32, 16, 4, 2), 128: Blocks(16, 16, 4, 2), 256: Blocks(16, 16, 8, 1)},
}


def masked_attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """Attention with an additive mask, softmax(QKᵀ / √d_k + M) V.

    Args:
        queries: `(..., L_q, d_k)`.
        keys: `(..., L_k, d_k)`.
        values: `(..., L_k, d_v)`.
        mask: `(L_q, L_k)`, 0 where attention is allowed and −inf where it is not, or any finite bias; every row has at
            least one finite element. A constant: it gets no gradient.

    Returns:
        `(..., L_q, d_v)`, in the dtype of `queries`; differentiable with respect to `queries`, `keys` and `values`.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU.
        ValueError: d_k or d_v is larger than `LARGEST_HEAD`, or shapes don't belong together.

    Source: Vaswani et al. 2017, eq. 1 and §3.2.3; Dao 2023, algorithms 1 and 2.
    """
    refuse_what_kernels_cannot_read(queries, keys, values, mask)
    refuse_shapes_that_do_not_fit(queries, keys, values)
    mask = _padded(mask.detach().expand(queries.shape[-2], keys.shape[-2]))
    result: Tensor = _Attention.apply(*with_one_batch(queries, keys, values), mask)
    return result


def causal_attention(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Attention in which query i reads from the keys 0 … i alone, as with a causal mask, in half the time.

    Args:
        queries: `(..., L_q, d_k)`.
        keys: `(..., L_k, d_k)`.
        values: `(..., L_k, d_v)`.

    Returns:
        `(..., L_q, d_v)`, in the dtype of `queries`; differentiable with respect to all three.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU.
        ValueError: d_k or d_v is larger than `LARGEST_HEAD`, or shapes don't belong together.

    Source: Vaswani et al. 2017, eq. 1 and §3.2.3; Dao 2023, §3.1.
    """
    refuse_what_kernels_cannot_read(queries, keys, values)
    refuse_shapes_that_do_not_fit(queries, keys, values)
    result: Tensor = _Attention.apply(*with_one_batch(queries, keys, values), None)
    return result


def refuse_shapes_that_do_not_fit(queries: Tensor, keys: Tensor, values: Tensor) -> None:
    """Look at the sizes of vectors and sequences.

    Raises:
        ValueError: vectors are longer than `LARGEST_HEAD`, or shapes don't belong together.
    """
    if queries.shape[-1] != keys.shape[-1] or keys.shape[-2] != values.shape[-2]:
        raise ValueError(
            "attention takes queries (..., L_q, d_k), keys (..., L_k, d_k) and values (..., L_k, d_v), and got "
            f"{tuple(queries.shape)}, {tuple(keys.shape)} and {tuple(values.shape)}"
        )
    for name, size in (("d_k", queries.shape[-1]), ("d_v", values.shape[-1])):
        if size > LARGEST_HEAD:
            raise ValueError(
                f"attention's kernels take vectors of up to {LARGEST_HEAD} elements, and got {name} = {size}: "
                "take several heads, or the function of the same name in `reference`"
            )


def with_one_batch(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The same tensors with the same batch dimensions: what lacks one is repeated along it, without a copy."""
    batch = torch.broadcast_shapes(*(tensor.shape[:-2] for tensor in tensors))
    return tuple(tensor.expand(*batch, *tensor.shape[-2:]) for tensor in tensors)


def sequences_of(tensor: Tensor) -> Tensor:
    """`(..., L, d)` as `(outer, heads, L, d)` with neighbours in d side by side; no copy where strides allow it."""
    if tensor.shape[-1] > 1 and tensor.stride(-1) != 1:
        tensor = tensor.contiguous()
    batch = tensor.shape[:-2]
    if len(batch) > 2:
        tensor = tensor.reshape(math.prod(batch[:-1]), *tensor.shape[-3:])
    return tensor[(None,) * (4 - tensor.dim())]


def _padded(mask: Tensor) -> Tensor:
    """The mask with whole blocks of keys, closed beyond the last one, in rows that begin where many bytes can be read.

    Where it isn't like that it is copied: read element by element it would take the registers of everything else.
    """
    length_q, length_k = mask.shape
    if length_k % WIDEST == 0 and mask.stride(1) == 1 and mask.stride(0) % 16 == 0:
        return mask
    padded = mask.new_full((length_q, triton.cdiv(length_k, WIDEST) * WIDEST), float("-inf"))
    padded[:, :length_k] = mask
    return padded


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        result = queries.new_zeros(*queries.shape[:-1], values.shape[-1])
        statistics = torch.empty(2, *queries.shape[:-1], dtype=torch.float32, device=queries.device)
        if result.numel() and keys.shape[-2]:
            with torch.cuda.device_of(queries):
                _forward(queries, keys, values, mask, result, statistics)
        ctx.save_for_backward(queries, keys, values, mask, result, statistics)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        queries, keys, values, mask, result, statistics = ctx.saved_tensors
        gradients = tuple(
            torch.zeros(tensor.shape, dtype=tensor.dtype, device=tensor.device) for tensor in (queries, keys, values)
        )
        if result.numel() and keys.shape[-2]:
            with torch.cuda.device_of(queries):
                _backward(grad_output, queries, keys, values, mask, result, statistics, *gradients)
        return *gradients, None


def _forward(
    queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, result: Tensor, statistics: Tensor
) -> None:
    q, k, v = (sequences_of(tensor) for tensor in (queries, keys, values))
    blocks = _forward_blocks(q, v, mask)
    _attend[_grid(q, blocks.queries)](
        q, k, v, mask, result, statistics, *q.stride()[:3], *k.stride()[:3], *v.stride()[:3], *_strides(mask),
        *_sizes(q, k), **_constants(q, v, mask), BLOCK_Q=blocks.queries, BLOCK_K=blocks.keys,
        num_warps=blocks.warps, num_stages=blocks.stages,
    )  # fmt: skip


def _backward(
    grad_output: Tensor, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, result: Tensor,
    statistics: Tensor, dq: Tensor, dk: Tensor, dv: Tensor,
) -> None:  # fmt: skip
    """∂L/∂Q first: on the way it leaves the products of gradients and results, which ∂L/∂K needs."""
    q, k, v, grads = (sequences_of(tensor) for tensor in (queries, keys, values, grad_output))
    products = torch.empty(result.shape[:-1], dtype=torch.float32, device=q.device)
    strides = (*q.stride()[:3], *k.stride()[:3], *v.stride()[:3], *grads.stride()[:3], *_strides(mask))
    sizes, constants = _sizes(q, k), _constants(q, v, mask)
    blocks = _query_blocks(q, v)
    _backward_queries[_grid(q, blocks.queries)](
        q, k, v, mask, result, grads, statistics, products, dq, *strides, *sizes, **constants,
        BLOCK_Q=blocks.queries, BLOCK_K=blocks.keys, num_warps=blocks.warps, num_stages=blocks.stages,
    )  # fmt: skip
    blocks = _key_blocks(q, k, v)
    _backward_keys[_grid(k, blocks.keys)](
        q, k, v, mask, grads, statistics, products, dk, dv, *strides, *sizes, **constants,
        BLOCK_Q=blocks.queries, BLOCK_K=blocks.keys, num_warps=blocks.warps, num_stages=blocks.stages,
    )  # fmt: skip


def _grid(sequences: Tensor, block: int) -> tuple[int]:
    """A program for each block of each sequence, in the one dimension that may be long."""
    return (sequences.shape[0] * sequences.shape[1] * triton.cdiv(sequences.shape[2], block),)


def _strides(mask: Tensor | None) -> tuple[int, int]:
    return (0, 0) if mask is None else (mask.stride(0), mask.stride(1))


def _sizes(q: Tensor, k: Tensor) -> tuple[int, int, int, int, float]:
    """Sequences, heads, L_q, L_k and 1 / √d_k."""
    return q.shape[0] * q.shape[1], q.shape[1], q.shape[2], k.shape[2], 1.0 / math.sqrt(q.shape[3])


def _constants(q: Tensor, v: Tensor, mask: Tensor | None) -> dict[str, Any]:
    """What is compiled in: sizes of vectors, what masks, and whether more than bfloat16 holds is asked.

    Scores of ±10,000, times log₂ e, are rounded by some 5 · 10⁻⁴. For bfloat16 that is nothing: one operation
    multiplies them and takes off the maximum, and backward the maximum and the logarithm of the sum are one number. For
    the others a weight that is alone in its row is to be 1, and not 1.0003.
    """
    return {
        "D_K": q.shape[3],
        "D_V": v.shape[3],
        "BLOCK_D_K": max(16, power_of_two(q.shape[3])),
        "BLOCK_D_V": max(16, power_of_two(v.shape[3])),
        "MASKED": mask is not None,
        "EXACT": q.dtype is not torch.bfloat16,
        "LOG2_E": LOG2_E,
    }


def _forward_blocks(q: Tensor, v: Tensor, mask: Tensor | None) -> Blocks:
    return blocks_for(_FORWARD if mask is not None else _CAUSAL_FORWARD, q, v).for_queries(q.shape[2])


def _query_blocks(q: Tensor, v: Tensor) -> Blocks:
    return blocks_for(_BACKWARD_QUERIES, q, v).for_queries(q.shape[2])


def _key_blocks(q: Tensor, k: Tensor, v: Tensor) -> Blocks:
    return blocks_for(_BACKWARD_KEYS, q, v).for_keys(k.shape[2])


@triton.jit
def _block_of_sequence(length, BLOCK: tl.constexpr, LAST_FIRST: tl.constexpr):
    """The number of the sequence, and the first row in it; programs with long work are to start early."""
    blocks = tl.cdiv(length, BLOCK)
    block = tl.program_id(0) % blocks
    sequence = tl.program_id(0) // blocks
    if LAST_FIRST:
        block = blocks - 1 - block
    return sequence.to(tl.int64), block * BLOCK


@triton.jit
def _scores(
    q, k, mask_ptr, mask_row, mask_column, first_q, first_k, length_q, length_k, scale,
    BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr, MASKED: tl.constexpr, EDGE: tl.constexpr,
):  # fmt: skip
    """Products of queries and keys, scaled and masked where there is a mask, else as they are and at an EDGE causal."""
    scores = tl.dot(q, tl.trans(k), input_precision="tf32x3")
    rows = tl.arange(0, BLOCK_Q)
    columns = tl.arange(0, BLOCK_K)
    if MASKED:
        corner = mask_ptr + tl.cast(first_q, tl.int64) * mask_row + tl.cast(first_k, tl.int64) * mask_column
        known = tl.minimum(rows, length_q - 1 - first_q)
        at = corner + (known[:, None] * mask_row + columns[None, :] * mask_column)
        scores = scores * scale + tl.load(at).to(tl.float32)
    elif EDGE:
        open_ = (rows + first_q)[:, None] >= (columns + first_k)[None, :]
        scores = tl.where(open_ & (columns + first_k < length_k)[None, :], scores, float("-inf"))
    return scores


@triton.jit
def _attend_to(
    low, high, sums, totals, maxima, q, k_ptr, v_ptr, mask_ptr, k_row, v_row, mask_row, mask_column,
    first_q, length_q, length_k, scale, unit,
    D_K: tl.constexpr, D_V: tl.constexpr, BLOCK_D_K: tl.constexpr, BLOCK_D_V: tl.constexpr,
    BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr, MASKED: tl.constexpr, EXACT: tl.constexpr, EDGE: tl.constexpr,
):  # fmt: skip
    """Take in the keys from `low` to `high`: `sums` of values and `totals` of weights are relative to the maxima."""
    for first_k in range(low, high, BLOCK_K):
        k = read_rows(k_ptr, first_k, length_k, k_row, D_K, BLOCK_K, BLOCK_D_K, EDGE)
        scores = _scores(
            q, k, mask_ptr, mask_row, mask_column, first_q, first_k, length_q, length_k, scale,
            BLOCK_Q, BLOCK_K, MASKED, EDGE,
        )  # fmt: skip
        higher = tl.maximum(maxima, highest(scores, unit, EXACT))
        shift = tl.where(higher == float("-inf"), 0.0, higher)  # nothing is open so far: −inf − (−inf) is no number
        weights = tl.exp2(exponents_of(scores, shift[:, None], unit, EXACT))
        correction = tl.exp2(exponents_of(maxima, shift, unit if EXACT else 1.0, EXACT))
        totals = totals * correction + tl.sum(weights, 1)
        v = read_rows(v_ptr, first_k, length_k, v_row, D_V, BLOCK_K, BLOCK_D_V, EDGE)
        sums = tl.dot(weights.to(v.dtype), v, sums * correction[:, None], input_precision="tf32x3")
        maxima = higher
    return sums, totals, maxima


@triton.jit
def _key_bounds(first_q, length_k, BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr, MASKED: tl.constexpr):
    """Up to where blocks of keys are open and complete, and up to where there are keys to look at."""
    open_to_all = length_k if MASKED else tl.minimum(length_k, first_q + 1)
    open_to_any = length_k if MASKED else tl.minimum(length_k, first_q + BLOCK_Q)
    return open_to_all // BLOCK_K * BLOCK_K, open_to_any


@triton.jit
def _attend(
    q_ptr, k_ptr, v_ptr, mask_ptr, result_ptr, statistics_ptr,
    q_outer, q_head, q_row, k_outer, k_head, k_row, v_outer, v_head, v_row, mask_row, mask_column,
    sequences, heads, length_q, length_k, scale,
    D_K: tl.constexpr, D_V: tl.constexpr, BLOCK_D_K: tl.constexpr, BLOCK_D_V: tl.constexpr,
    MASKED: tl.constexpr, EXACT: tl.constexpr, LOG2_E: tl.constexpr, BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    sequence, first_q = _block_of_sequence(length_q, BLOCK_Q, not MASKED)
    outer, head = sequence // heads, sequence % heads
    k_ptr += outer * k_outer + head * k_head
    v_ptr += outer * v_outer + head * v_head
    q = read_rows(q_ptr + outer * q_outer + head * q_head, first_q, length_q, q_row, D_K, BLOCK_Q, BLOCK_D_K, True)
    sums = tl.zeros((BLOCK_Q, BLOCK_D_V), tl.float32)
    totals = tl.zeros((BLOCK_Q,), tl.float32)
    maxima = tl.full((BLOCK_Q,), float("-inf"), tl.float32)
    unit = LOG2_E if MASKED else scale * LOG2_E
    whole, high = _key_bounds(first_q, length_k, BLOCK_Q, BLOCK_K, MASKED)
    sums, totals, maxima = _attend_to(
        0, whole, sums, totals, maxima, q, k_ptr, v_ptr, mask_ptr, k_row, v_row, mask_row, mask_column,
        first_q, length_q, length_k, scale, unit,
        D_K, D_V, BLOCK_D_K, BLOCK_D_V, BLOCK_Q, BLOCK_K, MASKED, EXACT, False,
    )  # fmt: skip
    sums, totals, maxima = _attend_to(
        whole, high, sums, totals, maxima, q, k_ptr, v_ptr, mask_ptr, k_row, v_row, mask_row, mask_column,
        first_q, length_q, length_k, scale, unit,
        D_K, D_V, BLOCK_D_K, BLOCK_D_V, BLOCK_Q, BLOCK_K, MASKED, EXACT, True,
    )  # fmt: skip
    write_rows(
        result_ptr + sequence * length_q * D_V, first_q, length_q, sums / totals[:, None], D_V, BLOCK_Q, BLOCK_D_V
    )
    rows = first_q + tl.arange(0, BLOCK_Q)
    at = statistics_ptr + sequence * length_q + rows
    tl.store(at, maxima, mask=rows < length_q)
    tl.store(at + tl.cast(sequences, tl.int64) * length_q, tl.log2(totals), mask=rows < length_q)


@triton.jit
def _gradients_of_queries(
    low, high, dq, q, grads, shift, logs, products, k_ptr, v_ptr, mask_ptr, k_row, v_row, mask_row, mask_column,
    first_q, length_q, length_k, scale, unit,
    D_K: tl.constexpr, D_V: tl.constexpr, BLOCK_D_K: tl.constexpr, BLOCK_D_V: tl.constexpr,
    BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr, MASKED: tl.constexpr, EXACT: tl.constexpr, EDGE: tl.constexpr,
):  # fmt: skip
    for first_k in range(low, high, BLOCK_K):
        k = read_rows(k_ptr, first_k, length_k, k_row, D_K, BLOCK_K, BLOCK_D_K, EDGE)
        v = read_rows(v_ptr, first_k, length_k, v_row, D_V, BLOCK_K, BLOCK_D_V, EDGE)
        scores = _scores(
            q, k, mask_ptr, mask_row, mask_column, first_q, first_k, length_q, length_k, scale,
            BLOCK_Q, BLOCK_K, MASKED, EDGE,
        )  # fmt: skip
        exponents = exponents_of(scores, shift[:, None], unit, EXACT)
        weights = tl.exp2(exponents - logs[:, None] if EXACT else exponents)
        dweights = tl.dot(grads, tl.trans(v), input_precision="tf32x3")
        dscores = gradients_of_scores(weights, dweights, products[:, None], EXACT)
        dq = tl.dot(dscores.to(k.dtype), k, dq, input_precision="tf32x3")
    return dq


@triton.jit
def _backward_queries(
    q_ptr, k_ptr, v_ptr, mask_ptr, result_ptr, grad_ptr, statistics_ptr, products_ptr, dq_ptr,
    q_outer, q_head, q_row, k_outer, k_head, k_row, v_outer, v_head, v_row, grad_outer, grad_head, grad_row,
    mask_row, mask_column, sequences, heads, length_q, length_k, scale,
    D_K: tl.constexpr, D_V: tl.constexpr, BLOCK_D_K: tl.constexpr, BLOCK_D_V: tl.constexpr,
    MASKED: tl.constexpr, EXACT: tl.constexpr, LOG2_E: tl.constexpr, BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    sequence, first_q = _block_of_sequence(length_q, BLOCK_Q, not MASKED)
    outer, head = sequence // heads, sequence % heads
    k_ptr += outer * k_outer + head * k_head
    v_ptr += outer * v_outer + head * v_head
    q = read_rows(q_ptr + outer * q_outer + head * q_head, first_q, length_q, q_row, D_K, BLOCK_Q, BLOCK_D_K, True)
    grad_ptr += outer * grad_outer + head * grad_head
    grads = read_rows(grad_ptr, first_q, length_q, grad_row, D_V, BLOCK_Q, BLOCK_D_V, True)
    results = read_rows(result_ptr + sequence * length_q * D_V, first_q, length_q, D_V, D_V, BLOCK_Q, BLOCK_D_V, True)
    products = tl.sum(results.to(tl.float32) * grads.to(tl.float32), 1)
    rows = first_q + tl.arange(0, BLOCK_Q)
    tl.store(products_ptr + sequence * length_q + rows, products, mask=rows < length_q)
    shift, logs = read_statistics(statistics_ptr, rows, length_q, sequences, sequence, EXACT)
    dq = tl.zeros((BLOCK_Q, BLOCK_D_K), tl.float32)
    unit = LOG2_E if MASKED else scale * LOG2_E
    whole, high = _key_bounds(first_q, length_k, BLOCK_Q, BLOCK_K, MASKED)
    dq = _gradients_of_queries(
        0, whole, dq, q, grads, shift, logs, products, k_ptr, v_ptr, mask_ptr, k_row, v_row, mask_row, mask_column,
        first_q, length_q, length_k, scale, unit,
        D_K, D_V, BLOCK_D_K, BLOCK_D_V, BLOCK_Q, BLOCK_K, MASKED, EXACT, False,
    )  # fmt: skip
    dq = _gradients_of_queries(
        whole, high, dq, q, grads, shift, logs, products, k_ptr, v_ptr, mask_ptr, k_row, v_row, mask_row, mask_column,
        first_q, length_q, length_k, scale, unit,
        D_K, D_V, BLOCK_D_K, BLOCK_D_V, BLOCK_Q, BLOCK_K, MASKED, EXACT, True,
    )  # fmt: skip
    write_rows(dq_ptr + sequence * length_q * D_K, first_q, length_q, dq * scale, D_K, BLOCK_Q, BLOCK_D_K)


@triton.jit
def _gradients_of_keys(
    low, high, dk, dv, k, v, q_ptr, grad_ptr, mask_ptr, statistics_ptr, products_ptr, q_row, grad_row,
    mask_row, mask_column, sequences, sequence, first_k, length_q, scale, unit,
    D_K: tl.constexpr, D_V: tl.constexpr, BLOCK_D_K: tl.constexpr, BLOCK_D_V: tl.constexpr,
    BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr, MASKED: tl.constexpr, EXACT: tl.constexpr, EDGE: tl.constexpr,
):  # fmt: skip
    """Scores have a row for each key here; of rows beyond the last nothing is written, so that they need no mask."""
    keys_here = tl.arange(0, BLOCK_K)
    queries_here = tl.arange(0, BLOCK_Q)
    for first_q in range(low, high, BLOCK_Q):
        q = read_rows(q_ptr, first_q, length_q, q_row, D_K, BLOCK_Q, BLOCK_D_K, True)
        shift, logs = read_statistics(statistics_ptr, first_q + queries_here, length_q, sequences, sequence, EXACT)
        scores = tl.dot(k, tl.trans(q), input_precision="tf32x3")
        if MASKED:
            corner = mask_ptr + tl.cast(first_q, tl.int64) * mask_row + tl.cast(first_k, tl.int64) * mask_column
            known = tl.minimum(queries_here, length_q - 1 - first_q)
            at = corner + (known[None, :] * mask_row + keys_here[:, None] * mask_column)
            scores = scores * scale + tl.load(at).to(tl.float32)
        elif EDGE:
            open_ = (queries_here + first_q)[None, :] >= (keys_here + first_k)[:, None]
            scores = tl.where(open_, scores, float("-inf"))
        exponents = exponents_of(scores, shift[None, :], unit, EXACT)
        weights = tl.exp2(exponents - logs[None, :] if EXACT else exponents)
        grads = read_rows(grad_ptr, first_q, length_q, grad_row, D_V, BLOCK_Q, BLOCK_D_V, True)
        dv = tl.dot(weights.to(grads.dtype), grads, dv, input_precision="tf32x3")
        rows = first_q + queries_here
        products = tl.load(products_ptr + rows, mask=rows < length_q, other=0.0)
        dweights = tl.dot(v, tl.trans(grads), input_precision="tf32x3")
        dscores = gradients_of_scores(weights, dweights, products[None, :], EXACT)
        dk = tl.dot(dscores.to(q.dtype), q, dk, input_precision="tf32x3")
    return dk, dv


@triton.jit
def _backward_keys(
    q_ptr, k_ptr, v_ptr, mask_ptr, grad_ptr, statistics_ptr, products_ptr, dk_ptr, dv_ptr,
    q_outer, q_head, q_row, k_outer, k_head, k_row, v_outer, v_head, v_row, grad_outer, grad_head, grad_row,
    mask_row, mask_column, sequences, heads, length_q, length_k, scale,
    D_K: tl.constexpr, D_V: tl.constexpr, BLOCK_D_K: tl.constexpr, BLOCK_D_V: tl.constexpr,
    MASKED: tl.constexpr, EXACT: tl.constexpr, LOG2_E: tl.constexpr, BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    sequence, first_k = _block_of_sequence(length_k, BLOCK_K, False)
    outer, head = sequence // heads, sequence % heads
    q_ptr += outer * q_outer + head * q_head
    grad_ptr += outer * grad_outer + head * grad_head
    products_ptr += sequence * length_q
    k = read_rows(k_ptr + outer * k_outer + head * k_head, first_k, length_k, k_row, D_K, BLOCK_K, BLOCK_D_K, True)
    v = read_rows(v_ptr + outer * v_outer + head * v_head, first_k, length_k, v_row, D_V, BLOCK_K, BLOCK_D_V, True)
    dk = tl.zeros((BLOCK_K, BLOCK_D_K), tl.float32)
    dv = tl.zeros((BLOCK_K, BLOCK_D_V), tl.float32)
    unit = LOG2_E if MASKED else scale * LOG2_E
    low = 0
    if not MASKED:
        diagonal = first_k // BLOCK_Q * BLOCK_Q
        low = tl.minimum(tl.cdiv(first_k + BLOCK_K - 1, BLOCK_Q) * BLOCK_Q, length_q)
        dk, dv = _gradients_of_keys(
            diagonal, low, dk, dv, k, v, q_ptr, grad_ptr, mask_ptr, statistics_ptr, products_ptr, q_row, grad_row,
            mask_row, mask_column, sequences, sequence, first_k, length_q, scale, unit,
            D_K, D_V, BLOCK_D_K, BLOCK_D_V, BLOCK_Q, BLOCK_K, MASKED, EXACT, True,
        )  # fmt: skip
    dk, dv = _gradients_of_keys(
        low, length_q, dk, dv, k, v, q_ptr, grad_ptr, mask_ptr, statistics_ptr, products_ptr, q_row, grad_row,
        mask_row, mask_column, sequences, sequence, first_k, length_q, scale, unit,
        D_K, D_V, BLOCK_D_K, BLOCK_D_V, BLOCK_Q, BLOCK_K, MASKED, EXACT, False,
    )  # fmt: skip
    write_rows(dk_ptr + sequence * length_k * D_K, first_k, length_k, dk * scale, D_K, BLOCK_K, BLOCK_D_K)
    write_rows(dv_ptr + sequence * length_k * D_V, first_k, length_k, dv, D_V, BLOCK_K, BLOCK_D_V)
