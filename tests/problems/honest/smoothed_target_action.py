"""Right answers to `smoothed_target_action`, written in the ways that students write them."""

import numpy as np
import torch


def as_in_the_paper(mean_action, noise, sigma, noise_clip, low, high):
    with torch.no_grad():
        eps = (noise * sigma).clamp(-noise_clip, noise_clip)
        return torch.clamp(mean_action + eps, low, high)


def in_place_on_copies(mean_action, noise, sigma, noise_clip, low, high):
    eps = noise.clone().mul_(sigma).clamp_(-noise_clip, noise_clip)
    return eps.add_(mean_action).clamp_(low, high)


def minimum_of_a_maximum(mean_action, noise, sigma, noise_clip, low, high):
    c = torch.full_like(noise, noise_clip)
    eps = torch.minimum(torch.maximum(sigma * noise, -c), c)
    return torch.minimum(torch.maximum(mean_action + eps, low), high)


def size_and_sign(mean_action, noise, sigma, noise_clip, low, high):
    eps = torch.sign(noise) * (sigma * noise.abs()).clamp(max=noise_clip)
    return (mean_action + eps).clip(low, high)


def bounds_before_the_mean_is_added(mean_action, noise, sigma, noise_clip, low, high):
    eps = torch.clip(sigma * noise, -noise_clip, noise_clip)
    return mean_action + torch.clamp(eps, low - mean_action, high - mean_action)


def loop_over_the_dimensions(mean_action, noise, sigma, noise_clip, low, high):
    columns = []
    for i in range(mean_action.size(-1)):
        eps = torch.clamp(sigma * noise[..., i], min=-noise_clip, max=noise_clip)
        columns.append(torch.clamp(mean_action[..., i] + eps, min=low[i], max=high[i]))
    return torch.stack(columns, dim=-1)


def through_numpy(mean_action, noise, sigma, noise_clip, low, high):
    eps = np.clip(sigma * noise.cpu().numpy(), -noise_clip, noise_clip)
    return torch.as_tensor(np.clip(mean_action.cpu().numpy() + eps, low.cpu().numpy(), high.cpu().numpy()))
