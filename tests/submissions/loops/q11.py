"""Question 11: relative positions."""

import math

import torch


def relative_position_index(length_q, length_k, max_distance):
    rows = []
    for i in range(length_q):
        row = []
        for j in range(length_k):
            distance = max(-max_distance, min(max_distance, i - j))
            row.append(distance + max_distance)
        rows.append(torch.tensor(row))
    return torch.stack(rows)


def relative_attention_scores(queries, keys, embeddings):
    L, d_k = queries.shape[-2:]
    rows = []
    for i in range(L):
        row = []
        for j in range(L):
            moved_key = keys[..., j, :] + embeddings[i - j + L - 1]
            row.append(torch.einsum("...d,...d->...", queries[..., i, :], moved_key))
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=-2) / math.sqrt(d_k)


def relative_attention(queries, keys, values, embeddings):
    weights = torch.softmax(relative_attention_scores(queries, keys, embeddings), dim=-1)
    return torch.einsum("...ij,...jv->...iv", weights, values)


def decomposed_relative_scores(queries, keys, relative, u, v):
    L, d_k = queries.shape[-2:]
    rows = []
    for i in range(L):
        q = queries[..., i, :]
        content = torch.einsum("...d,...jd->...j", q, keys)
        position = torch.einsum("...d,jd->...j", q, relative[i])
        content_bias = torch.einsum("d,...jd->...j", u, keys)
        position_bias = torch.einsum("d,jd->j", v, relative[i])
        rows.append((content + position + content_bias + position_bias) / math.sqrt(d_k))
    return torch.stack(rows, dim=-2)
