"""Attention with relative positions, forward and backward: no matrix of L by L is in memory, and no table of R_{i−j}.

For S sequences of L positions, of d_k, d_v elements of s bytes each, and blocks of B queries or keys:

| | bytes read and written | operations |
|---|---|---|
| forward | S s (L (d_k + d_v) + ⌈L / B⌉ L (2 d_k + d_v)), and 8 S L | 2 S L² (2 d_k + d_v) |
| backward | S s ⌈L / B⌉ L (9 d_k + 5 d_v), and 16 S L | 2 S L² (12 d_k + 5 d_v) |

What is read again is in the cache, so the matrix units bound it, and beside them the shared memory: the relative term
of a block is the product T of its queries with the rows of R that belong to its diagonals, and every row of T has to
be turned by another distance to come to lie along the rows of the scores (`_turned`). B queries meet 2 B − 1 diagonals
in a block. The next block of keys shares half of them, and of each row B elements are needed: those are chosen before
the turn, so that it is one of B by B elements, and its own inverse, which takes the gradients back.

Backward there are three kernels, for ∂L/∂Q; for ∂L/∂K and ∂L/∂V; and for ∂L/∂R, which computes the weights along bands
of diagonals once more, where the second could have added to R with atomic operations. It costs a third of backward, and
makes it deterministic: what programs add up is added up in a second pass.

Source: Shaw et al. 2018, eq. 1 and 4, with R_{i−j} of the assignment; Dao 2023 (FlashAttention-2), algorithms 1 and 2;
the turn is after the "relative to absolute" one of Huang et al. 2018 (Music Transformer), §3.4.1.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from reference.kernels.attention import LOG2_E, refuse_shapes_that_do_not_fit, sequences_of, with_one_batch
from reference.kernels.blocks import Blocks, Table, blocks_for
from reference.kernels.launch import power_of_two, programs_for, refuse_what_kernels_cannot_read
from reference.kernels.tiles import exponents_of, gradients_of_scores, highest, read_rows, read_statistics, write_rows


def _square(size: int, warps: int, stages: int) -> Blocks:
    """As many queries as keys, which is what turning a block asks for."""
    return Blocks(size, size, warps, stages)


_FORWARD: Table = {
    "plenty": {64: _square(64, 4, 2), 128: _square(64, 8, 2), 256: _square(16, 8, 2)},
    "little": {64: _square(64, 4, 2), 128: _square(32, 8, 2), 256: _square(16, 8, 2)},
    "float32": {64: _square(32, 4, 2), 128: _square(16, 4, 2), 256: _square(16, 4, 1)},
}
"""The largest blocks for which no variable is spilled, as in `reference.kernels.attention`.

