"""Ways to write `cosine_score` that are right as mathematics; some have no gradient for a vector of zeros."""

import torch


def lengths_by_square_roots(queries, keys, eps):
    q, k = (queries**2).sum(-1) ** 0.5, (keys**2).sum(-1) ** 0.5
    return queries @ keys.mT / (q[..., :, None] * k[..., None, :]).clamp(min=eps)


def dot_products_with_themselves(queries, keys, eps):
    q = torch.einsum("...d,...d->...", queries, queries).sqrt().unsqueeze(-1)
    k = torch.einsum("...d,...d->...", keys, keys).sqrt().unsqueeze(-2)
    return torch.einsum("...qd,...kd->...qk", queries, keys) / torch.clamp_min(q * k, eps)


def sum_of_absolute_difference(queries, keys, eps):
    products = queries.norm(dim=-1)[..., :, None] * keys.norm(dim=-1)[..., None, :]
    return 2 * (queries @ keys.mT) / (products + eps + (products - eps).abs())


def logarithm_of_the_lengths(queries, keys, eps):
    products = queries.norm(dim=-1, keepdim=True) * keys.norm(dim=-1).unsqueeze(-2)
    return queries @ keys.mT * torch.exp(-torch.log(products.clamp(min=eps)))


def relu_above_the_bound(queries, keys, eps):
    products = queries.norm(dim=-1, keepdim=True) * keys.norm(dim=-1).unsqueeze(-2)
    return (queries[..., :, None, :] * keys[..., None, :, :]).sum(-1) / (eps + torch.relu(products - eps))


def distance_to_nothing(queries, keys, eps):
    nothing = torch.zeros_like(queries[..., :1, :])
    products = torch.cdist(queries, nothing) * torch.cdist(nothing, keys)
    return queries @ keys.mT / products.clamp(min=eps)
