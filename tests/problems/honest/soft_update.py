"""Right answers to `soft_update`, written in the ways that students write them."""

import numpy as np
import torch
from torch.optim.swa_utils import get_ema_avg_fn


def as_printed(target, online, tau):
    return tau * online + (1.0 - tau) * target


def linear_interpolation(target, online, tau):
    return torch.lerp(target, online, tau)


def step_towards(target, online, tau):
    return target + tau * (online - target)


def in_place_on_a_copy(target, online, tau):
    with torch.no_grad():
        updated = target.clone()
        updated.mul_(1 - tau)
        updated.add_(online, alpha=tau)
    return updated


def data_copied_into_a_new_tensor(target, online, tau):
    updated = torch.empty_like(target)
    updated.data.copy_(online.data * tau + target.data * (1.0 - tau))
    return updated


def weighted_sum_of_a_stack(target, online, tau):
    weights = torch.tensor([1 - tau, tau], dtype=target.dtype, device=target.device)
    return torch.tensordot(weights, torch.stack((target, online)), dims=1)


def flattened_loop(target, online, tau):
    flat = [(1 - tau) * old + tau * new for old, new in zip(target.flatten(), online.flatten(), strict=True)]
    return torch.stack(flat).reshape(target.shape)


def through_numpy(target, online, tau):
    return torch.as_tensor(np.asarray((1 - tau) * target.numpy() + tau * online.numpy(), dtype=target.numpy().dtype))


def average_of_the_library(target, online, tau):
    return get_ema_avg_fn(1 - tau)(target, online, 1)
