"""Similarity scores of queries and keys, beside the scaled dot product."""

from __future__ import annotations

import torch
from torch import Tensor


def dot_product_score(queries: Tensor, keys: Tensor) -> Tensor:
    """Score of every key for every query, q · k.

    Args:
        queries: `(..., L_q, d)`.
        keys: `(..., L_k, d)`.

    Returns:
        `(..., L_q, L_k)`.

    Source: Luong et al. 2015, §3.1 (dot).
    """
    return queries @ keys.mT


def cosine_score(queries: Tensor, keys: Tensor, eps: float) -> Tensor:
    """Cosine of the angle between query and key, q · k / max(‖q‖ ‖k‖, ε).

    Args:
        queries: `(..., L_q, d)`.
        keys: `(..., L_k, d)`.
        eps: least product of the two lengths; positive.

    Returns:
        `(..., L_q, L_k)`.

    Source: Graves et al. 2014, eq. 6.
    """
    query_lengths: Tensor = torch.linalg.vector_norm(queries, dim=-1)
    key_lengths: Tensor = torch.linalg.vector_norm(keys, dim=-1)
    lengths = query_lengths[..., :, None] * key_lengths[..., None, :]
    return queries @ keys.mT / lengths.clamp(min=eps)


def additive_score(queries: Tensor, keys: Tensor, w_q: Tensor, w_k: Tensor, v: Tensor) -> Tensor:
    """Score by a network with one hidden layer, vᵀ tanh(W_q q + W_k k).

    Args:
        queries: `(..., L_q, d)`.
        keys: `(..., L_k, d)`.
        w_q: `(d_a, d)`.
        w_k: `(d_a, d)`.
        v: `(d_a,)`.

    Returns:
        `(..., L_q, L_k)`.

    Source: Bahdanau et al. 2015, appendix A.1.2.
    """
    projected_queries, projected_keys = queries @ w_q.T, keys @ w_k.T
    return torch.tanh(projected_queries[..., :, None, :] + projected_keys[..., None, :, :]) @ v


def euclidean_score(queries: Tensor, keys: Tensor) -> Tensor:
    """Negative Euclidean distance, −‖q − k‖; its gradient is 0 where the two are equal.

    Args:
        queries: `(..., L_q, d)`.
        keys: `(..., L_k, d)`.

    Returns:
        `(..., L_q, L_k)`.

    Source: assignment, question 10.
    """
    distances: Tensor = torch.linalg.vector_norm(queries[..., :, None, :] - keys[..., None, :, :], dim=-1)
    return -distances


def multiplicative_score(queries: Tensor, keys: Tensor, w: Tensor) -> Tensor:
    """Score by a learnt bilinear form, qᵀ W k.

    Args:
        queries: `(..., L_q, d)`.
        keys: `(..., L_k, d)`.
        w: `(d, d)`.

    Returns:
        `(..., L_q, L_k)`.

    Source: Luong et al. 2015, §3.1 (general).
    """
    return queries @ w @ keys.mT
