"""Right answers to `causal_mask`, written in the ways that students write them."""

import numpy as np
import torch
from torch import nn


def full_and_triu(length):
    return torch.triu(torch.full((length, length), float("-inf")), diagonal=1)


def booleans_filled(length):
    future = torch.triu(torch.ones(length, length), diagonal=1).bool()
    return torch.zeros(length, length).masked_fill(future, float("-inf"))


def lower_triangle_filled(length):
    lower = torch.tril(torch.ones(length, length))
    return lower.masked_fill(lower == 0, float("-inf")).masked_fill(lower == 1, 0.0)


def positions_compared(length):
    positions = torch.arange(length)
    return torch.where(positions[None, :] > positions[:, None], float("-inf"), 0.0)


def double_loop(length):
    mask = torch.zeros(length, length)
    for i in range(length):
        for j in range(i + 1, length):
            mask[i, j] = -torch.inf
    return mask


def library(length):
    return nn.Transformer.generate_square_subsequent_mask(length)


def numpy_triangle(length):
    mask = np.zeros((length, length), dtype=np.float32)
    mask[np.triu_indices(length, k=1)] = -np.inf
    return torch.from_numpy(mask)


def list_of_rows(length):
    return torch.tensor([[0.0] * (i + 1) + [float("-inf")] * (length - i - 1) for i in range(length)])


def logarithm_of_the_open_ones(length):
    return torch.ones(length, length).tril().log()
