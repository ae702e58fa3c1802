"""Ways to write `post_norm_residual` that are right as mathematics; some lose digits where the mean is large."""

import torch
import torch.nn.functional as F


def mean_of_the_squares(x, sublayer_output, gamma, beta, eps):
    z = x + sublayer_output
    mu = z.mean(-1, keepdim=True)
    return gamma * (z - mu) / ((z**2).mean(-1, keepdim=True) - mu**2 + eps).sqrt() + beta


def each_centred_alone(x, sublayer_output, gamma, beta, eps):
    centred = (x - x.mean(-1, keepdim=True)) + (sublayer_output - sublayer_output.mean(-1, keepdim=True))
    return gamma * centred * (centred.square().mean(-1, keepdim=True) + eps) ** -0.5 + beta


def variances_and_covariance(x, sublayer_output, gamma, beta, eps):
    a = x - x.mean(-1, keepdim=True)
    b = sublayer_output - sublayer_output.mean(-1, keepdim=True)
    var = (a * a).mean(-1, keepdim=True) + 2 * (a * b).mean(-1, keepdim=True) + (b * b).mean(-1, keepdim=True)
    return gamma * (a + b) / torch.sqrt(var + eps) + beta


def unbiased_variance_rescaled(x, sublayer_output, gamma, beta, eps):
    z, d = x + sublayer_output, x.shape[-1]
    var = z.var(dim=-1, keepdim=True) * (d - 1) / d
    return (z - z.mean(dim=-1, keepdim=True)) * torch.rsqrt(var + eps) * gamma + beta


def without_fractions(x, sublayer_output, gamma, beta, eps):
    z, d = x + sublayer_output, x.size(-1)
    total, squares = z.sum(-1, keepdim=True), (z * z).sum(-1, keepdim=True)
    return gamma * (d * z - total) / (d * squares - total**2 + d * d * eps).sqrt() + beta


def as_a_single_group(x, sublayer_output, gamma, beta, eps):
    total = (x + sublayer_output).reshape(-1, x.shape[-1])
    return F.group_norm(total, 1, gamma, beta, eps).reshape(x.shape)
