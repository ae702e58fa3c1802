"""Right answers to `relative_attention_scores`, written in the ways that students write them."""

import math

import numpy as np
import torch
import torch.nn.functional as F


def embeddings_added_to_the_keys(queries, keys, embeddings):
    L, d_k = keys.shape[-2:]
    distance = torch.arange(L)[:, None] - torch.arange(L)[None, :]
    relative_keys = keys.unsqueeze(-3) + embeddings[distance + L - 1]
    return (queries.unsqueeze(-2) * relative_keys).sum(-1) / math.sqrt(d_k)


def einsum(queries, keys, embeddings):
    L = queries.size(-2)
    index = torch.arange(L).view(-1, 1) - torch.arange(L).view(1, -1) + L - 1
    scores = torch.einsum("...id,...jd->...ij", queries, keys)
    scores = scores + torch.einsum("...id,ijd->...ij", queries, embeddings[index])
    return scores / np.sqrt(queries.size(-1))


def all_distances_then_gathered(queries, keys, embeddings):
    L = queries.shape[-2]
    positions = torch.arange(L, device=queries.device)
    index = (positions[:, None] - positions + L - 1).expand(*queries.shape[:-1], L)
    position = torch.gather(queries @ embeddings.T, -1, index)
    return (queries @ keys.mT + position) * queries.shape[-1] ** -0.5


def skewed(queries, keys, embeddings):
    # row i is moved so that the distances i, i − 1, … stand in the columns 0, 1, …
    L = queries.shape[-2]
    position = F.pad(queries @ embeddings.flip(0).T, (0, 1)).flatten(-2)
    position = position[..., L - 1 : L - 1 + L * (2 * L - 1)].unflatten(-1, (L, 2 * L - 1))[..., :L]
    return (queries @ keys.transpose(-2, -1) + position) / math.sqrt(queries.shape[-1])


def loop_over_the_queries(queries, keys, embeddings):
    L = keys.shape[-2]
    rows = []
    for i in range(L):
        relative = embeddings[i : i + L].flip(0)  # i − 0 + L − 1 first, i − (L − 1) + L − 1 last
        rows.append(((keys + relative) * queries[..., i : i + 1, :]).sum(-1) / keys.shape[-1] ** 0.5)
    return torch.stack(rows, dim=-2)


def filled_buffer(queries, keys, embeddings):
    L, d_k = queries.shape[-2:]
    scores = torch.zeros(*queries.shape[:-1], L, dtype=queries.dtype, device=queries.device)
    for i in range(L):
        for j in range(L):
            scores[..., i, j] = (queries[..., i, :] * (keys[..., j, :] + embeddings[i - j + L - 1])).sum(-1)
    return scores / math.sqrt(d_k)
