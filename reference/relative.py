"""Attention scores that depend on how far apart query and key are."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def relative_attention_scores(queries: Tensor, keys: Tensor, embeddings: Tensor) -> Tensor:
    """Scores with an embedding of the distance added to each key, q_i · (k_j + R_{i−j}) / √d_k.

    Args:
        queries: `(..., L, d_k)`.
        keys: `(..., L, d_k)`.
        embeddings: `(2L − 1, d_k)`, R_{i−j} in row i − j + L − 1.

    Returns:
        `(..., L, L)`.

    Source: assignment, question 11; after Shaw et al. 2018, eq. 4, who index by j − i.
    """
    length = queries.shape[-2]
    positions = torch.arange(length, device=queries.device)
    relative = embeddings[positions[:, None] - positions + length - 1]
    content = queries @ keys.mT
    position = torch.einsum("...id,ijd->...ij", queries, relative)
    return (content + position) / math.sqrt(queries.shape[-1])


def decomposed_relative_scores(queries: Tensor, keys: Tensor, relative: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Scores of content and of position, each with a bias: (q_i · k_j + q_i · R_ij + u · k_j + v · R_ij) / √d_k.

    Args:
        queries: `(..., L, d_k)`.
        keys: `(..., L, d_k)`.
        relative: `(L, L, d_k)`, R_ij.
        u: `(d_k,)`, bias of the content.
        v: `(d_k,)`, bias of the position.

    Returns:
        `(..., L, L)`.

    Source: assignment, question 11; after Dai et al. 2019, §3.3.
    """
    content = (queries + u) @ keys.mT
    position = torch.einsum("...id,ijd->...ij", queries + v, relative)
    return (content + position) / math.sqrt(queries.shape[-1])


def relative_attention(queries: Tensor, keys: Tensor, values: Tensor, embeddings: Tensor) -> Tensor:
    """Attention with relative positions in its scores, softmax(q_i · (k_j + R_{i−j}) / √d_k) V.

    Args:
        queries: `(..., L, d_k)`.
        keys: `(..., L, d_k)`.
        values: `(..., L, d_v)`.
        embeddings: `(2L − 1, d_k)`, R_{i−j} in row i − j + L − 1.

    Returns:
        `(..., L, d_v)`.

    Source: assignment, question 11; after Shaw et al. 2018, eq. 1 and 4: the values get no embedding.
    """
    weights = torch.softmax(relative_attention_scores(queries, keys, embeddings), dim=-1)
    return weights @ values
