"""Ways to write `normalize_advantages` that are right as mathematics; some lose digits."""

import torch


def mean_of_squares(advantages, eps):
    mean = advantages.mean()
    std = (advantages.square().mean() - mean * mean).sqrt()
    return (advantages - mean) / (std + eps)


def sums(advantages, eps):
    n = advantages.numel()
    total, squares = advantages.sum(), (advantages**2).sum()
    std = torch.sqrt(n * squares - total**2) / n
    return (n * advantages - total) / (n * (std + eps))


def unbiased_and_corrected(advantages, eps):
    n = advantages.numel()
    std = advantages.std() * ((n - 1) / n) ** 0.5
    return (advantages - advantages.mean()) / (std + eps)


def mean_of_the_rows_means(advantages, eps):
    centred = advantages - advantages.mean(dim=1).mean()
    variance = centred.square().mean(dim=0).mean()
    return centred / (variance.sqrt() + eps)


def all_pairs(advantages, eps):
    flat = advantages.flatten()
    gaps = flat[:, None] - flat
    std = torch.sqrt(gaps.square().mean() / 2)
    return (gaps.mean(dim=1) / (std + eps)).reshape(advantages.shape)


def centring_matrix(advantages, eps):
    flat = advantages.flatten()
    n = len(flat)
    centred = (torch.eye(n, dtype=flat.dtype) - 1 / n) @ flat
    std = torch.sqrt(centred @ centred / n)
    return torch.unflatten(centred / (std + eps), 0, advantages.shape)


def reciprocal_of_the_scale(advantages, eps):
    variance, mean = torch.var_mean(advantages, correction=0)
    return torch.reciprocal(variance**0.5 + eps) * advantages.sub(mean)
