"""Right answers to `tanh_gaussian_log_prob`, written in the ways that students write them."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Independent, Normal, TransformedDistribution
from torch.distributions.transforms import TanhTransform


def as_in_spinning_up(pre_tanh, mean, log_std):
    log_prob = Normal(mean, log_std.exp()).log_prob(pre_tanh).sum(axis=-1)
    return log_prob - (2 * (math.log(2) - pre_tanh - F.softplus(-2 * pre_tanh))).sum(axis=-1)


def two_sigmoids(pre_tanh, mean, log_std):
    gaussian = Normal(mean, log_std.exp()).log_prob(pre_tanh)
    correction = math.log(4.0) + F.logsigmoid(2 * pre_tanh) + F.logsigmoid(-2 * pre_tanh)
    return (gaussian - correction).sum(-1)


def symmetric_in_u(pre_tanh, mean, log_std):
    z = (pre_tanh - mean) / log_std.exp()
    gaussian = -0.5 * z**2 - log_std - 0.5 * math.log(2 * math.pi)
    size = torch.abs(pre_tanh)
    return (gaussian + 2 * (size + torch.log1p(torch.exp(-2 * size)) - math.log(2))).sum(dim=-1)


def logarithm_of_the_hyperbolic_cosine(pre_tanh, mean, log_std):
    log_cosh = torch.logaddexp(pre_tanh, -pre_tanh) - math.log(2)
    return Independent(Normal(mean, log_std.exp()), 1).log_prob(pre_tanh) + 2 * log_cosh.sum(-1)


def transform_of_the_library(pre_tanh, mean, log_std):
    transform = TanhTransform()
    log_slope = transform.log_abs_det_jacobian(pre_tanh, torch.tanh(pre_tanh))
    return (Normal(mean, log_std.exp()).log_prob(pre_tanh) - log_slope).sum(-1)


def transformed_distribution_with_a_cache(pre_tanh, mean, log_std):
    transform = TanhTransform(cache_size=1)
    policy = TransformedDistribution(Normal(mean, log_std.exp()), [transform], validate_args=False)
    return policy.log_prob(transform(pre_tanh)).sum(-1)


def loop_over_the_dimensions(pre_tanh, mean, log_std):
    total = 0
    for u, mu, log_sigma in zip(pre_tanh.unbind(-1), mean.unbind(-1), log_std.unbind(-1), strict=True):
        total = total - 0.5 * ((u - mu) / torch.exp(log_sigma)) ** 2 - log_sigma - 0.5 * math.log(2 * math.pi)
        total = total - 2 * (math.log(2) + u - F.softplus(2 * u))
    return total
