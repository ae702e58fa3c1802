"""Right answers to `decomposed_relative_scores`, written in the ways that students write them."""

import math

import numpy as np
import torch


def four_terms(queries, keys, relative, u, v):
    content = torch.matmul(queries, keys.transpose(-2, -1))
    position = torch.einsum("...id,ijd->...ij", queries, relative)
    key_bias = torch.matmul(keys, u).unsqueeze(-2)
    position_bias = torch.matmul(relative, v)
    return (content + position + key_bias + position_bias) / math.sqrt(queries.size(-1))


def biases_added_to_the_queries(queries, keys, relative, u, v):
    content = (queries + u) @ keys.mT
    position = (relative @ (queries + v).unsqueeze(-1)).squeeze(-1)
    return (content + position) * keys.shape[-1] ** -0.5


def einsum(queries, keys, relative, u, v):
    scores = torch.einsum("...id,...jd->...ij", queries, keys) + torch.einsum("...id,ijd->...ij", queries, relative)
    scores = scores + torch.einsum("d,...jd->...j", u, keys)[..., None, :] + torch.einsum("d,ijd->ij", v, relative)
    return scores / np.sqrt(keys.shape[-1])


def broadcast_and_sum(queries, keys, relative, u, v):
    q, k = queries.unsqueeze(-2), keys.unsqueeze(-3)
    return (q * k + q * relative + u * k + v * relative).sum(dim=-1) / keys.shape[-1] ** 0.5


def loop_over_the_queries(queries, keys, relative, u, v):
    rows = []
    for i in range(queries.shape[-2]):
        q = queries[..., i, :, None]
        row = (keys @ q).squeeze(-1) + (relative[i] @ q).squeeze(-1) + keys @ u + relative[i] @ v
        rows.append(row / math.sqrt(keys.shape[-1]))
    return torch.stack(rows, dim=-2)


def filled_buffer(queries, keys, relative, u, v):
    L, d_k = queries.shape[-2:]
    scores = torch.zeros(*queries.shape[:-1], L, dtype=queries.dtype, device=queries.device)
    for i in range(L):
        for j in range(L):
            q, k, r = queries[..., i, :], keys[..., j, :], relative[i, j]
            total = (q * k).sum(-1) + (q * r).sum(-1) + (u * k).sum(-1) + v.dot(r)
            scores[..., i, j] = total / d_k**0.5
    return scores
