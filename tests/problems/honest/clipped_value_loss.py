"""Right answers to `clipped_value_loss`, written in the ways that students write them."""

import torch
import torch.nn.functional as F


def as_in_cleanrl(values, old_values, returns, clip_range):
    old_values, returns = old_values.detach(), returns.detach()
    v_loss_unclipped = (values - returns) ** 2
    v_clipped = old_values + torch.clamp(values - old_values, -clip_range, clip_range)
    v_loss_clipped = (v_clipped - returns) ** 2
    v_loss_max = torch.max(v_loss_unclipped, v_loss_clipped)
    return 0.5 * v_loss_max.mean()


def clamped_to_an_interval(values, old_values, returns, clip_range):
    old, target = old_values.detach(), returns.detach()
    clipped = torch.clamp(values, old - clip_range, old + clip_range)
    return torch.maximum((values - target).square(), (clipped - target).square()).mean() / 2


def losses_of_the_library(values, old_values, returns, clip_range):
    with torch.no_grad():
        old, target = old_values.clone(), returns.clone()
    clipped = old + (values - old).clip(-clip_range, clip_range)
    unclipped_loss = F.mse_loss(values, target, reduction="none")
    clipped_loss = F.mse_loss(clipped, target, reduction="none")
    return torch.stack((unclipped_loss, clipped_loss)).amax(dim=0).mul(0.5).mean()


def larger_error_squared(values, old_values, returns, clip_range):
    old, target = old_values.data, returns.data
    clipped = torch.min(torch.max(values, old - clip_range), old + clip_range)
    return 0.5 * torch.maximum((values - target).abs(), (clipped - target).abs()).pow(2).mean()


def loop_over_the_samples(values, old_values, returns, clip_range):
    total = 0.0
    for v, old, target in zip(values, old_values.tolist(), returns.tolist(), strict=True):
        clipped = old + torch.clamp(v - old, -clip_range, clip_range)
        total = total + torch.max((v - target) ** 2, (clipped - target) ** 2)
    return 0.5 * total / len(values)


def cases_with_where(values, old_values, returns, clip_range):
    old, target = old_values.detach(), returns.detach()
    change = values - old
    clipped = torch.where(change > clip_range, old + clip_range, values)
    clipped = torch.where(change < -clip_range, old - clip_range, clipped)
    plain, bounded = (values - target).pow(2), (clipped - target).pow(2)
    return 0.5 * torch.where(plain >= bounded, plain, bounded).mean()


def sum_over_the_number(values, old_values, returns, clip_range):
    errors = values - returns.detach()
    excess = (values - old_values.detach()) - torch.clamp(values - old_values.detach(), -clip_range, clip_range)
    return torch.maximum(errors * errors, (errors - excess) * (errors - excess)).sum() / (2 * errors.numel())
