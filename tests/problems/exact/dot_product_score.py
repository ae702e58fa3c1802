"""Ways to write `dot_product_score` that are right as mathematics; some lose digits."""

import torch


def polarisation(queries, keys):
    sums = (queries.unsqueeze(-2) + keys.unsqueeze(-3)).square().sum(-1)
    differences = (queries.unsqueeze(-2) - keys.unsqueeze(-3)).square().sum(-1)
    return (sums - differences) / 4


def squared_distance(queries, keys):
    q, k = queries.pow(2).sum(-1).unsqueeze(-1), keys.pow(2).sum(-1).unsqueeze(-2)
    return (q + k - (queries[..., :, None, :] - keys[..., None, :, :]).pow(2).sum(-1)) / 2


def transposed_twice(queries, keys):
    return (keys @ queries.transpose(-1, -2)).transpose(-1, -2)


def batched_product(queries, keys):
    q, k = queries.reshape(-1, *queries.shape[-2:]), keys.reshape(-1, *keys.shape[-2:])
    return torch.bmm(q, k.permute(0, 2, 1)).reshape(*queries.shape[:-1], keys.shape[-2])


def loop_over_the_features(queries, keys):
    return sum(queries[..., :, i, None] * keys[..., None, :, i] for i in range(queries.shape[-1]))


def mean_times_the_dimension(queries, keys):
    return torch.mean(queries[..., :, None, :] * keys[..., None, :, :], dim=-1) * queries.shape[-1]
