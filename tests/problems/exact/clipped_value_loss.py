"""Ways to write `clipped_value_loss` that are right as mathematics; some lose digits."""

import torch
import torch.nn.functional as F


def half_the_sum_plus_the_distance(values, old_values, returns, clip_range):
    old, target = old_values.detach(), returns.detach()
    clipped = old + torch.clamp(values - old, -clip_range, clip_range)
    first, second = (values - target) ** 2, (clipped - target) ** 2
    return ((first + second + (first - second).abs()) / 4).mean()


def negative_minimum(values, old_values, returns, clip_range):
    old, target = old_values.detach(), returns.detach()
    clipped = torch.clamp(values, old - clip_range, old + clip_range)
    return -0.5 * torch.minimum(-((values - target) ** 2), -((clipped - target) ** 2)).mean()


def squares_expanded(values, old_values, returns, clip_range):
    old, target = old_values.detach(), returns.detach()
    clipped = old + clip_range * F.hardtanh((values - old) / clip_range)

    def error(v):
        return v * v - 2 * v * target + target * target

    return 0.5 * torch.max(error(values), error(clipped)).mean()


def what_the_clip_adds(values, old_values, returns, clip_range):
    old, target = old_values.detach(), returns.detach()
    clipped = torch.maximum(torch.minimum(values, old + clip_range), old - clip_range)
    plain = (values - target).square()
    return (plain.mean() + F.relu((clipped - target).square() - plain).mean()) / 2


def larger_by_a_stack(values, old_values, returns, clip_range):
    old, target = old_values.detach(), returns.detach()
    both = torch.stack((values, old + torch.clamp(values - old, -clip_range, clip_range)), dim=1)
    return ((both - target[:, None]) ** 2).max(dim=1).values.mean() * 0.5


def boolean_masks(values, old_values, returns, clip_range):
    old, target = old_values.detach(), returns.detach()
    clipped = old + torch.clamp(values - old, -clip_range, clip_range)
    plain, bounded = (values - target) ** 2, (clipped - target) ** 2
    farther = bounded > plain
    return 0.5 * (plain.masked_fill(farther, 0.0) + bounded.masked_fill(~farther, 0.0)).sum() / len(values)


def excess_of_the_change(values, old_values, returns, clip_range):
    change = values - old_values.detach()
    excess = F.relu(change - clip_range) - F.relu(-change - clip_range)
    error = values - returns.detach()
    return 0.5 * torch.maximum(error**2, (error - excess) ** 2).mean()
