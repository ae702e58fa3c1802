"""Question 11: relative positions."""

import math

import torch


def relative_position_index(length_q, length_k, max_distance):
    distance = torch.arange(length_q)[:, None] - torch.arange(length_k)
    return distance.clamp(-max_distance, max_distance) + max_distance


def relative_attention_scores(queries, keys, embeddings):
    """Scores with all 2L - 1 distances; the right one is gathered for each pair."""
    length, d_k = queries.shape[-2:]
    index = relative_position_index(length, length, length - 1).to(queries.device)
    position = (queries @ embeddings.T).gather(-1, index.expand(*queries.shape[:-1], length))
    return (queries @ keys.mT + position) / math.sqrt(d_k)


def relative_attention(queries, keys, values, embeddings):
    return relative_attention_scores(queries, keys, embeddings).softmax(-1) @ values


def decomposed_relative_scores(queries, keys, relative, u, v):
    content = (queries + u) @ keys.mT
    position = ((queries + v).unsqueeze(-2) * relative).sum(-1)
    return (content + position) / math.sqrt(queries.shape[-1])
