"""Right answers to `scaled_dot_product_score`, written in the ways that students write them."""

import math

import numpy as np
import torch


def matmul_and_root(queries, keys):
    d_k = queries.size(-1)
    return torch.matmul(queries, keys.transpose(-2, -1)) / math.sqrt(d_k)


def einsum(queries, keys):
    return torch.einsum("...qd,...kd->...qk", queries, keys) * queries.shape[-1] ** -0.5


def numpy_root(queries, keys):
    return queries @ keys.mT / np.sqrt(keys.shape[-1])


def loop_over_the_keys(queries, keys):
    columns = [(queries * keys[..., j : j + 1, :]).sum(-1) for j in range(keys.shape[-2])]
    return torch.stack(columns, dim=-1) / keys.shape[-1] ** 0.5


def filled_buffer(queries, keys):
    L_q, L_k, d = queries.shape[-2], keys.shape[-2], keys.shape[-1]
    scores = torch.zeros(*queries.shape[:-2], L_q, L_k, dtype=queries.dtype, device=queries.device)
    for i in range(L_q):
        scores[..., i, :] = (keys @ queries[..., i, :, None]).squeeze(-1) / math.sqrt(d)
    return scores


def broadcast_and_sum(queries, keys):
    products = queries.unsqueeze(-2) * keys.unsqueeze(-3)
    scale = torch.sqrt(torch.tensor(keys.shape[-1], dtype=keys.dtype, device=keys.device))
    return products.sum(dim=-1) / scale


def queries_scaled_first(queries, keys):
    scaled = queries * torch.rsqrt(torch.as_tensor(float(queries.shape[-1]), dtype=queries.dtype))
    return scaled @ keys.swapaxes(-1, -2)
