"""Ways to write `gaussian_log_prob` that are right as mathematics; some overflow, or lose digits."""

import math

import torch
from torch.distributions import MultivariateNormal, Normal


def logarithm_of_the_product(actions, mean, log_std):
    density = torch.exp(Normal(mean, log_std.exp()).log_prob(actions))
    return density.prod(dim=-1).log()


def density_by_hand(actions, mean, log_std):
    std = torch.exp(log_std)
    density = torch.exp(-((actions - mean) ** 2) / (2 * std**2)) / (std * (2 * torch.pi) ** 0.5)
    return torch.log(density).sum(-1)


def with_the_determinant(actions, mean, log_std):
    variance = torch.exp(2 * log_std)
    determinant = variance.prod(-1)
    distance = ((actions - mean) ** 2 / variance).sum(-1)
    return -0.5 * (distance + torch.log(determinant) + actions.shape[-1] * math.log(2 * math.pi))


def square_expanded(actions, mean, log_std):
    precision = torch.exp(-2 * log_std)
    distance = actions**2 - 2 * actions * mean + mean**2
    return -(0.5 * precision * distance + log_std + 0.5 * math.log(2 * math.pi)).sum(-1)


def precision_matrix(actions, mean, log_std):
    offset = (actions - mean).unsqueeze(-1)
    precision = torch.diag_embed(torch.exp(-2 * log_std))
    distance = (offset.mT @ precision @ offset)[..., 0, 0]
    return -0.5 * distance - log_std.sum(-1) - actions.shape[-1] * 0.9189385332046727


def scale_as_a_factor(actions, mean, log_std):
    standard = Normal(torch.zeros_like(mean), torch.ones_like(mean))
    return (standard.log_prob((actions - mean) * torch.exp(-log_std)) - log_std).sum(-1)


def covariance_of_the_library(actions, mean, log_std):
    policy = MultivariateNormal(mean, scale_tril=torch.diag_embed(log_std.exp()), validate_args=False)
    return policy.log_prob(actions)
