"""Similarity scores and attention."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def scaled_dot_product_score(queries: Tensor, keys: Tensor) -> Tensor:
    """Score of every key for every query, q · k / √d_k.

    Args:
        queries: `(..., L_q, d_k)`.
        keys: `(..., L_k, d_k)`.

    Returns:
        `(..., L_q, L_k)`.

    Source: Vaswani et al. 2017, eq. 1.
    """
    return queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])


def self_attention(x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
    """Every position reads from all positions of its own sequence, softmax(QKᵀ / √d_k) V with Q, K, V = x W.

    Args:
        x: `(..., L, d_model)`.
        w_q: `(d_model, d_k)`.
        w_k: `(d_model, d_k)`.
        w_v: `(d_model, d_v)`.

    Returns:
        `(..., L, d_v)`.

    Source: Vaswani et al. 2017, eq. 1 and §3.2.3.
    """
    queries, keys, values = x @ w_q, x @ w_k, x @ w_v
    return torch.softmax(scaled_dot_product_score(queries, keys), dim=-1) @ values


def masked_attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """Attention with an additive mask, softmax(QKᵀ / √d_k + M) V.

    Args:
        queries: `(..., L_q, d_k)`.
        keys: `(..., L_k, d_k)`.
        values: `(..., L_k, d_v)`.
        mask: `(L_q, L_k)`, 0 where attention is allowed and −inf where it is not, or any finite bias; every row has at
            least one finite element.

    Returns:
        `(..., L_q, d_v)`.

    Source: Vaswani et al. 2017, eq. 1 and §3.2.3.
    """
    weights = torch.softmax(scaled_dot_product_score(queries, keys) + mask, dim=-1)
    return weights @ values
