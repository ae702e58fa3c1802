"""Right answers to `gaussian_kl`, written in the ways that students write them."""

import math

import torch
from torch.distributions import Independent, Normal, kl_divergence


def with_distributions(old_mean, old_log_std, new_mean, new_log_std):
    old, new = Normal(old_mean, old_log_std.exp()), Normal(new_mean, new_log_std.exp())
    return kl_divergence(old, new).sum(-1)


def independent_dimensions(old_mean, old_log_std, new_mean, new_log_std):
    old = Independent(Normal(old_mean, torch.exp(old_log_std)), 1)
    new = Independent(Normal(new_mean, torch.exp(new_log_std)), 1)
    return kl_divergence(old, new)


def as_printed(old_mean, old_log_std, new_mean, new_log_std):
    old_var, new_var = (2 * old_log_std).exp(), (2 * new_log_std).exp()
    kl = new_log_std - old_log_std + (old_var + (old_mean - new_mean) ** 2) / (2 * new_var) - 0.5
    return kl.sum(dim=-1)


def halves_of_log_variances(old_mean, old_log_std, new_mean, new_log_std):
    old_log_var, new_log_var = 2 * old_log_std, 2 * new_log_std
    inside = new_log_var - old_log_var - 1 + torch.exp(old_log_var - new_log_var)
    inside = inside + (new_mean - old_mean).pow(2) * torch.exp(-new_log_var)
    return 0.5 * torch.sum(inside, -1)


def loop_over_the_dimensions(old_mean, old_log_std, new_mean, new_log_std):
    total = torch.zeros(old_mean.shape[0], dtype=old_mean.dtype, device=old_mean.device)
    for d in range(old_mean.shape[1]):
        ratio = torch.exp(old_log_std[:, d] - new_log_std[:, d])
        moved = (old_mean[:, d] - new_mean[:, d]) / new_log_std[:, d].exp()
        total = total - torch.log(ratio) + (ratio**2 + moved**2 - 1) / 2
    return total


def einsum_with_precisions(old_mean, old_log_std, new_mean, new_log_std):
    precision = torch.exp(-2 * new_log_std)
    moved = old_mean - new_mean
    quadratic = torch.einsum("nd,nd,nd->n", moved, moved, precision)
    trace = torch.einsum("nd,nd->n", (2 * old_log_std).exp(), precision)
    log_determinant = 2 * (new_log_std - old_log_std).sum(1)
    return 0.5 * (trace + quadratic - old_mean.shape[1] + log_determinant)


def expected_log_density_of_the_old_policy(old_mean, old_log_std, new_mean, new_log_std):
    half_log_two_pi = 0.5 * math.log(2 * math.pi)
    entropy = (old_log_std + half_log_two_pi + 0.5).sum(-1)
    ratio, z = (old_log_std - new_log_std).exp(), (old_mean - new_mean) / new_log_std.exp()
    cross_entropy = (new_log_std + half_log_two_pi + 0.5 * (ratio.square() + z.square())).sum(-1)
    return cross_entropy - entropy
