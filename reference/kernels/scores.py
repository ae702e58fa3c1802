"""Scores of all queries with all keys as products of tiles, forward and backward: cosine and multiplicative.

For N batch elements of L_q queries and L_k keys of d features, and elements of s bytes:

| | bytes read and written | operations |
|---|---|---|
| `cosine_score`, forward | N (L_q L_k + L_q d + L_k d) s | 2 N L_q L_k d |
| backward | 2 N (L_q L_k + L_q d + L_k d) s | 4 N L_q L_k d |
| `multiplicative_score`, forward | N (L_q L_k + 3 L_q d + L_k d) s | 2 N L_q d (d + L_k) |
| backward | 2 N (L_q L_k + 4 L_q d + L_k d) s | 4 N L_q d (d + L_k) |

A product of 64 features does 64 operations for each byte of a score in bfloat16, where an H200 can do 180: there what
is written bounds it, and what an unfused cosine loses is that it writes the products, reads them and the lengths, and
writes the quotients.

Source: Graves et al. 2014, eq. 6; Luong et al. 2015, §3.1. That backward sums over keys in one launch and over queries
in another, each by programs that own what they sum, is the way of FlashAttention-2 (Dao 2023, §3.2): no atomic
operations, and the same result every time.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from reference.kernels.launch import power_of_two, refuse_what_kernels_cannot_read

SIDE = 128
"""Most queries, and keys, of a tile of scores: a tile of 128 × 128 uses what it reads of either 128 times."""

DEPTH = {torch.float32: 32, torch.bfloat16: 64, torch.float16: 64}
"""Features read at once: 128 bytes of each row, a line of the cache."""

LEAST = 16
"""What `tl.dot` wants of every side."""

GROUP = 8
"""Rows of tiles that run side by side."""

WIDEST = 128
"""Features of a gradient that a program holds at once."""


def cosine_score(queries: Tensor, keys: Tensor, eps: float) -> Tensor:
    """Cosine of the angle between query and key, q · k / max(‖q‖ ‖k‖, ε); lengths come from the pass over the product.

    Args:
        queries: `(..., L_q, d)`.
        keys: `(..., L_k, d)`.
        eps: least product of the two lengths; positive.

    Returns:
        `(..., L_q, L_k)`, in the dtype of `queries`; differentiable with respect to both.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU.

    Source: Graves et al. 2014, eq. 6.
    """
    refuse_what_kernels_cannot_read(queries, keys)
    batch, flat_queries, flat_keys = one_batch_axis(queries, keys)
    scores: Tensor = _Cosine.apply(flat_queries, flat_keys, eps)
    return scores.reshape(*batch, *scores.shape[-2:])


def multiplicative_score(queries: Tensor, keys: Tensor, w: Tensor) -> Tensor:
    """Score by a learnt bilinear form, qᵀ W k: a library product, Q W, and a product of tiles, (Q W) Kᵀ.

    There is nothing to fuse here: in bfloat16 and float16, two library products are as good as any kernel. In float32
    the library takes no tensor cores unless it may round to TF32; the product of tiles does, and makes up for the
    rounding by three products in the place of one. With the additive score's projection, Q W is left to the library.

    Args:
        queries: `(..., L_q, d)`.
        keys: `(..., L_k, d)`.
        w: `(d, d)`.

    Returns:
        `(..., L_q, L_k)`, in the dtype of `queries`; differentiable with respect to all three.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU.

    Source: Luong et al. 2015, §3.1 (general).
    """
    refuse_what_kernels_cannot_read(queries, keys, w)
    batch, projected, flat_keys = one_batch_axis(queries @ w, keys)
    scores: Tensor = _Products.apply(projected, flat_keys)
    return scores.reshape(*batch, *scores.shape[-2:])


def one_batch_axis(queries: Tensor, keys: Tensor) -> tuple[torch.Size, Tensor, Tensor]:
    """The batch dimensions of both, and both as `(N, L, d)`."""
    batch = torch.broadcast_shapes(queries.shape[:-2], keys.shape[:-2])
    flat = (
        each.expand(*batch, *each.shape[-2:]).reshape(math.prod(batch), *each.shape[-2:]) for each in (queries, keys)
    )
    return batch, *flat


class _Cosine(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, eps: float) -> Tensor:
        query_squares, key_squares = (_per_vector(each) for each in (queries, keys))
        scores = _tiles(queries, keys, query_squares, key_squares, eps)
        ctx.save_for_backward(queries, keys, query_squares, key_squares)
        ctx.eps = eps
        return scores

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        queries, keys, query_squares, key_squares = ctx.saved_tensors
        of_queries, of_keys, _ = ctx.needs_input_grad
        return (
            _cosine_gradient(grad_output, queries, keys, query_squares, key_squares, ctx.eps) if of_queries else None,
            _cosine_gradient(grad_output.mT, keys, queries, key_squares, query_squares, ctx.eps) if of_keys else None,
            None,
        )


class _Products(torch.autograd.Function):
    """Q Kᵀ. The gradients are products of tiles as well: G K, and Gᵀ Q."""

    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor) -> Tensor:
        ctx.save_for_backward(queries, keys)
        return _tiles(queries, keys)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        queries, keys = ctx.saved_tensors
        of_queries, of_keys = ctx.needs_input_grad
        return (
            _tiles(grad_output, keys.mT) if of_queries else None,
            _tiles(grad_output.mT, queries.mT) if of_keys else None,
        )


def _per_vector(vectors: Tensor) -> Tensor:
    """Room for a number of each vector."""
    return torch.empty(vectors.shape[:2], dtype=torch.float32, device=vectors.device)


def side_of(length: int, most: int) -> int:
    return max(LEAST, min(most, power_of_two(length)))


def _tiles(
    queries: Tensor, keys: Tensor, query_squares: Tensor | None = None, key_squares: Tensor | None = None,
    eps: float = 0.0,
) -> Tensor:  # fmt: skip
    """Q Kᵀ; the cosines where there is room for squared lengths, which are left there."""
    (count, length_q, d), length_k = queries.shape, keys.shape[1]
    scores = torch.empty(count, length_q, length_k, dtype=queries.dtype, device=queries.device)
    # three products need registers for what is left of both operands: float32 takes half a tile
    block_q, block_k = side_of(length_q, SIDE), side_of(length_k, SIDE if queries.dtype != torch.float32 else SIDE // 2)
    tiles = triton.cdiv(length_q, block_q) * triton.cdiv(length_k, block_k)
    if not count * tiles:
        return scores
    with torch.cuda.device_of(queries):
        _score_tile[(count * tiles,)](
            queries, keys, scores, query_squares, key_squares, *queries.stride(), *keys.stride(),
            length_q, length_k, d, eps, COSINE=query_squares is not None, BLOCK_Q=block_q, BLOCK_K=block_k,
            BLOCK_D=side_of(d, DEPTH[queries.dtype]), GROUP=GROUP, num_warps=8 if block_q * block_k > 4096 else 4,
            num_stages=3,
        )  # fmt: skip
    return scores


def _cosine_gradient(
    grad_output: Tensor, own: Tensor, others: Tensor, own_squares: Tensor, other_squares: Tensor, eps: float
) -> Tensor:
    """∂L/∂q of queries, or of keys where the roles are exchanged.

    With p = g / max(‖q‖ ‖k‖, ε), it is Σ p k over all pairs, less its part along q over the pairs that are not clamped.
    """
    count, length, d = own.shape
    if not own.numel() or not others.numel():
        return torch.zeros_like(own)
    block_d = side_of(d, WIDEST)
    parts = triton.cdiv(d, block_d)
    whole, single = parts == 1, own.dtype == torch.float32
    gradient = torch.empty(own.shape, dtype=own.dtype if whole else torch.float32, device=own.device)
    along = torch.empty(parts, count, length, dtype=torch.float32, device=own.device)
    block, block_others = side_of(length, SIDE // 2), side_of(others.shape[1], SIDE // 4 if single else SIDE // 2)
    with torch.cuda.device_of(own):
        _cosine_gradient_tile[(count * triton.cdiv(length, block) * parts,)](
            grad_output, own, others, own_squares, other_squares, gradient, along,
            *grad_output.stride(), *own.stride(), *others.stride(), length, others.shape[1], d, eps, count,
            WHOLE=whole, NARROW=own.dtype == torch.bfloat16, PRECISION="tf32x3" if single else "tf32",
            BLOCK=block, BLOCK_OTHERS=block_others, BLOCK_D=block_d, num_stages=2,
            num_warps=8 if block * max(block_others, block_d) >= 4096 else 4,
        )  # fmt: skip
    if whole:
        return gradient
    share = along.sum(0) / own_squares.masked_fill(own_squares == 0, 1.0)
    return (gradient - own * share[..., None]).to(own.dtype)


@triton.jit
def tile_of(length_q, length_k, BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr, GROUP: tl.constexpr):
    """Batch element, row and column of this program's tile: tiles that read the same vectors run side by side."""
    tiles_q, tiles_k = tl.cdiv(length_q, BLOCK_Q), tl.cdiv(length_k, BLOCK_K)
    program = tl.program_id(0)
    within = program % (tiles_q * tiles_k)
    first = within // (GROUP * tiles_k) * GROUP
    height = tl.minimum(tiles_q - first, GROUP)
    within = within % (GROUP * tiles_k)
    batch = (program // (tiles_q * tiles_k)).to(tl.int64)
    return batch, (first + within % height).to(tl.int64), (within // height).to(tl.int64)


@triton.jit
def _score_tile(
    queries_ptr, keys_ptr, scores_ptr, query_squares_ptr, key_squares_ptr,
    q_batch, q_row, q_column, k_batch, k_row, k_column, length_q, length_k, d, eps,
    COSINE: tl.constexpr, BLOCK_Q: tl.constexpr, BLOCK_K: tl.constexpr, BLOCK_D: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    batch, row, column = tile_of(length_q, length_k, BLOCK_Q, BLOCK_K, GROUP)
    rows = row * BLOCK_Q + tl.arange(0, BLOCK_Q)
    columns = column * BLOCK_K + tl.arange(0, BLOCK_K)
    features = tl.arange(0, BLOCK_D).to(tl.int64)
    query_ptrs = queries_ptr + batch * q_batch + rows[:, None] * q_row
    key_ptrs = keys_ptr + batch * k_batch + columns[None, :] * k_row
    products = tl.zeros((BLOCK_Q, BLOCK_K), tl.float32)
    query_squares = tl.zeros((BLOCK_Q,), tl.float32)
    key_squares = tl.zeros((BLOCK_K,), tl.float32)
    for start in range(0, d, BLOCK_D):
        at = start + features
        of_queries = (rows < length_q)[:, None] & (at < d)[None, :]
        of_keys = (at < d)[:, None] & (columns < length_k)[None, :]
        queries = tl.load(query_ptrs + at[None, :] * q_column, mask=of_queries, other=0.0)
        keys = tl.load(key_ptrs + at[:, None] * k_column, mask=of_keys, other=0.0)
        products = tl.dot(queries, keys, products, input_precision="tf32x3")
        if COSINE:
            query_squares += tl.sum(queries.to(tl.float32) * queries.to(tl.float32), axis=1)
            key_squares += tl.sum(keys.to(tl.float32) * keys.to(tl.float32), axis=0)
    if COSINE:
        lengths = tl.sqrt_rn(query_squares)[:, None] * tl.sqrt_rn(key_squares)[None, :]
        products = products / tl.maximum(lengths, eps)
        leftmost, topmost = rows < tl.where(column == 0, length_q, 0), columns < tl.where(row == 0, length_k, 0)
        tl.store(query_squares_ptr + batch * length_q + rows, query_squares, mask=leftmost)
        tl.store(key_squares_ptr + batch * length_k + columns, key_squares, mask=topmost)
    places = batch * length_q * length_k + rows[:, None] * length_k + columns[None, :]
    inside = (rows < length_q)[:, None] & (columns < length_k)[None, :]
    tl.store(scores_ptr + places, products.to(scores_ptr.dtype.element_ty), mask=inside)


@triton.jit
def _pairs(
    grad_ptr, other_squares_ptr, own_lengths, rows, columns, g_row, g_column, length, length_others, eps,
    CLAMPED: tl.constexpr,
):  # fmt: skip
    """g / max(‖q‖ ‖k‖, ε) of the pairs that are clamped, or of those that are not, and the lengths of the others."""
    inside = (rows < length)[:, None] & (columns < length_others)[None, :]
    grad = tl.load(grad_ptr + rows[:, None] * g_row + columns[None, :] * g_column, mask=inside, other=0.0)
    others = tl.sqrt_rn(tl.load(other_squares_ptr + columns, mask=columns < length_others, other=1.0))
    lengths = own_lengths[:, None] * others[None, :]
    if CLAMPED:
        weights = tl.where(lengths < eps, grad.to(tl.float32) / eps, 0.0)
    else:
        weights = tl.where(lengths < eps, 0.0, grad.to(tl.float32) / tl.maximum(lengths, eps))
    return weights, others


@triton.jit
def _cosine_gradient_tile(
    grad_ptr, own_ptr, others_ptr, own_squares_ptr, other_squares_ptr, gradient_ptr, along_ptr,
    g_batch, g_row, g_column, own_batch, own_row, own_column, other_batch, other_row, other_column,
    length, length_others, d, eps, count, WHOLE: tl.constexpr, NARROW: tl.constexpr, PRECISION: tl.constexpr,
    BLOCK: tl.constexpr, BLOCK_OTHERS: tl.constexpr, BLOCK_D: tl.constexpr,
):  # fmt: skip
    """Two sums over the others: of the pairs that are not clamped, less its part along q, then of those that are."""
    parts, blocks = tl.cdiv(d, BLOCK_D), tl.cdiv(length, BLOCK)
    part = tl.program_id(0) % parts
    batch = (tl.program_id(0) // (parts * blocks)).to(tl.int64)
    rows = (tl.program_id(0) // parts % blocks).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    features = part.to(tl.int64) * BLOCK_D + tl.arange(0, BLOCK_D)
    inside = (rows < length)[:, None] & (features < d)[None, :]
    own = tl.load(
        own_ptr + batch * own_batch + rows[:, None] * own_row + features[None, :] * own_column, mask=inside, other=0.0
    ).to(tl.float32)
    own_squares = tl.load(own_squares_ptr + batch * length + rows, mask=rows < length, other=1.0)
    own_lengths = tl.sqrt_rn(own_squares)
    grad_ptr += batch * g_batch
    others_ptr += batch * other_batch
    other_squares_ptr += batch * length_others
    least = tl.full((BLOCK_OTHERS,), float("inf"), tl.float32)
    total = tl.zeros((BLOCK, BLOCK_D), tl.float32)
    for start in range(0, length_others, BLOCK_OTHERS):
        columns = start + tl.arange(0, BLOCK_OTHERS).to(tl.int64)
        weights, lengths = _pairs(
            grad_ptr, other_squares_ptr, own_lengths, rows, columns, g_row, g_column, length, length_others, eps, False
        )
        least = tl.minimum(least, lengths)
        there = (columns < length_others)[:, None] & (features < d)[None, :]
        others = tl.load(
            others_ptr + columns[:, None] * other_row + features[None, :] * other_column, mask=there, other=0.0
        )
        if NARROW:
            total = tl.dot(weights.to(tl.bfloat16), others, total)
        else:  # float16 ends at 65504, and a gradient over ε may not
            total = tl.dot(weights, others.to(tl.float32), total, input_precision=PRECISION)
    along = tl.sum(own * total, axis=1)
    if WHOLE:
        total -= own * (along / tl.where(own_squares > 0.0, own_squares, 1.0))[:, None]
    else:
        tl.store(along_ptr + (part * count + batch) * length + rows, along, mask=rows < length)
    any_clamped = tl.min(own_lengths, axis=0) * tl.min(least, axis=0) < eps
    for start in range(0, tl.where(any_clamped, length_others, 0), BLOCK_OTHERS):
        columns = start + tl.arange(0, BLOCK_OTHERS).to(tl.int64)
        weights, lengths = _pairs(
            grad_ptr, other_squares_ptr, own_lengths, rows, columns, g_row, g_column, length, length_others, eps, True
        )
        there = (columns < length_others)[:, None] & (features < d)[None, :]
        others = tl.load(
            others_ptr + columns[:, None] * other_row + features[None, :] * other_column, mask=there, other=0.0
        )
        if NARROW:
            total = tl.dot(weights.to(tl.bfloat16), others, total)
        else:
            total = tl.dot(weights, others.to(tl.float32), total, input_precision=PRECISION)
    places = (batch * length + rows[:, None]) * d + features[None, :]
    tl.store(gradient_ptr + places, total.to(gradient_ptr.dtype.element_ty), mask=inside)
