"""Right answers to `line_search_fraction`: how many were accepted is a number that a proof is not to count with."""

import torch


def first_in_a_running_count(improvements, kls, max_kl):
    accepted = (improvements > 0) & (kls <= max_kl)
    first = accepted & (accepted.cumsum(0) == 1)
    return (first * 0.5 ** torch.arange(len(kls), dtype=kls.dtype)).sum()


def smallest_position(improvements, kls, max_kl):
    accepted = (improvements > 0) & (kls <= max_kl)
    first = torch.where(accepted, torch.arange(len(kls)), len(kls)).min()
    return torch.where(first < len(kls), 0.5**first, 0.0).to(kls.dtype)
