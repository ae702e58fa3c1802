"""Ways to write `ppo_clip_objective` that are right as mathematics; some overflow, or divide probabilities."""

import torch
import torch.nn.functional as F


def quotient_of_the_probabilities(log_prob, old_log_prob, advantages, epsilon):
    ratio = log_prob.exp() / old_log_prob.detach().exp()
    adv = advantages.detach()
    return torch.min(ratio * adv, ratio.clamp(1 - epsilon, 1 + epsilon) * adv).mean()


def where_the_smaller_is(log_prob, old_log_prob, advantages, epsilon):
    adv = advantages.detach()
    ratio = torch.exp(log_prob - old_log_prob.detach())
    clipped = torch.where(ratio > 1 + epsilon, 1 + epsilon, torch.where(ratio < 1 - epsilon, 1 - epsilon, ratio))
    first, second = ratio * adv, clipped * adv
    return torch.where(first < second, first, second).mean()


def negative_of_the_larger_loss(log_prob, old_log_prob, advantages, epsilon):
    adv = -advantages.detach()
    ratio = (log_prob - old_log_prob.detach()).exp()
    return -torch.maximum(adv * ratio, adv * torch.clip(ratio, 1 - epsilon, 1 + epsilon)).mean()


def positive_and_negative_parts(log_prob, old_log_prob, advantages, epsilon):
    adv = advantages.detach()
    ratio = torch.exp(log_prob - old_log_prob.detach())
    gain = F.relu(adv) * ratio.clamp(max=1 + epsilon)
    loss = F.relu(-adv) * ratio.clamp(min=1 - epsilon)
    return (gain - loss).mean()


def what_the_clip_takes_away(log_prob, old_log_prob, advantages, epsilon):
    adv = advantages.detach()
    ratio = torch.exp(log_prob - old_log_prob.detach())
    excess = F.relu(ratio - (1 + epsilon)) * F.relu(adv) + F.relu((1 - epsilon) - ratio) * F.relu(-adv)
    return (ratio * adv - excess).sum() / len(adv)


def half_the_sum_minus_the_distance(log_prob, old_log_prob, advantages, epsilon):
    adv = advantages.detach()
    ratio = torch.exp(log_prob - old_log_prob.detach())
    first, second = ratio * adv, ratio.clamp(1 - epsilon, 1 + epsilon) * adv
    return ((first + second - (first - second).abs()) / 2).mean()


def boolean_masks(log_prob, old_log_prob, advantages, epsilon):
    adv = advantages.detach()
    ratio = torch.exp(log_prob - old_log_prob.detach())
    stopped = ((adv > 0) & (ratio > 1 + epsilon)) | ((adv < 0) & (ratio < 1 - epsilon))
    bound = 1 + epsilon * torch.sign(adv)
    return ((ratio.masked_fill(stopped, 0.0) + bound * stopped) * adv).mean()


def smallest_of_a_stack(log_prob, old_log_prob, advantages, epsilon):
    ratio = torch.exp(log_prob - old_log_prob.detach())
    both = torch.stack((ratio, torch.clamp(ratio, 1 - epsilon, 1 + epsilon)), dim=-1)
    return (both * advantages.detach()[:, None]).min(dim=-1).values.mean()
