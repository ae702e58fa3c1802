"""Ways to write `line_search_fraction` that are right as mathematics."""

import torch


def nothing_accepted_before(improvements, kls, max_kl):
    accepted = ((improvements > 0) & (kls <= max_kl)).to(kls.dtype)
    rejected_so_far = torch.cumprod(1 - accepted, dim=0)
    before = torch.cat([torch.ones_like(kls[:1]), rejected_so_far[:-1]])
    return (accepted * before * 0.5 ** torch.arange(len(kls), dtype=kls.dtype)).sum()


def half_of_what_comes_after(improvements, kls, max_kl):
    accepted = (improvements > 0).to(kls.dtype) * (kls <= max_kl).to(kls.dtype)
    fraction = kls.new_zeros(())
    for k in range(len(kls) - 1, -1, -1):
        fraction = accepted[k] + (1 - accepted[k]) * fraction / 2
    return fraction


def two_choices_for_each_step(improvements, kls, max_kl):
    fraction = torch.zeros_like(kls[0])
    for k in reversed(range(len(kls))):
        whole = torch.ones_like(fraction)
        within = torch.where(kls[k] > max_kl, fraction / 2, whole)
        fraction = torch.where(improvements[k] <= 0, fraction / 2, within)
    return fraction


def product_of_the_conditions(improvements, kls, max_kl):
    fractions = 0.5 ** torch.arange(len(kls), dtype=kls.dtype)
    return ((improvements > 0) * (kls <= max_kl) * fractions).max()


def not_rejected(improvements, kls, max_kl):
    accepted = torch.logical_not(torch.logical_or(improvements <= 0, kls > max_kl))
    fractions = torch.logspace(0, 1 - len(kls), len(kls), base=2.0, dtype=kls.dtype)
    return torch.where(accepted, fractions, 0.0).amax(dim=0)


def step_while_none_is_accepted(improvements, kls, max_kl):
    step, taken = torch.ones_like(kls[0]), torch.zeros_like(kls[0])
    for improvement, kl in zip(improvements, kls, strict=True):
        accepted = (improvement > 0) & (kl <= max_kl) & (taken == 0)
        taken = torch.where(accepted, step, taken)
        step = step * 0.5
    return taken


def signs(improvements, kls, max_kl):
    improves = (torch.sign(improvements) + 1).div(2) * torch.sign(improvements).abs()
    too_far = torch.relu(torch.sign(kls - max_kl))
    return (improves * (1 - too_far) * torch.exp2(-torch.arange(len(kls), dtype=kls.dtype))).max()
