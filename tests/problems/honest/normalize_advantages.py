"""Right answers to `normalize_advantages`, written in the ways that students write them."""

import numpy as np
import torch
import torch.nn.functional as F


def with_the_biased_std(advantages, eps):
    return (advantages - advantages.mean()) / (advantages.std(unbiased=False) + eps)


def root_of_the_mean_square(advantages, eps):
    centred = advantages - torch.mean(advantages)
    return centred / (centred.pow(2).mean().sqrt() + eps)


def std_and_mean_at_once(advantages, eps):
    std, mean = torch.std_mean(advantages, correction=0)
    return torch.div(advantages - mean, std + eps)


def flattened(advantages, eps):
    flat = advantages.reshape(-1)
    flat = flat - flat.mean(0)
    scale = torch.linalg.vector_norm(flat) / len(flat) ** 0.5
    return (flat / (scale + eps)).view(advantages.shape)


def in_numpy(advantages, eps):
    array = advantages.numpy()
    return torch.from_numpy((array - np.mean(array)) / (np.std(array) + eps).astype(array.dtype))


def loops(advantages, eps):
    steps, environments = advantages.shape
    n = steps * environments
    mean = sum(row.sum() for row in advantages) / n
    variance = sum((row - mean).square().sum() for row in advantages) / n
    normalised = torch.empty_like(advantages)
    for t in range(steps):
        normalised[t] = (advantages[t] - mean) / (variance**0.5 + eps)
    return normalised


def distance_from_the_mean(advantages, eps):
    mean = advantages.mean().expand_as(advantages)
    std = F.mse_loss(advantages, mean).sqrt()
    return (advantages - mean) * (1 / (std + eps))
