"""Right answers to `post_norm_residual`, written in the ways that students write them."""

import numpy as np
import torch
import torch.nn.functional as F


def from_the_library(x, sublayer_output, gamma, beta, eps):
    return F.layer_norm(x + sublayer_output, (x.shape[-1],), gamma, beta, eps)


def mean_and_biased_variance(x, sublayer_output, gamma, beta, eps):
    z = x + sublayer_output
    mu = z.mean(dim=-1, keepdim=True)
    var = z.var(dim=-1, keepdim=True, unbiased=False)
    return gamma * (z - mu) / torch.sqrt(var + eps) + beta


def reciprocal_root(x, sublayer_output, gamma, beta, eps):
    total = torch.add(x, sublayer_output)
    var, mean = torch.var_mean(total, dim=-1, correction=0, keepdim=True)
    return (total - mean) * torch.rsqrt(var + eps) * gamma + beta


def einsum(x, sublayer_output, gamma, beta, eps):
    total = x + sublayer_output
    centred = total - total.mean(-1, keepdim=True)
    inverse = 1 / torch.sqrt(torch.einsum("...i,...i->...", centred, centred) / np.float64(x.shape[-1]) + eps)
    return torch.einsum("...i,...,i->...i", centred, inverse, gamma) + beta


def loop_over_the_rows(x, sublayer_output, gamma, beta, eps):
    rows = (x + sublayer_output).reshape(-1, x.shape[-1])
    out = torch.zeros(rows.shape, dtype=x.dtype, device=x.device)
    for i, row in enumerate(rows):
        centred = row - row.mean()
        out[i] = gamma * centred / torch.sqrt(torch.mean(centred**2) + eps) + beta
    return out.view(x.shape)


def module_with_its_parameters(x, sublayer_output, gamma, beta, eps):
    norm = torch.nn.LayerNorm(x.shape[-1], eps=eps, elementwise_affine=False)
    return gamma * norm(x + sublayer_output) + beta
