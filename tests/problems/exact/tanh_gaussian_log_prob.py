"""Ways to write `tanh_gaussian_log_prob` that are right as mathematics; most overflow at the bounds, or lose digits."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Normal


def as_printed(pre_tanh, mean, log_std):
    action = torch.tanh(pre_tanh)
    return (Normal(mean, log_std.exp()).log_prob(pre_tanh) - torch.log(1 - action**2)).sum(-1)


def two_factors_of_the_slope(pre_tanh, mean, log_std):
    action = torch.tanh(pre_tanh)
    log_slope = torch.log1p(action) + torch.log1p(-action)
    return Normal(mean, log_std.exp()).log_prob(pre_tanh).sum(-1) - log_slope.sum(-1)


def hyperbolic_cosine(pre_tanh, mean, log_std):
    gaussian = Normal(mean, log_std.exp()).log_prob(pre_tanh)
    return (gaussian + 2 * torch.log(torch.cosh(pre_tanh))).sum(-1)


def product_of_the_slopes(pre_tanh, mean, log_std):
    slopes = 1 / torch.cosh(pre_tanh) ** 2
    return Normal(mean, log_std.exp()).log_prob(pre_tanh).sum(-1) - slopes.prod(-1).log()


def slope_by_autograd(pre_tanh, mean, log_std):
    slope = torch.func.grad(lambda u: torch.tanh(u).sum())(pre_tanh)
    return (Normal(mean, log_std.exp()).log_prob(pre_tanh) - slope.log()).sum(-1)


def sigmoids(pre_tanh, mean, log_std):
    z = (pre_tanh - mean) * torch.exp(-log_std)
    gaussian = -0.5 * z * z - log_std - 0.5 * math.log(2 * math.pi)
    slope = 4 * torch.sigmoid(2 * pre_tanh) * torch.sigmoid(-2 * pre_tanh)
    return (gaussian - torch.log(slope)).sum(-1)


def exponentials(pre_tanh, mean, log_std):
    growth = torch.exp(2 * pre_tanh)
    slope = 4 * growth / (growth + 1) ** 2
    density = torch.exp(Normal(mean, log_std.exp()).log_prob(pre_tanh)) / slope
    return torch.log(density).sum(-1)


def softplus_on_the_other_side(pre_tanh, mean, log_std):
    log_slope = 2 * (math.log(2) + pre_tanh - F.softplus(2 * pre_tanh))
    return (Normal(mean, log_std.exp()).log_prob(pre_tanh) - log_slope).sum(dim=-1)
