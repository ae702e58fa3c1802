"""Right answers to `multiplicative_score`, written in the ways that students write them."""

import torch
import torch.nn.functional as F


def matmul(queries, keys, w):
    return torch.matmul(torch.matmul(queries, w), keys.transpose(-2, -1))


def einsum(queries, keys, w):
    return torch.einsum("...qa,ab,...kb->...qk", queries, w, keys)


def keys_projected(queries, keys, w):
    return queries @ F.linear(keys, w).transpose(-1, -2)


def keys_projected_by_hand(queries, keys, w):
    return queries @ (w @ keys.mT)


def loop_over_the_queries(queries, keys, w):
    rows = [(keys @ (queries[..., i, :] @ w).unsqueeze(-1)).squeeze(-1) for i in range(queries.shape[-2])]
    return torch.stack(rows, dim=-2)


def filled_buffer(queries, keys, w):
    scores = queries.new_zeros(*queries.shape[:-1], keys.shape[-2])
    for j in range(keys.shape[-2]):
        scores[..., j] = ((queries @ w) * keys[..., j, None, :]).sum(-1)
    return scores
