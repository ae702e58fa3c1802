"""More ways to write `relative_position_index`."""

import torch


def gathered_from_a_table(length_q, length_k, max_distance):
    by_distance = [min(max(m, -max_distance), max_distance) + max_distance for m in range(-length_k + 1, length_q)]
    place = torch.arange(length_q)[:, None] - torch.arange(length_k) + length_k - 1
    return torch.tensor(by_distance)[place]


def where_it_is_far(length_q, length_k, max_distance):
    distance = torch.arange(length_q)[:, None] - torch.arange(length_k)[None]
    far = torch.where(distance > 0, 2 * max_distance, 0)
    return torch.where(distance.abs() <= max_distance, distance + max_distance, far)


def windows_over_all_distances(length_q, length_k, max_distance):
    distances = torch.arange(length_q - 1, -length_k, -1).clamp(-max_distance, max_distance) + max_distance
    return distances.unfold(0, length_k, 1).flip(0)


def bounds_counted(length_q, length_k, max_distance):
    distance = torch.arange(length_q)[:, None] - torch.arange(length_k)
    index = torch.zeros(length_q, length_k, dtype=torch.int64)
    for bound in range(-max_distance, max_distance):
        index += distance > bound
    return index


def sum_and_difference_of_magnitudes(length_q, length_k, max_distance):
    distance = torch.arange(length_q)[:, None] - torch.arange(length_k)
    clipped = ((distance + max_distance).abs() - (distance - max_distance).abs()) // 2
    return clipped + max_distance


def rows_one_by_one(length_q, length_k, max_distance):
    keys = torch.arange(length_k)
    rows = [torch.clip(i - keys, min=-max_distance, max=max_distance) for i in range(length_q)]
    return torch.stack(rows).add(max_distance)
