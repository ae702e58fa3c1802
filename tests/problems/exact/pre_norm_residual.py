"""Ways to write `pre_norm_residual` that are right as mathematics; some lose digits where the mean is large."""

import torch
import torch.nn.functional as F


def mean_of_the_squares(x, w, gamma, beta, eps):
    mu = x.mean(-1, keepdim=True)
    return x + (gamma * (x - mu) / ((x**2).mean(-1, keepdim=True) - mu**2 + eps).sqrt() + beta) @ w


def scale_and_shift_in_the_weights(x, w, gamma, beta, eps):
    return x + F.layer_norm(x, x.shape[-1:], eps=eps) @ (gamma[:, None] * w) + beta @ w


def divided_after_the_sublayer(x, w, gamma, beta, eps):
    centred = x - x.mean(-1, keepdim=True)
    inverse = (centred.square().mean(-1, keepdim=True) + eps) ** -0.5
    return x + inverse * ((gamma * centred) @ w) + beta @ w


def one_matrix_for_centring_and_sublayer(x, w, gamma, beta, eps):
    d = x.shape[-1]
    centring = torch.eye(d, dtype=x.dtype) - torch.ones(d, d, dtype=x.dtype) / d
    variance = (x @ centring).square().mean(-1, keepdim=True)
    return x + x @ (centring * gamma @ w) / torch.sqrt(variance + eps) + beta @ w


def unbiased_variance_rescaled(x, w, gamma, beta, eps):
    d = x.shape[-1]
    var = x.var(dim=-1, keepdim=True) * (d - 1) / d
    return ((x - x.mean(dim=-1, keepdim=True)) * torch.rsqrt(var + eps) * gamma + beta) @ w + x


def loop_over_the_features(x, w, gamma, beta, eps):
    normalised = F.layer_norm(x, (x.shape[-1],), gamma, beta, eps)
    return torch.stack([x[..., i] + (normalised * w[:, i]).sum(-1) for i in range(x.shape[-1])], dim=-1)
