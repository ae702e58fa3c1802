"""Ways to write `relative_attention_scores` that are right as mathematics; some lose digits."""

import math

import torch


def matrix_for_each_query(queries, keys, embeddings):
    L = keys.shape[-2]
    relative = torch.stack([embeddings[i : i + L].flip(0) for i in range(L)])
    return ((keys.unsqueeze(-3) + relative) @ queries.unsqueeze(-1)).squeeze(-1) / math.sqrt(keys.shape[-1])


def one_hot_distances(queries, keys, embeddings):
    L = keys.shape[-2]
    index = torch.arange(L)[:, None] - torch.arange(L) + L - 1
    chosen = torch.nn.functional.one_hot(index, 2 * L - 1).to(queries.dtype)
    position = torch.einsum("...id,ed,ije->...ij", queries, embeddings, chosen)
    return (queries @ keys.mT + position) / math.sqrt(keys.shape[-1])


def each_term_scaled(queries, keys, embeddings):
    L, scale = keys.shape[-2], keys.shape[-1] ** -0.5
    relative = embeddings[torch.arange(L)[:, None] - torch.arange(L) + L - 1]
    return (queries * scale) @ keys.mT + torch.einsum("...id,ijd->...ij", queries, relative * scale)


def windows_of_the_embeddings(queries, keys, embeddings):
    L = keys.shape[-2]
    relative = embeddings.unfold(0, L, 1).flip(-1).transpose(-1, -2)
    return (queries @ keys.mT + (relative @ queries.unsqueeze(-1)).squeeze(-1)) / math.sqrt(keys.shape[-1])


def diagonal_after_diagonal(queries, keys, embeddings):
    L = keys.shape[-2]
    products = queries @ embeddings.T
    position = sum(
        torch.diag_embed(products[..., max(0, d) : L + min(0, d), d + L - 1], offset=-d) for d in range(1 - L, L)
    )
    return (queries @ keys.mT + position) / math.sqrt(keys.shape[-1])


def loop_over_the_features(queries, keys, embeddings):
    L = keys.shape[-2]
    index = torch.arange(L)[:, None] - torch.arange(L) + L - 1
    features = range(keys.shape[-1])
    total = sum(queries[..., :, None, f] * (keys[..., None, :, f] + embeddings[:, f][index]) for f in features)
    return total / keys.shape[-1] ** 0.5
