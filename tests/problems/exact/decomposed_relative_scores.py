"""Ways to write `decomposed_relative_scores` that are right as mathematics; some lose digits."""

import math

import torch


def sum_of_both_biased_queries(queries, keys, relative, u, v):
    total = (queries + u)[..., :, None, :] * keys[..., None, :, :] + (queries + v)[..., :, None, :] * relative
    return total.sum(-1) / math.sqrt(keys.shape[-1])


def difference_of_the_biases(queries, keys, relative, u, v):
    shared = ((queries + u)[..., :, None, :] * (keys[..., None, :, :] + relative)).sum(-1)
    return (shared + relative @ (v - u)) / math.sqrt(keys.shape[-1])


def each_term_scaled(queries, keys, relative, u, v):
    scale = keys.shape[-1] ** -0.5
    content, position = (queries * scale) @ keys.mT, torch.einsum("...id,ijd->...ij", queries * scale, relative)
    return content + position + ((keys * scale) @ u)[..., None, :] + (relative * scale) @ v


def batches_of_matrices(queries, keys, relative, u, v):
    position = torch.matmul((queries + v).unsqueeze(-2), relative.transpose(-1, -2)).squeeze(-2)
    return ((queries + u) @ keys.mT + position) / math.sqrt(keys.shape[-1])


def loop_over_the_features(queries, keys, relative, u, v):
    scores = 0.0
    for d in range(keys.shape[-1]):
        q, k, r = queries[..., :, None, d], keys[..., None, :, d], relative[..., d]
        scores = scores + (q + u[d]) * k + (q + v[d]) * r
    return scores / math.sqrt(keys.shape[-1])


def concatenated_vectors(queries, keys, relative, u, v):
    wide = torch.cat([queries + u, queries + v], dim=-1).unsqueeze(-2)
    k = keys.unsqueeze(-3).expand(*keys.shape[:-2], *relative.shape)
    return (wide * torch.cat([k, relative.expand(k.shape)], dim=-1)).sum(-1) / keys.shape[-1] ** 0.5
