"""Right answers to `gaussian_entropy`, written in the ways that students write them."""

import math

import numpy as np
import torch
from torch.distributions import Independent, Normal


def constant_in_every_dimension(log_std):
    return (log_std + 0.5 * math.log(2 * math.pi * math.e)).sum(-1)


def with_a_distribution(log_std):
    return Normal(torch.zeros_like(log_std), log_std.exp()).entropy().sum(dim=-1)


def independent_dimensions(log_std):
    return Independent(Normal(torch.zeros_like(log_std), torch.exp(log_std)), 1).entropy()


def half_and_half_log_two_pi(log_std):
    return torch.sum(0.5 + 0.5 * math.log(2 * math.pi) + log_std, dim=-1)


def constant_times_the_dimensions(log_std):
    d = log_std.shape[-1]
    return log_std.sum(-1) + d / 2 * (1 + np.log(2 * np.pi))


def loop_over_the_dimensions(log_std):
    entropy = torch.zeros(log_std.shape[:-1], dtype=log_std.dtype, device=log_std.device)
    for i in range(log_std.size(-1)):
        entropy = entropy + log_std[..., i] + math.log(math.sqrt(2 * math.pi * math.e))
    return entropy


def einsum_with_ones(log_std):
    each = log_std.add(0.5 * (1 + math.log(2 * math.pi)))
    return torch.einsum("...d,d->...", each, torch.ones_like(each[(0,) * (each.dim() - 1)]))


def half_the_logarithm_of_the_variance(log_std):
    variance = torch.exp(2 * log_std)
    return 0.5 * torch.log(2 * torch.pi * variance).sum(-1) + 0.5 * log_std.shape[-1]
