"""Right answers to `masked_attention`: rounded roots and −1e9 for −∞ are beyond a proof, but not to be refuted."""

import torch


def root_on_both_sides(queries, keys, values, mask):
    root = keys.shape[-1] ** 0.25
    return torch.softmax((queries / root) @ (keys / root).transpose(-2, -1) + mask, dim=-1) @ values


def a_large_negative_number_for_minus_infinity(queries, keys, values, mask):
    scores = queries @ keys.transpose(-2, -1) / keys.shape[-1] ** 0.5
    return torch.softmax(scores + mask.clamp(min=-1e9), dim=-1) @ values
