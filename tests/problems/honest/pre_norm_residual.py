"""Right answers to `pre_norm_residual`, written in the ways that students write them."""

import numpy as np
import torch
import torch.nn.functional as F


def from_the_library(x, w, gamma, beta, eps):
    return x + F.layer_norm(x, (x.shape[-1],), gamma, beta, eps) @ w


def linear_layer(x, w, gamma, beta, eps):
    mu = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, keepdim=True, unbiased=False)
    return F.linear(gamma * (x - mu) / torch.sqrt(var + eps) + beta, w.T) + x


def reciprocal_root(x, w, gamma, beta, eps):
    var, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    normalised = (x - mean) * torch.rsqrt(var + eps) * gamma + beta
    return torch.add(torch.matmul(normalised, w), x)


def einsum(x, w, gamma, beta, eps):
    centred = x - x.mean(-1, keepdim=True)
    variance = torch.einsum("...i,...i->...", centred, centred) / np.float64(x.shape[-1])
    normalised = gamma * centred / torch.sqrt(variance + eps).unsqueeze(-1) + beta
    return x + torch.einsum("...i,ij->...j", normalised, w)


def loop_over_the_rows(x, w, gamma, beta, eps):
    rows = x.reshape(-1, x.shape[-1])
    out = torch.zeros(rows.shape, dtype=x.dtype, device=x.device)
    for i, row in enumerate(rows):
        centred = row - row.mean()
        normalised = gamma * centred / torch.sqrt(torch.mean(centred**2) + eps) + beta
        out[i] = row + normalised @ w
    return out.view(x.shape)


def copied_and_added_to(x, w, gamma, beta, eps):
    out = x.clone()
    out += torch.nn.functional.layer_norm(x, x.shape[-1:], weight=gamma, bias=beta, eps=eps).matmul(w)
    return out
