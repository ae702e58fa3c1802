"""Ways to write `additive_score` that are right as mathematics; some overflow where a unit is saturated."""

import torch


def _hidden(queries, keys, w_q, w_k):
    return (queries @ w_q.T).unsqueeze(-2) + (keys @ w_k.T).unsqueeze(-3)


def exponentials(queries, keys, w_q, w_k, v):
    e = torch.exp(2 * _hidden(queries, keys, w_q, w_k))
    return ((e - 1) / (e + 1)) @ v


def sigmoid_rescaled(queries, keys, w_q, w_k, v):
    return (2 * torch.sigmoid(2 * _hidden(queries, keys, w_q, w_k)) - 1) @ v


def sinh_over_cosh(queries, keys, w_q, w_k, v):
    hidden = _hidden(queries, keys, w_q, w_k)
    return (torch.sinh(hidden) / torch.cosh(hidden)) @ v


def addition_theorem(queries, keys, w_q, w_k, v):
    q, k = torch.tanh(queries @ w_q.T).unsqueeze(-2), torch.tanh(keys @ w_k.T).unsqueeze(-3)
    return (v * (q + k) / (1 + q * k)).sum(-1)


def loop_over_the_hidden_units(queries, keys, w_q, w_k, v):
    units = (torch.tanh((queries @ q)[..., :, None] + (keys @ k)[..., None, :]) for q, k in zip(w_q, w_k, strict=True))
    return sum(weight * unit for weight, unit in zip(v, units, strict=True))


def signs_moved(queries, keys, w_q, w_k, v):
    return -torch.tanh(-_hidden(queries, keys, w_q, w_k)) @ v
