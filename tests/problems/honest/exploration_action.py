"""Right answers to `exploration_action`, written in the ways that students write them."""

import numpy as np
import torch


def clamp_with_tensors(mean_action, noise, sigma, low, high):
    return torch.clamp(mean_action + sigma * noise, low, high)


def clip_method(mean_action, noise, sigma, low, high):
    action = mean_action.clone()
    action += sigma * noise
    return action.clip(min=low, max=high)


def minimum_of_a_maximum(mean_action, noise, sigma, low, high):
    return torch.min(torch.max(mean_action + noise * sigma, low), high)


def two_times_where(mean_action, noise, sigma, low, high):
    action = torch.add(mean_action, noise, alpha=sigma)
    action = torch.where(action > high, high, action)
    return torch.where(action < low, low, action)


def loop_over_the_dimensions(mean_action, noise, sigma, low, high):
    action = torch.empty_like(mean_action)
    for i in range(mean_action.shape[-1]):
        action[..., i] = torch.clamp(mean_action[..., i] + sigma * noise[..., i], low[i], high[i])
    return action


def assigned_through_masks(mean_action, noise, sigma, low, high):
    action = mean_action + sigma * noise
    lower, upper = low.expand_as(action), high.expand_as(action)
    action[action < lower] = lower[action < lower]
    action[action > upper] = upper[action > upper]
    return action


def through_numpy(mean_action, noise, sigma, low, high):
    action = np.clip(mean_action.numpy() + sigma * noise.numpy(), low.numpy(), high.numpy())
    return torch.from_numpy(action)


def excess_taken_away(mean_action, noise, sigma, low, high):
    excess = torch.relu(mean_action + sigma * noise - high)
    return torch.maximum(mean_action + sigma * noise - excess, low)
