"""Right answers to `line_search_fraction`, written in the ways that students write them."""

import numpy as np
import torch


def loop_with_a_return(improvements, kls, max_kl):
    for k in range(len(kls)):
        if improvements[k] > 0 and kls[k] <= max_kl:
            return torch.tensor(0.5**k, dtype=kls.dtype, device=kls.device)
    return torch.tensor(0.0, dtype=kls.dtype, device=kls.device)


def python_floats(improvements, kls, max_kl):
    fraction = 1.0
    for improvement, kl in zip(improvements.tolist(), kls.tolist(), strict=True):
        if improvement > 0 and kl <= max_kl:
            return fraction
        fraction /= 2
    return 0.0


def largest_accepted_fraction(improvements, kls, max_kl):
    accepted = (improvements > 0) & (kls <= max_kl)
    fractions = 0.5 ** torch.arange(len(kls), dtype=kls.dtype, device=kls.device)
    return torch.where(accepted, fractions, torch.zeros_like(fractions)).max()


def masked_fractions(improvements, kls, max_kl):
    rejected = (improvements <= 0) | (kls > max_kl)
    exponents = torch.arange(kls.shape[0], device=kls.device)
    return torch.pow(2.0, -exponents.to(kls.dtype)).masked_fill(rejected, 0.0).amax()


def position_of_the_first(improvements, kls, max_kl):
    accepted = torch.logical_and(improvements > 0, kls <= max_kl)
    if not accepted.any():
        return torch.zeros((), dtype=kls.dtype, device=kls.device)
    k = accepted.int().argmax()
    return torch.tensor(0.5, dtype=kls.dtype, device=kls.device) ** k


def backwards(improvements, kls, max_kl):
    found = torch.zeros_like(kls[0])
    for k in reversed(range(len(kls))):
        ok = (improvements[k] > 0) & (kls[k] <= max_kl)
        found = torch.where(ok, torch.full_like(found, 0.5**k), found)
    return found


def flag_that_one_was_found(improvements, kls, max_kl):
    fraction = kls.new_zeros(())
    found = torch.zeros((), dtype=torch.bool, device=kls.device)
    for k, (improvement, kl) in enumerate(zip(improvements, kls, strict=True)):
        here = (improvement > 0) & (kl <= max_kl) & ~found
        fraction = fraction + here * 0.5**k
        found = found | here
    return fraction


def nonzero_in_numpy(improvements, kls, max_kl):
    improves = improvements.detach().cpu().numpy() > 0
    (accepted,) = np.nonzero(improves & (kls.detach().cpu().numpy() <= max_kl))
    return torch.tensor(0.5 ** int(accepted[0]) if len(accepted) else 0.0, dtype=kls.dtype)
