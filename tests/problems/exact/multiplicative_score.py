"""Ways to write `multiplicative_score` that are right as mathematics; some lose digits."""

import torch
import torch.nn.functional as F


def outer_products(queries, keys, w):
    pairs = queries[..., :, None, :, None] * keys[..., None, :, None, :]
    return (pairs * w).sum(dim=(-1, -2))


def symmetric_and_antisymmetric_part(queries, keys, w):
    symmetric, antisymmetric = (w + w.T) / 2, (w - w.T) / 2
    return queries @ symmetric @ keys.mT + queries @ antisymmetric @ keys.mT


def transposed_twice(queries, keys, w):
    return (keys @ w.T @ queries.mT).mT


def loop_over_the_rows_of_w(queries, keys, w):
    return sum(queries[..., :, a, None] * (keys @ w[a])[..., None, :] for a in range(len(w)))


def identity_and_the_rest(queries, keys, w):
    rest = w - torch.eye(len(w), dtype=w.dtype)
    return queries @ keys.mT + queries @ rest @ keys.mT


def bilinear_layer(queries, keys, w):
    L_q, L_k, d = queries.shape[-2], keys.shape[-2], len(w)
    q = queries.unsqueeze(-2).expand(*queries.shape[:-2], L_q, L_k, d)
    k = keys.unsqueeze(-3).expand(*keys.shape[:-2], L_q, L_k, d)
    return F.bilinear(q, k, w.unsqueeze(0)).squeeze(-1)