In float32 that isn't always so: it is multiplied as three products of halves, and there are up to eight
products at once.
"""

_BACKWARD_QUERIES: Table = {
    "plenty": {64: _square(32, 4, 2), 128: _square(32, 8, 2), 256: _square(16, 8, 2)},
    "little": {64: _square(32, 4, 2), 128: _square(32, 8, 2), 256: _square(16, 8, 2)},
    "float32": {64: _square(16, 4, 2), 128: _square(16, 4, 2), 256: _square(16, 4, 1)},
}

_BACKWARD_KEYS: Table = {
    "plenty": {64: _square(64, 8, 2), 128: _square(32, 8, 2), 256: _square(32, 8, 1)},
    "little": {64: _square(32, 4, 2), 128: _square(32, 8, 2), 256: _square(32, 8, 1)},
    "float32": {64: _square(32, 4, 2), 128: _square(16, 4, 2), 256: _square(16, 4, 1)},
}

_BACKWARD_EMBEDDINGS: Table = {
    "plenty": {64: _square(32, 4, 2), 128: _square(32, 8, 2), 256: _square(16, 8, 2)},
    "little": {64: _square(32, 4, 2), 128: _square(32, 8, 2), 256: _square(32, 8, 1)},
    "float32": {64: _square(32, 8, 2), 128: _square(16, 4, 2), 256: _square(16, 4, 1)},
}


def relative_attention(queries: Tensor, keys: Tensor, values: Tensor, embeddings: Tensor) -> Tensor:
    """Attention with relative positions in its scores, softmax(q_i · (k_j + R_{i−j}) / √d_k) V.

    Args:
        queries: `(..., L, d_k)`.
        keys: `(..., L, d_k)`.
        values: `(..., L, d_v)`.
        embeddings: `(2L − 1, d_k)`, R_{i−j} in row i − j + L − 1.

    Returns:
        `(..., L, d_v)`, in the dtype of `queries`; differentiable with respect to all four.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU.
        ValueError: d_k or d_v is larger than a kernel takes, or shapes don't belong together.

    Source: Shaw et al. 2018, eq. 1 and 4: the values get no embedding.
    """
    refuse_what_kernels_cannot_read(queries, keys, values, embeddings)
    refuse_shapes_that_do_not_fit(queries, keys, values)
    length = queries.shape[-2]
    if keys.shape[-2] != length or embeddings.shape != (max(0, 2 * length - 1), queries.shape[-1]):
        raise ValueError(
            f"relative attention takes as many keys as queries, and embeddings of shape (2L − 1, d_k); got "
            f"{length} queries of {queries.shape[-1]} elements, {keys.shape[-2]} keys, and {tuple(embeddings.shape)}"
        )
    result: Tensor = _RelativeAttention.apply(*with_one_batch(queries, keys, values), embeddings)
    return result


class _RelativeAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, values: Tensor, embeddings: Tensor) -> Tensor:
        result = queries.new_zeros(*queries.shape[:-1], values.shape[-1])
        statistics = torch.empty(2, *queries.shape[:-1], dtype=torch.float32, device=queries.device)
        if result.numel():
            with torch.cuda.device_of(queries):
                _forward(queries, keys, values, embeddings, result, statistics)
        ctx.save_for_backward(queries, keys, values, embeddings, result, statistics)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        *inputs, result, statistics = ctx.saved_tensors
        gradients = [torch.zeros(tensor.shape, dtype=tensor.dtype, device=tensor.device) for tensor in inputs]
        if result.numel():
            with torch.cuda.device_of(result):
                _backward(grad_output, inputs, result, statistics, gradients)
        return tuple(gradients)


def _forward(
    queries: Tensor, keys: Tensor, values: Tensor, embeddings: Tensor, result: Tensor, statistics: Tensor
) -> None:
    q, k, v, r = (sequences_of(tensor) for tensor in (queries, keys, values, embeddings))
    blocks = _forward_blocks(q, v)
    _attend[_grid(q, blocks.queries)](
        q, k, v, r, result, statistics, *q.stride()[:3], *k.stride()[:3], *v.stride()[:3], r.stride(2), *_sizes(q),
        **_constants(q, v, blocks),
    )  # fmt: skip


def _backward(
    grad_output: Tensor, inputs: list[Tensor], result: Tensor, statistics: Tensor, gradients: list[Tensor]
) -> None:
    """∂L/∂Q first: on the way it leaves the products of gradients and results, which the others need."""
    q, k, v, r, grads = (sequences_of(tensor) for tensor in (*inputs, grad_output))
    dq, dk, dv, dr = gradients
    products = torch.empty(result.shape[:-1], dtype=torch.float32, device=q.device)
    strides = (*q.stride()[:3], *k.stride()[:3], *v.stride()[:3], *grads.stride()[:3], r.stride(2))
    sizes = _sizes(q)
    blocks = _query_blocks(q, v)
    _backward_queries[_grid(q, blocks.queries)](
        q, k, v, r, result, grads, statistics, products, dq, *strides, *sizes, **_constants(q, v, blocks)
    )
    blocks = _key_blocks(q, v)
    _backward_keys[_grid(q, blocks.keys)](
        q, k, v, r, grads, statistics, products, dk, dv, *strides, *sizes, **_constants(q, v, blocks)
    )
    blocks = _band_blocks(q, v)
    bands = triton.cdiv(r.shape[2], blocks.queries)
    shares = max(1, min(sizes[0], programs_for(sizes[0] * bands, q.device) // bands))
    parts = torch.empty(shares, *r.shape[2:], dtype=torch.float32, device=q.device)
    _backward_embeddings[(bands * shares,)](
        q, k, v, r, grads, statistics, products, parts, *strides, *sizes, shares, **_constants(q, v, blocks)
    )
    dr.copy_(parts.sum(0))


def _grid(sequences: Tensor, block: int) -> tuple[int]:
    """A program for each block of each sequence, in the one dimension that may be long."""
    return (sequences.shape[0] * sequences.shape[1] * triton.cdiv(sequences.shape[2], block),)


def _sizes(q: Tensor) -> tuple[int, int, int, float]:
    """Sequences, heads, L and 1 / √d_k."""
    return q.shape[0] * q.shape[1], q.shape[1], q.shape[2], 1.0 / math.sqrt(q.shape[3])


def _constants(q: Tensor, v: Tensor, blocks: Blocks) -> dict[str, Any]:
    """What is compiled in; EXACT is said in `reference.kernels.attention`."""
    return {
        "D_K": q.shape[3],
        "D_V": v.shape[3],
        "BLOCK_D_K": max(16, power_of_two(q.shape[3])),
        "BLOCK_D_V": max(16, power_of_two(v.shape[3])),
        "EXACT": q.dtype is not torch.bfloat16,
        "LOG2_E": LOG2_E,
        "BLOCK": blocks.keys,
        "num_warps": blocks.warps,
        "num_stages": blocks.stages,
    }


def _forward_blocks(q: Tensor, v: Tensor) -> Blocks:
    return blocks_for(_FORWARD, q, v)


def _query_blocks(q: Tensor, v: Tensor) -> Blocks:
    return blocks_for(_BACKWARD_QUERIES, q, v)


def _key_blocks(q: Tensor, v: Tensor) -> Blocks:
    return blocks_for(_BACKWARD_KEYS, q, v)


def _band_blocks(q: Tensor, v: Tensor) -> Blocks:
    return blocks_for(_BACKWARD_EMBEDDINGS, q, v)


@triton.jit
def _read_band(embeddings_ptr, first, count, row_stride, WIDTH: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    """Like `read_rows`, of rows that may begin before the first as well."""
    rows = first + tl.arange(0, ROWS)
    columns = tl.arange(0, BLOCK)
    at = embeddings_ptr + rows[:, None].to(tl.int64) * row_stride + columns[None, :]
    return tl.load(at, mask=((rows >= 0) & (rows < count))[:, None] & (columns < WIDTH)[None, :], other=0.0)


@triton.jit
def _turned(block, AXIS: tl.constexpr, BLOCK: tl.constexpr):
    """From diagonals to keys, and from keys to diagonals: element c of query m comes to lie at (m − c − 1) mod BLOCK.

    From query m to key n of a block it is m − n, and diagonals are counted from the lowest one, −(BLOCK − 1): so it's
    the diagonal m − n + BLOCK − 1, of 2 BLOCK − 1. Half of them are the lower ones, which are needed for n ≥ m.
    """
    own = tl.arange(0, BLOCK)
    distances = own[:, None] - own[None, :] if AXIS == 1 else own[None, :] - own[:, None]
    return tl.gather(block, (distances - 1) & (BLOCK - 1), AXIS)


@triton.jit
def _of_lower(AXIS: tl.constexpr, BLOCK: tl.constexpr):
    """Of the places 0 … BLOCK − 1 of each query along AXIS, those that the lower half of the diagonals fills."""
    own = tl.arange(0, BLOCK)
    return own[None, :] >= own[:, None] if AXIS == 1 else own[:, None] >= own[None, :]


@triton.jit
def _place(length, BLOCK: tl.constexpr):
    """The number of the sequence, and the first row in it."""
    blocks = tl.cdiv(length, BLOCK)
    return (tl.program_id(0) // blocks).to(tl.int64), tl.program_id(0) % blocks * BLOCK


@triton.jit
def _attend(
    q_ptr, k_ptr, v_ptr, r_ptr, result_ptr, statistics_ptr,
    q_outer, q_head, q_row, k_outer, k_head, k_row, v_outer, v_head, v_row, r_row, sequences, heads, length, scale,
    D_K: tl.constexpr, D_V: tl.constexpr, BLOCK_D_K: tl.constexpr, BLOCK_D_V: tl.constexpr,
    EXACT: tl.constexpr, LOG2_E: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    sequence, first_q = _place(length, BLOCK)
    outer, head = sequence // heads, sequence % heads
    k_ptr += outer * k_outer + head * k_head
    v_ptr += outer * v_outer + head * v_head
    q = read_rows(q_ptr + outer * q_outer + head * q_head, first_q, length, q_row, D_K, BLOCK, BLOCK_D_K, True)
    sums = tl.zeros((BLOCK, BLOCK_D_V), tl.float32)
    totals = tl.zeros((BLOCK,), tl.float32)
    maxima = tl.full((BLOCK,), float("-inf"), tl.float32)
    unit = scale * LOG2_E
    columns = tl.arange(0, BLOCK)
    distances = 2 * length - 1
    of_lower = _of_lower(1, BLOCK)
    band = _read_band(r_ptr, first_q + length, distances, r_row, D_K, BLOCK, BLOCK_D_K)
    upper = tl.dot(q, tl.trans(band), input_precision="tf32x3")
    for first_k in range(0, length, BLOCK):
        band = _read_band(r_ptr, first_q - first_k + length - BLOCK, distances, r_row, D_K, BLOCK, BLOCK_D_K)
        lower = tl.dot(q, tl.trans(band), input_precision="tf32x3")
        k = read_rows(k_ptr, first_k, length, k_row, D_K, BLOCK, BLOCK_D_K, True)
        scores = _turned(tl.where(of_lower, lower, upper), 1, BLOCK)
        scores = tl.dot(q, tl.trans(k), scores, input_precision="tf32x3")
        scores = tl.where((columns + first_k < length)[None, :], scores, float("-inf"))
        higher = tl.maximum(maxima, highest(scores, unit, EXACT))
        weights = tl.exp2(exponents_of(scores, higher[:, None], unit, EXACT))
        correction = tl.exp2(exponents_of(maxima, higher, unit if EXACT else 1.0, EXACT))
        totals = totals * correction + tl.sum(weights, 1)
        v = read_rows(v_ptr, first_k, length, v_row, D_V, BLOCK, BLOCK_D_V, True)
        sums = tl.dot(weights.to(v.dtype), v, sums * correction[:, None], input_precision="tf32x3")
        maxima = higher
        upper = lower
    write_rows(result_ptr + sequence * length * D_V, first_q, length, sums / totals[:, None], D_V, BLOCK, BLOCK_D_V)
    rows = first_q + tl.arange(0, BLOCK)
    at = statistics_ptr + sequence * length + rows
    tl.store(at, maxima, mask=rows < length)
    tl.store(at + tl.cast(sequences, tl.int64) * length, tl.log2(totals), mask=rows < length)


@triton.jit
def _backward_queries(
    q_ptr, k_ptr, v_ptr, r_ptr, result_ptr, grad_ptr, statistics_ptr, products_ptr, dq_ptr,
    q_outer, q_head, q_row, k_outer, k_head, k_row, v_outer, v_head, v_row, grad_outer, grad_head, grad_row, r_row,
    sequences, heads, length, scale,
    D_K: tl.constexpr, D_V: tl.constexpr, BLOCK_D_K: tl.constexpr, BLOCK_D_V: tl.constexpr,
    EXACT: tl.constexpr, LOG2_E: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """The lower diagonals of a block of keys are the upper ones of the next: their gradients are multiplied at once."""
    sequence, first_q = _place(length, BLOCK)
    outer, head = sequence // heads, sequence % heads
    k_ptr += outer * k_outer + head * k_head
    v_ptr += outer * v_outer + head * v_head
    q = read_rows(q_ptr + outer * q_outer + head * q_head, first_q, length, q_row, D_K, BLOCK, BLOCK_D_K, True)
    grad_ptr += outer * grad_outer + head * grad_head
    grads = read_rows(grad_ptr, first_q, length, grad_row, D_V, BLOCK, BLOCK_D_V, True)
    results = read_rows(result_ptr + sequence * length * D_V, first_q, length, D_V, D_V, BLOCK, BLOCK_D_V, True)
    products = tl.sum(results.to(tl.float32) * grads.to(tl.float32), 1)
    rows = first_q + tl.arange(0, BLOCK)
    tl.store(products_ptr + sequence * length + rows, products, mask=rows < length)
    shift, logs = read_statistics(statistics_ptr, rows, length, sequences, sequence, EXACT)
    dq = tl.zeros((BLOCK, BLOCK_D_K), tl.float32)
    unit = scale * LOG2_E
    columns = tl.arange(0, BLOCK)
    distances = 2 * length - 1
    of_lower = _of_lower(1, BLOCK)
    band = _read_band(r_ptr, first_q + length, distances, r_row, D_K, BLOCK, BLOCK_D_K)
    upper = tl.dot(q, tl.trans(band), input_precision="tf32x3")
    left = tl.zeros((BLOCK, BLOCK), q.dtype)
    for first_k in range(0, length, BLOCK):
        first_r = first_q - first_k + length - BLOCK
        band = _read_band(r_ptr, first_r, distances, r_row, D_K, BLOCK, BLOCK_D_K)
        lower = tl.dot(q, tl.trans(band), input_precision="tf32x3")
        k = read_rows(k_ptr, first_k, length, k_row, D_K, BLOCK, BLOCK_D_K, True)
        v = read_rows(v_ptr, first_k, length, v_row, D_V, BLOCK, BLOCK_D_V, True)
        scores = _turned(tl.where(of_lower, lower, upper), 1, BLOCK)
        scores = tl.dot(q, tl.trans(k), scores, input_precision="tf32x3")
        scores = tl.where((columns + first_k < length)[None, :], scores, float("-inf"))
        exponents = exponents_of(scores, shift[:, None], unit, EXACT)
        weights = tl.exp2(exponents - logs[:, None] if EXACT else exponents)
        dweights = tl.dot(grads, tl.trans(v), input_precision="tf32x3")
        dscores = gradients_of_scores(weights, dweights, products[:, None], EXACT).to(k.dtype)
        dq = tl.dot(dscores, k, dq, input_precision="tf32x3")
        along = _turned(dscores, 1, BLOCK)
        above = _read_band(r_ptr, first_r + BLOCK, distances, r_row, D_K, BLOCK, BLOCK_D_K)
        dq = tl.dot(tl.where(of_lower, left, along), above, dq, input_precision="tf32x3")
        left = along
        upper = lower
    first_r = first_q - (length - 1) // BLOCK * BLOCK + length - BLOCK
    band = _read_band(r_ptr, first_r, distances, r_row, D_K, BLOCK, BLOCK_D_K)
    dq = tl.dot(tl.where(of_lower, left, 0.0).to(band.dtype), band, dq, input_precision="tf32x3")
    write_rows(dq_ptr + sequence * length * D_K, first_q, length, dq * scale, D_K, BLOCK, BLOCK_D_K)


@triton.jit
def _backward_keys(
    q_ptr, k_ptr, v_ptr, r_ptr, grad_ptr, statistics_ptr, products_ptr, dk_ptr, dv_ptr,
    q_outer, q_head, q_row, k_outer, k_head, k_row, v_outer, v_head, v_row, grad_outer, grad_head, grad_row, r_row,
    sequences, heads, length, scale,
    D_K: tl.constexpr, D_V: tl.constexpr, BLOCK_D_K: tl.constexpr, BLOCK_D_V: tl.constexpr,
    EXACT: tl.constexpr, LOG2_E: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Scores have a row for each key here; of rows beyond the last nothing is written, so that they need no mask."""
    sequence, first_k = _place(length, BLOCK)
    outer, head = sequence // heads, sequence % heads
    q_ptr += outer * q_outer + head * q_head
    grad_ptr += outer * grad_outer + head * grad_head
    k = read_rows(k_ptr + outer * k_outer + head * k_head, first_k, length, k_row, D_K, BLOCK, BLOCK_D_K, True)
    v = read_rows(v_ptr + outer * v_outer + head * v_head, first_k, length, v_row, D_V, BLOCK, BLOCK_D_V, True)
    dk = tl.zeros((BLOCK, BLOCK_D_K), tl.float32)
    dv = tl.zeros((BLOCK, BLOCK_D_V), tl.float32)
    unit = scale * LOG2_E
    distances = 2 * length - 1
    of_lower = _of_lower(0, BLOCK)
    for first_q in range(0, length, BLOCK):
        q = read_rows(q_ptr, first_q, length, q_row, D_K, BLOCK, BLOCK_D_K, True)
        first_r = first_q - first_k + length - BLOCK
        band = _read_band(r_ptr, first_r, distances, r_row, D_K, BLOCK, BLOCK_D_K)
        lower = tl.dot(band, tl.trans(q), input_precision="tf32x3")
        band = _read_band(r_ptr, first_r + BLOCK, distances, r_row, D_K, BLOCK, BLOCK_D_K)
        upper = tl.dot(band, tl.trans(q), input_precision="tf32x3")
        scores = _turned(tl.where(of_lower, lower, upper), 0, BLOCK)
        scores = tl.dot(k, tl.trans(q), scores, input_precision="tf32x3")
        rows = first_q + tl.arange(0, BLOCK)
        shift, logs = read_statistics(statistics_ptr, rows, length, sequences, sequence, EXACT)
        exponents = exponents_of(scores, shift[None, :], unit, EXACT)
        weights = tl.exp2(exponents - logs[None, :] if EXACT else exponents)
        grads = read_rows(grad_ptr, first_q, length, grad_row, D_V, BLOCK, BLOCK_D_V, True)
        dv = tl.dot(weights.to(grads.dtype), grads, dv, input_precision="tf32x3")
        products = tl.load(products_ptr + sequence * length + rows, mask=rows < length, other=0.0)
        dweights = tl.dot(v, tl.trans(grads), input_precision="tf32x3")
        dscores = gradients_of_scores(weights, dweights, products[None, :], EXACT)
        dk = tl.dot(dscores.to(q.dtype), q, dk, input_precision="tf32x3")
    write_rows(dk_ptr + sequence * length * D_K, first_k, length, dk * scale, D_K, BLOCK, BLOCK_D_K)
    write_rows(dv_ptr + sequence * length * D_V, first_k, length, dv, D_V, BLOCK, BLOCK_D_V)


