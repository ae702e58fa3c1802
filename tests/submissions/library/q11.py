"""Question 11: relative positions."""

import math

import torch
import torch.nn.functional as F


def relative_position_index(length_q, length_k, max_distance):
    distances = torch.arange(length_q).unsqueeze(1) - torch.arange(length_k)
    return distances.clamp(-max_distance, max_distance) + max_distance


def relative_bias(queries, embeddings):
    """q_i · R_{i-j}, one row for each query and one column for each key."""
    length = queries.shape[-2]
    index = relative_position_index(length, length, length - 1).to(embeddings.device)
    return torch.einsum("...id,ijd->...ij", queries, F.embedding(index, embeddings))


def relative_attention_scores(queries, keys, embeddings):
    content = torch.einsum("...id,...jd->...ij", queries, keys)
    return (content + relative_bias(queries, embeddings)) / math.sqrt(queries.shape[-1])


def relative_attention(queries, keys, values, embeddings):
    # whatever is added to the scaled scores can go in as a mask
    bias = relative_bias(queries, embeddings) / math.sqrt(queries.shape[-1])
    return F.scaled_dot_product_attention(queries, keys, values, attn_mask=bias)


def decomposed_relative_scores(queries, keys, relative, u, v):
    content = torch.einsum("...id,...jd->...ij", queries + u, keys)
    position = torch.einsum("...id,ijd->...ij", queries + v, relative)
    return (content + position) / math.sqrt(queries.shape[-1])
