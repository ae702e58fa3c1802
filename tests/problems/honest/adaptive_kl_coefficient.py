"""Right answers to `adaptive_kl_coefficient`, written in the ways that students write them."""

import math

import torch


def two_conditions(beta, kl, kl_target):
    if kl > kl_target * 1.5:
        beta = beta * 2
    elif kl < kl_target / 1.5:
        beta = beta / 2
    return beta


def quotient_of_the_two(beta, kl, kl_target):
    ratio = kl / kl_target
    if ratio > 1.5:
        return beta * 2.0
    if ratio < 1 / 1.5:
        return beta * 0.5
    return float(beta)


def as_a_tensor(beta, kl, kl_target):
    factor = 2.0 if kl > 1.5 * kl_target else 0.5 if kl < kl_target / 1.5 else 1.0
    return torch.tensor(beta * factor)


def with_where(beta, kl, kl_target):
    beta, kl = torch.tensor(beta, dtype=torch.float64), torch.tensor(kl, dtype=torch.float64)
    lowered = torch.where(kl < kl_target / 1.5, beta / 2, beta)
    return torch.where(kl > 1.5 * kl_target, beta * 2, lowered)


def nothing_to_do_first(beta, kl, kl_target):
    low, high = kl_target / 1.5, kl_target * 1.5
    if low <= kl <= high:
        return beta
    return beta / 2 if kl < low else beta * 2


def power_of_two(beta, kl, kl_target):
    steps = int(kl > 1.5 * kl_target) - int(kl < kl_target / 1.5)
    return math.ldexp(beta, steps)
