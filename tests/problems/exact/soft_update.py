"""Ways to write `soft_update` that are right as mathematics; some lose digits."""

import torch
from torch.optim.swa_utils import get_ema_avg_fn


def step_back_from_the_online_network(target, online, tau):
    return online - (1 - tau) * (online - target)


def weights_in_a_matrix_product(target, online, tau):
    both = torch.stack((target, online), dim=-1)
    return both @ torch.tensor([1 - tau, tau], dtype=target.dtype)


def mean_and_half_difference(target, online, tau):
    return (target + online) / 2 + (2 * tau - 1) * (online - target) / 2


def interpolated_with_a_tensor(target, online, tau):
    return torch.lerp(target, online, torch.full_like(target, tau))


def fused_multiply_and_add(target, online, tau):
    return torch.addcmul(target, online - target, torch.ones_like(target), value=tau)


def what_is_kept_and_what_is_new(target, online, tau):
    kept = (1 - tau) * torch.stack((target, torch.zeros_like(target)))
    new = tau * torch.stack((torch.zeros_like(online), online))
    return (kept + new).sum(dim=0)


def in_place_on_a_copy(target, online, tau):
    moved = target.detach().clone()
    moved -= tau * moved
    moved += tau * online
    return moved


def share_that_decays(target, online, tau):
    decay = 1 - tau
    return decay * target + (1 - decay) * online


def average_of_the_library(target, online, tau):
    return get_ema_avg_fn(1 - tau)(target, online, 1)
