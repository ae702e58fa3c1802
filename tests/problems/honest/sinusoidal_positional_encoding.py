"""Right answers to `sinusoidal_positional_encoding`, written in the ways that students write them."""

import math

import numpy as np
import torch


def buffer_and_strides(length, d_model):
    pe = torch.zeros(length, d_model)
    position = torch.arange(0, length, dtype=torch.float).unsqueeze(1)
    div_term = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe


def double_loop(length, d_model):
    pe = torch.zeros(length, d_model)
    for p in range(length):
        for i in range(d_model // 2):
            angle = p / 10000 ** (2 * i / d_model)
            pe[p, 2 * i] = math.sin(angle)
            pe[p, 2 * i + 1] = math.cos(angle)
    return pe


def numpy_table(length, d_model):
    angles = np.arange(length)[:, None] / np.power(10000, (2 * (np.arange(d_model) // 2)) / d_model)
    table = np.where(np.arange(d_model) % 2 == 0, np.sin(angles), np.cos(angles))
    return torch.from_numpy(table).float()


def stacked_pairs(length, d_model):
    i = torch.arange(d_model // 2)
    angles = torch.outer(torch.arange(length).float(), 10000.0 ** (-2 * i / d_model))
    return torch.stack([angles.sin(), angles.cos()], dim=2).reshape(length, d_model).to(torch.float32)


def columns_by_parity(length, d_model):
    columns = torch.arange(d_model)
    angles = torch.arange(length).unsqueeze(1) / torch.pow(10000, (columns - columns % 2) / d_model)
    return torch.where(columns % 2 == 0, torch.sin(angles), torch.cos(angles)).float()


def list_of_rows(length, d_model):
    def row(p):
        angles = [p / 10000 ** (2 * (c // 2) / d_model) for c in range(d_model)]
        return [math.cos(a) if c % 2 else math.sin(a) for c, a in enumerate(angles)]

    return torch.tensor([row(p) for p in range(length)], dtype=torch.float32)


def einsum_in_double(length, d_model):
    p = torch.arange(length, dtype=torch.float64)
    frequencies = torch.pow(torch.tensor(10000.0, dtype=torch.float64), -torch.arange(0, d_model, 2) / d_model)
    angles = torch.einsum("p,i->pi", p, frequencies)
    pe = torch.empty(length, d_model, dtype=torch.float64)
    pe[:, ::2], pe[:, 1::2] = angles.sin(), angles.cos()
    return pe.float()


def column_after_column(length, d_model):
    p = torch.arange(length)
    columns = []
    for i in range(0, d_model, 2):
        columns += [torch.sin(p / 10000 ** (i / d_model)), torch.cos(p / 10000 ** (i / d_model))]
    return torch.stack(columns, dim=1)


def halves_put_in_order(length, d_model):
    half = d_model // 2
    angles = torch.arange(length)[:, None] * torch.exp(-math.log(10000) * torch.arange(half) / half)
    halves = torch.cat((angles.sin(), angles.cos()), dim=1)
    return halves[:, [c // 2 + half * (c % 2) for c in range(d_model)]]
