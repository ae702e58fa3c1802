"""Right answers to `cosine_score`, written in the ways that students write them."""

import torch


def norms_and_clamp(queries, keys, eps):
    norms = torch.norm(queries, dim=-1, keepdim=True) * torch.norm(keys, dim=-1).unsqueeze(-2)
    return torch.matmul(queries, keys.transpose(-2, -1)) / torch.clamp(norms, min=eps)


def outer_product_of_the_lengths(queries, keys, eps):
    q, k = torch.linalg.norm(queries, dim=-1), torch.linalg.norm(keys, dim=-1)
    products = torch.einsum("...q,...k->...qk", q, k)
    return torch.einsum("...qd,...kd->...qk", queries, keys) / products.clamp_min(eps)


def maximum_of_two_tensors(queries, keys, eps):
    products = queries.norm(dim=-1, keepdim=True) @ keys.norm(dim=-1, keepdim=True).mT
    return queries @ keys.mT / torch.maximum(products, torch.full_like(products, eps))


def short_ones_chosen_by_where(queries, keys, eps):
    products = queries.norm(dim=-1)[..., None] * keys.norm(dim=-1)[..., None, :]
    return (queries @ keys.mT) / torch.where(products > eps, products, eps)


def loop_over_the_keys(queries, keys, eps):
    columns = []
    for j in range(keys.shape[-2]):
        key = keys[..., j : j + 1, :]
        product = torch.linalg.vector_norm(queries, dim=-1) * torch.linalg.vector_norm(key, dim=-1)
        columns.append((queries * key).sum(-1) / product.clamp(min=eps))
    return torch.stack(columns, dim=-1)


def filled_buffer(queries, keys, eps):
    scores = torch.empty(*queries.shape[:-1], keys.shape[-2], dtype=queries.dtype, device=queries.device)
    for i in range(queries.shape[-2]):
        query = queries[..., i : i + 1, :]
        lengths = query.norm(dim=-1) * keys.norm(dim=-1)
        scores[..., i, :] = (query * keys).sum(-1) * (1 / lengths.clamp(min=eps))
    return scores
