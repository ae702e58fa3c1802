"""Ways to write `exploration_action` that are right as mathematics; some lose digits."""

import torch
import torch.nn.functional as F


def median_of_three(mean_action, noise, sigma, low, high):
    action = mean_action + sigma * noise
    return (
        action
        + low
        + high
        - torch.maximum(torch.maximum(action, low), high)
        - torch.minimum(torch.minimum(action, low), high)
    )


def middle_and_half_width(mean_action, noise, sigma, low, high):
    middle, half = (low + high) / 2, (high - low) / 2
    return middle + half * F.hardtanh((mean_action + sigma * noise - middle) / half)


def difference_of_distances(mean_action, noise, sigma, low, high):
    action = mean_action + sigma * noise
    return ((action - low).abs() - (action - high).abs() + low + high) / 2


def ramps(mean_action, noise, sigma, low, high):
    action = mean_action + sigma * noise
    return low + torch.relu(action - low) - torch.relu(action - high)


def clipped_in_the_opposite_order(mean_action, noise, sigma, low, high):
    return torch.max(torch.min(mean_action + sigma * noise, high), low)


def boolean_masks(mean_action, noise, sigma, low, high):
    action = mean_action + sigma * noise
    above, below = action > high, action < low
    return above * high + below * low + ~(above | below) * action


def noise_within_what_is_left(mean_action, noise, sigma, low, high):
    return mean_action + torch.clamp(sigma * noise, low - mean_action, high - mean_action)
