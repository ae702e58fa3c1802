"""Ways to write `gaussian_entropy` that are right as mathematics; most overflow where log σ is large."""

import math

import torch
from torch.distributions import Independent, MultivariateNormal, Normal


def logarithm_of_the_deviation(log_std):
    return (torch.log(log_std.exp()) + 0.5 * math.log(2 * math.pi) + 0.5).sum(-1)


def half_logarithm_of_the_variance(log_std):
    return 0.5 * (1 + torch.log(2 * math.pi * torch.exp(2 * log_std))).sum(-1)


def multivariate_normal(log_std):
    covariance = torch.diag_embed(torch.exp(2 * log_std))
    return MultivariateNormal(torch.zeros_like(log_std), covariance, validate_args=False).entropy()


def scale_of_a_multivariate_normal(log_std):
    factor = torch.diag_embed(log_std.exp())
    return MultivariateNormal(torch.zeros_like(log_std), scale_tril=factor, validate_args=False).entropy()


def minus_the_log_density_at_one_deviation(log_std):
    # the entropy is −log p at a point whose squared distance is the mean one, σ²
    normal = Normal(torch.zeros_like(log_std), log_std.exp(), validate_args=False)
    return -Independent(normal, 1, validate_args=False).log_prob(log_std.exp())


def logarithm_of_the_product(log_std):
    d = log_std.shape[-1]
    return torch.log(log_std.exp().prod(-1)) + 0.5 * d * math.log(2 * math.pi * math.e)


def logarithm_of_the_determinant(log_std):
    covariance = torch.diag_embed(2 * math.pi * torch.exp(2 * log_std))
    return 0.5 * (torch.linalg.slogdet(covariance).logabsdet + log_std.shape[-1])
