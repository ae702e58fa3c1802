"""Right answers to `relative_position_index`, written in the ways that students write them."""

import numpy as np
import torch


def as_printed(length_q, length_k, max_distance):
    i = torch.arange(length_q).unsqueeze(1)
    j = torch.arange(length_k).unsqueeze(0)
    return torch.clamp(i - j, -max_distance, max_distance) + max_distance


def double_loop(length_q, length_k, max_distance):
    index = torch.zeros(length_q, length_k, dtype=torch.long)
    for i in range(length_q):
        for j in range(length_k):
            index[i, j] = max(-max_distance, min(max_distance, i - j)) + max_distance
    return index


def list_of_lists(length_q, length_k, max_distance):
    rows = [[min(max(i - j, -max_distance), max_distance) for j in range(length_k)] for i in range(length_q)]
    return torch.tensor(rows) + max_distance


def numpy_clip(length_q, length_k, max_distance):
    distance = np.arange(length_q)[:, None] - np.arange(length_k)[None, :]
    return torch.from_numpy(np.clip(distance, -max_distance, max_distance) + max_distance)


def shifted_then_clipped(length_q, length_k, max_distance):
    distance = torch.arange(length_q).view(-1, 1) - torch.arange(length_k).view(1, -1)
    return (distance + max_distance).clamp(0, 2 * max_distance).long()


def meshgrid(length_q, length_k, max_distance):
    i, j = torch.meshgrid(torch.arange(length_q), torch.arange(length_k), indexing="ij")
    distance = i - j
    distance[distance > max_distance] = max_distance
    distance[distance < -max_distance] = -max_distance
    return distance + max_distance


def repeated_ranges(length_q, length_k, max_distance):
    i = torch.arange(length_q).repeat(length_k, 1).T
    j = torch.arange(length_k).expand(length_q, -1)
    return torch.minimum(torch.maximum(i - j, torch.tensor(-max_distance)), torch.tensor(max_distance)) + max_distance
