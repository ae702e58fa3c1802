"""Ways to write `smoothed_target_action` that are right as mathematics; some lose digits."""

import torch
import torch.nn.functional as F


def tanh_of_straight_pieces(mean_action, noise, sigma, noise_clip, low, high):
    middle, half = (low + high) / 2, (high - low) / 2
    eps = noise_clip * F.hardtanh(sigma * noise / noise_clip)
    return middle + half * F.hardtanh((mean_action + eps - middle) / half)


def clipped_in_units_of_sigma(mean_action, noise, sigma, noise_clip, low, high):
    eps = sigma * torch.clamp(noise, -noise_clip / sigma, noise_clip / sigma)
    return torch.clamp(mean_action + eps, low, high)


def difference_of_distances(mean_action, noise, sigma, noise_clip, low, high):
    eps = ((sigma * noise + noise_clip).abs() - (sigma * noise - noise_clip).abs()) / 2
    action = mean_action + eps
    return ((action - low).abs() - (action - high).abs() + low + high) / 2


def between_the_mean_moved_both_ways(mean_action, noise, sigma, noise_clip, low, high):
    noisy = torch.clamp(mean_action + sigma * noise, mean_action - noise_clip, mean_action + noise_clip)
    return noisy.clamp(low, high)


def ramps(mean_action, noise, sigma, noise_clip, low, high):
    eps = torch.relu(sigma * noise + noise_clip) - torch.relu(sigma * noise - noise_clip) - noise_clip
    action = mean_action + eps
    return low + torch.relu(action - low) - torch.relu(action - high)


def noise_cut_off_with_where(mean_action, noise, sigma, noise_clip, low, high):
    eps = sigma * noise
    eps = torch.where(eps > noise_clip, noise_clip, torch.where(eps < -noise_clip, -noise_clip, eps))
    return torch.clamp(mean_action + eps, low, high)
