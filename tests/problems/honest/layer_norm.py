"""Right answers to `layer_norm`, written in the ways that students write them."""

import numpy as np
import torch
import torch.nn.functional as F


def from_the_library(x, gamma, beta, eps):
    return F.layer_norm(x, (x.shape[-1],), gamma, beta, eps)


def mean_and_biased_variance(x, gamma, beta, eps):
    mu = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, keepdim=True, unbiased=False)
    return gamma * (x - mu) / torch.sqrt(var + eps) + beta


def reciprocal_root(x, gamma, beta, eps):
    var, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    return (x - mean) * torch.rsqrt(var + eps) * gamma + beta


def sums_by_hand(x, gamma, beta, eps):
    d = x.size(-1)
    mu = x.sum(-1).unsqueeze(-1) / d
    var = ((x - mu) ** 2).sum(-1, keepdim=True) / d
    return (x - mu) / (var + eps) ** 0.5 * gamma + beta


def einsum(x, gamma, beta, eps):
    centred = x - x.mean(-1, keepdim=True)
    inverse = 1 / torch.sqrt(torch.einsum("...i,...i->...", centred, centred) / np.float64(x.shape[-1]) + eps)
    return torch.einsum("...i,...,i->...i", centred, inverse, gamma) + beta


def loop_over_the_rows(x, gamma, beta, eps):
    rows = x.reshape(-1, x.shape[-1])
    out = torch.zeros(rows.shape, dtype=x.dtype, device=x.device)
    for i, row in enumerate(rows):
        mu = row.mean()
        sigma2 = torch.mean((row - mu) ** 2)
        out[i] = gamma * ((row - mu) / torch.sqrt(sigma2 + eps)) + beta
    return out.view(x.shape)


def statistics_in_double(x, gamma, beta, eps):
    wide = x.double()
    mean = wide.mean(-1, keepdim=True)
    variance = (wide - mean).square().mean(-1, keepdim=True)
    return (gamma * (wide - mean) / torch.sqrt(variance + eps) + beta).to(x.dtype)
