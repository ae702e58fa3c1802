"""Right answers to `naf_q_value`, written in the ways that students write them."""

import torch
from torch import nn


def with_batched_products(value, mean, entries, actions):
    L = torch.tril(entries, diagonal=-1) + torch.diag_embed(entries.diagonal(dim1=1, dim2=2).exp())
    P = torch.bmm(L, L.transpose(1, 2))
    delta = (actions - mean).unsqueeze(2)
    advantage = -0.5 * torch.bmm(torch.bmm(delta.transpose(1, 2), P), delta).squeeze(-1).squeeze(-1)
    return value + advantage


def with_masks(value, mean, entries, actions):
    # as in the implementations that are copied most: masks for the triangle and the diagonal
    size = mean.shape[-1]
    triangle = torch.tril(torch.ones(size, size, dtype=entries.dtype), diagonal=-1).unsqueeze(0)
    diagonal = torch.eye(size, dtype=entries.dtype).unsqueeze(0)
    L = entries * triangle + torch.exp(entries * diagonal) * diagonal
    P = L @ L.mT
    u = actions - mean
    return value - 0.5 * torch.einsum("ni,nij,nj->n", u, P, u)


def squared_length(value, mean, entries, actions):
    L = torch.tril(entries, -1) + torch.diag_embed(torch.exp(torch.diagonal(entries, 0, -2, -1)))
    v = (L.transpose(-1, -2) @ (actions - mean)[..., None])[..., 0]
    return value - (v**2).sum(-1) / 2


def written_into_the_diagonal(value, mean, entries, actions):
    L = torch.tril(entries)
    L.diagonal(dim1=-2, dim2=-1).exp_()
    u = (actions - mean).unsqueeze(1)
    return value - 0.5 * (u @ L).square().sum((1, 2))


def loop_over_the_states(value, mean, entries, actions):
    results = []
    for v, mu, x, a in zip(value, mean, entries, actions, strict=True):
        L = torch.tril(x, diagonal=-1) + torch.diag(torch.exp(torch.diag(x)))
        results.append(v - 0.5 * (a - mu) @ L @ L.T @ (a - mu))
    return torch.stack(results)


def loops_over_the_entries(value, mean, entries, actions):
    q = value.clone()
    size = mean.shape[1]
    for k in range(size):
        column = (actions[:, k] - mean[:, k]) * entries[:, k, k].exp()
        for i in range(k + 1, size):
            column = column + (actions[:, i] - mean[:, i]) * entries[:, i, k]
        q = q - 0.5 * column * column
    return q


def squared_error_of_the_library(value, mean, entries, actions):
    lower = torch.where(torch.eye(mean.shape[-1], dtype=torch.bool), entries.exp(), entries).tril()
    u = actions - mean
    projected = torch.einsum("nik,ni->nk", lower, u)
    return value - 0.5 * nn.functional.mse_loss(projected, torch.zeros_like(projected), reduction="none").sum(-1)
