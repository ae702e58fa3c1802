"""Ways to write `scaled_dot_product_score` that are right as mathematics; some lose digits."""

import math

import torch
import torch.nn.functional as F


def polarisation(queries, keys):
    sums = (queries.unsqueeze(-2) + keys.unsqueeze(-3)).square().sum(-1)
    differences = (queries.unsqueeze(-2) - keys.unsqueeze(-3)).square().sum(-1)
    return (sums - differences) / (4 * math.sqrt(keys.shape[-1]))


def squared_distance(queries, keys):
    q, k = queries.pow(2).sum(-1).unsqueeze(-1), keys.pow(2).sum(-1).unsqueeze(-2)
    distance = (queries[..., :, None, :] - keys[..., None, :, :]).pow(2).sum(-1)
    return (q + k - distance) / 2 / math.sqrt(keys.shape[-1])


def transposed_twice(queries, keys):
    return (keys @ queries.transpose(-1, -2)).transpose(-1, -2).div(math.sqrt(queries.size(-1)))


def linear_layer(queries, keys):
    if queries.dim() == 2:
        return F.linear(queries, keys) * keys.shape[-1] ** -0.5
    return torch.stack([F.linear(q, k) for q, k in zip(queries, keys, strict=True)]) * keys.shape[-1] ** -0.5


def batched_product(queries, keys):
    q = queries.reshape(-1, *queries.shape[-2:]) / math.sqrt(queries.shape[-1])
    k = keys.reshape(-1, *keys.shape[-2:])
    return torch.bmm(q, k.permute(0, 2, 1)).reshape(*queries.shape[:-1], keys.shape[-2])


def loop_over_the_features(queries, keys):
    d_k = queries.shape[-1]
    return sum(queries[..., :, i, None] * keys[..., None, :, i] for i in range(d_k)) / d_k**0.5


def half_of_the_scale_on_each_side(queries, keys):
    half = math.sqrt(1 / math.sqrt(queries.shape[-1]))
    return (queries * half) @ (keys * half).transpose(-1, -2)
