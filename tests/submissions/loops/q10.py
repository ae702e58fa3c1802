"""Question 10: similarities. Row i of every result belongs to query i, so I loop over the queries."""

import math

import torch


def dot_product_score(queries, keys):
    rows = []
    for i in range(queries.shape[-2]):
        rows.append(torch.einsum("...d,...jd->...j", queries[..., i, :], keys))
    return torch.stack(rows, dim=-2)


def scaled_dot_product_score(queries, keys):
    return dot_product_score(queries, keys) / math.sqrt(queries.shape[-1])


def multiplicative_score(queries, keys, w):
    rows = []
    for i in range(queries.shape[-2]):
        rows.append(torch.einsum("...d,de,...je->...j", queries[..., i, :], w, keys))
    return torch.stack(rows, dim=-2)


def additive_score(queries, keys, w_q, w_k, v):
    mapped_keys = torch.einsum("ad,...jd->...ja", w_k, keys)
    rows = []
    for i in range(queries.shape[-2]):
        mapped_query = torch.einsum("ad,...d->...a", w_q, queries[..., i, :])
        hidden = torch.tanh(mapped_query.unsqueeze(-2) + mapped_keys)
        rows.append(torch.einsum("a,...ja->...j", v, hidden))
    return torch.stack(rows, dim=-2)


def cosine_score(queries, keys, eps):
    rows = []
    for i in range(queries.shape[-2]):
        row = []
        for j in range(keys.shape[-2]):
            q, k = queries[..., i, :], keys[..., j, :]
            lengths = torch.linalg.vector_norm(q, dim=-1) * torch.linalg.vector_norm(k, dim=-1)
            row.append(torch.einsum("...d,...d->...", q, k) / torch.clamp(lengths, min=eps))
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=-2)


def euclidean_score(queries, keys):
    rows = []
    for i in range(queries.shape[-2]):
        row = []
        for j in range(keys.shape[-2]):
            # the gradient of this norm is 0 at 0
            row.append(-torch.linalg.vector_norm(queries[..., i, :] - keys[..., j, :], dim=-1))
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=-2)