@triton.jit
def _backward_embeddings(
    q_ptr, k_ptr, v_ptr, r_ptr, grad_ptr, statistics_ptr, products_ptr, parts_ptr,
    q_outer, q_head, q_row, k_outer, k_head, k_row, v_outer, v_head, v_row, grad_outer, grad_head, grad_row, r_row,
    sequences, heads, length, scale, shares,
    D_K: tl.constexpr, D_V: tl.constexpr, BLOCK_D_K: tl.constexpr, BLOCK_D_V: tl.constexpr,
    EXACT: tl.constexpr, LOG2_E: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """A band of BLOCK diagonals, in each so many-th sequence: a query meets BLOCK keys there, its block 2 BLOCK − 1."""
    bands = tl.cdiv(2 * length - 1, BLOCK)
    first_r = tl.program_id(0) % bands * BLOCK
    share = tl.program_id(0) // bands
    distances = 2 * length - 1
    band = _read_band(r_ptr, first_r, distances, r_row, D_K, BLOCK, BLOCK_D_K)
    dr = tl.zeros((BLOCK, BLOCK_D_K), tl.float32)
    unit = scale * LOG2_E
    of_lower = _of_lower(0, BLOCK)
    places = tl.arange(0, BLOCK)
    low = tl.cdiv(tl.maximum(first_r - length - BLOCK + 2, 0), BLOCK) * BLOCK
    high = tl.minimum(length, first_r + BLOCK)
    for number in range(share, sequences, shares):
        sequence = tl.cast(number, tl.int64)
        outer, head = sequence // heads, sequence % heads
        q_at = q_ptr + outer * q_outer + head * q_head
        k_at = k_ptr + outer * k_outer + head * k_head
        v_at = v_ptr + outer * v_outer + head * v_head
        grad_at = grad_ptr + outer * grad_outer + head * grad_head
        for first_q in range(low, high, BLOCK):
            first_k = first_q - first_r + length - BLOCK
            q = read_rows(q_at, first_q, length, q_row, D_K, BLOCK, BLOCK_D_K, True)
            scores = _turned(tl.dot(band, tl.trans(q), input_precision="tf32x3"), 0, BLOCK)
            k = _read_band(k_at, first_k, length, k_row, D_K, BLOCK, BLOCK_D_K)
            lower = tl.dot(k, tl.trans(q), input_precision="tf32x3")
            k = _read_band(k_at, first_k + BLOCK, length, k_row, D_K, BLOCK, BLOCK_D_K)
            upper = tl.dot(k, tl.trans(q), input_precision="tf32x3")
            key = first_k + places[:, None] + tl.where(of_lower, 0, BLOCK)
            scores = tl.where((key >= 0) & (key < length), scores + tl.where(of_lower, lower, upper), float("-inf"))
            rows = first_q + places
            shift, logs = read_statistics(statistics_ptr, rows, length, sequences, sequence, EXACT)
            exponents = exponents_of(scores, shift[None, :], unit, EXACT)
            weights = tl.exp2(exponents - logs[None, :] if EXACT else exponents)
            grads = read_rows(grad_at, first_q, length, grad_row, D_V, BLOCK, BLOCK_D_V, True)
            v = _read_band(v_at, first_k, length, v_row, D_V, BLOCK, BLOCK_D_V)
            lower = tl.dot(v, tl.trans(grads), input_precision="tf32x3")
            v = _read_band(v_at, first_k + BLOCK, length, v_row, D_V, BLOCK, BLOCK_D_V)
            upper = tl.dot(v, tl.trans(grads), input_precision="tf32x3")
            products = tl.load(products_ptr + sequence * length + rows, mask=rows < length, other=0.0)
            dweights = tl.where(of_lower, lower, upper)
            dscores = gradients_of_scores(weights, dweights, products[None, :], EXACT)
            dr = tl.dot(_turned(dscores.to(q.dtype), 0, BLOCK), q, dr, input_precision="tf32x3")
    write_rows(
        parts_ptr + tl.cast(share, tl.int64) * distances * D_K, first_r, distances, dr * scale, D_K, BLOCK, BLOCK_D_K
    )
