"""More ways to write `adaptive_kl_coefficient`; some change β at a bound where rounding moves it."""

import torch


def bounds_of_whole_numbers(beta, kl, kl_target):
    if 2 * kl > 3 * kl_target:
        return 2 * beta
    return beta / 2 if 3 * kl < 2 * kl_target else beta


def factors_multiplied(beta, kl, kl_target):
    factor = 1.0
    factor *= 2.0 if kl > 1.5 * kl_target else 1.0
    factor *= 0.5 if 1.5 * kl < kl_target else 1.0
    return beta * factor


def shares_of_the_cases(beta, kl, kl_target):
    too_large, too_small = kl > 1.5 * kl_target, kl < kl_target / 1.5
    return beta + too_large * beta - too_small * beta / 2


def list_of_factors(beta, kl, kl_target):
    crossed = (kl >= kl_target / 1.5) + (kl > 1.5 * kl_target)
    return [beta / 2, beta, 2 * beta][crossed]


def matched(beta, kl, kl_target):
    match (kl > 1.5 * kl_target, kl < kl_target / 1.5):
        case (True, _):
            return beta + beta
        case (_, True):
            return 0.5 * beta
        case _:
            return beta


def one_element_tensors(beta, kl, kl_target):
    result = torch.full((), beta, dtype=torch.float64)
    if kl > 1.5 * kl_target:
        result = result.mul(2)
    if kl < kl_target / 1.5:
        result = result.div(2)
    return result


def table_of_bounds(beta, kl, kl_target):
    for bound, factor in ((kl_target / 1.5, 0.5), (1.5 * kl_target, 1.0)):
        if kl < bound or (kl == bound and factor == 1.0):
            return beta * factor
    return beta * (2.0 if kl > 1.5 * kl_target else 1.0)
