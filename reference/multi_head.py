"""Attention with several heads, and the causal mask."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def causal_mask(length: int) -> Tensor:
    """Additive mask that hides the future: 0 where j ≤ i, −inf where j > i.

    Args:
        length: L, number of positions.

    Returns:
        `(L, L)`, float32.

    Source: Vaswani et al. 2017, §3.2.3.
    """
    return torch.full((length, length), -math.inf, dtype=torch.float32).triu(1)


def multi_head_attention(
    x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, w_o: Tensor, num_heads: int, mask: Tensor | None = None
) -> Tensor:
    """Multi-head self-attention, Concat(head_1, …, head_h) W_o with head_i = softmax(Q_i K_iᵀ / √d_h + M) V_i.

    Args:
        x: `(..., L, d_model)`.
        w_q: `(d_model, d_model)`, applied as `x @ w_q`; head i takes the columns i·d_h to (i + 1)·d_h.
        w_k: `(d_model, d_model)`.
        w_v: `(d_model, d_model)`.
        w_o: `(d_model, d_model)`, output projection.
        num_heads: h, with d_h = d_model / h.
        mask: added to the scaled scores `(..., h, L, L)`, to which it is broadcast; None for no mask.

    Returns:
        `(..., L, d_model)`.

    Source: Vaswani et al. 2017, §3.2.2.
    """
    queries, keys, values = (_heads(x @ w, num_heads) for w in (w_q, w_k, w_v))
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
    if mask is not None:
        scores = scores + mask
    heads = torch.softmax(scores, dim=-1) @ values
    return heads.transpose(-3, -2).flatten(-2) @ w_o


def _heads(projected: Tensor, num_heads: int) -> Tensor:
    """`(..., L, d_model)` to `(..., h, L, d_h)`."""
    return projected.reshape(*projected.shape[:-1], num_heads, -1).transpose(-3, -2)
