"""Where a position is: its encoding by waves, and the numbers of relative positions."""

from __future__ import annotations

import torch
from torch import Tensor


def sinusoidal_positional_encoding(length: int, d_model: int) -> Tensor:
    """Waves of geometrically growing length, PE[p, 2i] = sin(p / 10000^{2i/d_model}), PE[p, 2i + 1] the cosine of it.

    Args:
        length: L, number of positions, counted from 0.
        d_model: number of features, even.

    Returns:
        `(L, d_model)`, float32; the angles are computed in the default dtype.

    Source: Vaswani et al. 2017, §3.5.
    """
    wavelengths = 10000 ** (torch.arange(0, d_model, 2) / d_model)
    angles = torch.arange(length)[:, None] / wavelengths
    waves = torch.stack((torch.sin(angles), torch.cos(angles)), dim=-1)
    return waves.flatten(-2).to(torch.float32)


def relative_position_index(length_q: int, length_k: int, max_distance: int) -> Tensor:
    """Row of a table of 2k + 1 embeddings for each pair of positions, clip(i − j, −k, k) + k.

    Args:
        length_q: L_q, number of queries, at the positions i.
        length_k: L_k, number of keys, at the positions j.
        max_distance: k, from which on all distances share an embedding.

    Returns:
        `(L_q, L_k)`, int64, from 0 to 2k.

    Source: assignment, question 11; after Shaw et al. 2018, eq. 4, who index by j − i.
    """
    distance = torch.arange(length_q)[:, None] - torch.arange(length_k)
    return distance.clamp(-max_distance, max_distance) + max_distance
