"""Ways to write `layer_norm` that are right as mathematics; some lose digits where the mean is large."""

import torch
import torch.nn.functional as F


def mean_of_the_squares(x, gamma, beta, eps):
    mu = x.mean(-1, keepdim=True)
    var = (x**2).mean(-1, keepdim=True) - mu**2
    return gamma * (x - mu) / (var + eps).sqrt() + beta


def biased_variance(x, gamma, beta, eps):
    return gamma * (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, unbiased=False, keepdim=True) + eps) + beta


def unbiased_variance_rescaled(x, gamma, beta, eps):
    d = x.shape[-1]
    var = x.var(dim=-1, keepdim=True) * (d - 1) / d
    return (x - x.mean(dim=-1, keepdim=True)) * torch.rsqrt(var + eps) * gamma + beta


def square_of_the_deviation(x, gamma, beta, eps):
    sigma = x.std(dim=-1, correction=0, keepdim=True)
    return gamma * (x - x.mean(dim=-1, keepdim=True)) / torch.sqrt(sigma * sigma + eps) + beta


def pairwise_differences(x, gamma, beta, eps):
    differences = x.unsqueeze(-1) - x.unsqueeze(-2)
    var = differences.square().mean(dim=(-1, -2)) / 2
    return gamma * differences.mean(-1) * (var.unsqueeze(-1) + eps) ** -0.5 + beta


def centring_matrix(x, gamma, beta, eps):
    d = x.shape[-1]
    centring = torch.eye(d, dtype=x.dtype) - torch.ones(d, d, dtype=x.dtype) / d
    centred = x @ centring
    return torch.addcmul(beta, gamma, centred * (centred.pow(2).sum(-1, keepdim=True) / d + eps).pow(-0.5))


def without_fractions(x, gamma, beta, eps):
    d = x.size(-1)
    total, squares = x.sum(-1, keepdim=True), (x * x).sum(-1, keepdim=True)
    return gamma * (d * x - total) / (d * squares - total**2 + d * d * eps).sqrt() + beta


def length_of_the_centred_vector(x, gamma, beta, eps):
    centred = x - x.mean(-1, keepdim=True)
    length = torch.linalg.vector_norm(centred, dim=-1, keepdim=True)
    return centred / (length**2 / x.shape[-1] + eps).sqrt() * gamma + beta


def library_without_the_affine_part(x, gamma, beta, eps):
    return F.layer_norm(x, x.shape[-1:], eps=eps) * gamma + beta


def as_a_single_group(x, gamma, beta, eps):
    return F.group_norm(x.reshape(-1, x.shape[-1]), 1, gamma, beta, eps).reshape(x.shape)


def logarithm_of_the_root(x, gamma, beta, eps):
    var, mu = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    return gamma * (x - mu) * torch.exp(-0.5 * torch.log(var + eps)) + beta
