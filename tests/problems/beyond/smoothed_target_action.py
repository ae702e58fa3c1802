"""Right answers to `smoothed_target_action`: more cases than a proof goes through, but not to be refuted."""

import torch


def where_and_masks(mean_action, noise, sigma, noise_clip, low, high):
    eps = sigma * noise
    eps = torch.where(eps.abs() > noise_clip, noise_clip * torch.sign(eps), eps)
    action = mean_action + eps
    above, below = action > high, action < low
    return above * high + below * low + (1 - above * 1 - below * 1) * action


def cases_with_where(mean_action, noise, sigma, noise_clip, low, high):
    eps = sigma * noise
    eps = torch.where(eps > noise_clip, noise_clip, torch.where(eps < -noise_clip, -noise_clip, eps))
    action = mean_action + eps
    action = torch.where(action > high, high, action)
    return torch.where(action < low, low, action)
