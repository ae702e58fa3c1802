"""Question 12: the Transformer."""

import math

import torch
from common import attend, standardise


def causal_mask(length):
    return torch.full((length, length), -math.inf).triu(1)


def masked_attention(queries, keys, values, mask):
    return attend(queries, keys, values, mask)


def multi_head_attention(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    projected = x.unsqueeze(-3) @ torch.stack([w_q, w_k, w_v])
    heads = projected.unflatten(-1, (num_heads, -1)).transpose(-3, -2)
    queries, keys, values = heads.unbind(-4)
    attended = attend(queries, keys, values, 0.0 if mask is None else mask)
    return attended.transpose(-3, -2).flatten(-2) @ w_o


def layer_norm(x, gamma, beta, eps):
    x_hat, _ = standardise(x, eps)
    return gamma * x_hat + beta


def layer_norm_backward(grad_output, x, gamma, eps):
    x_hat, inverse_std = standardise(x, eps)
    g = grad_output * gamma
    dx = inverse_std * (g - g.mean(-1, keepdim=True) - x_hat * (g * x_hat).mean(-1, keepdim=True))
    vectors = grad_output.reshape(-1, x.shape[-1])
    return dx, (vectors * x_hat.reshape(vectors.shape)).sum(0), vectors.sum(0)


def post_norm_residual(x, sublayer_output, gamma, beta, eps):
    return layer_norm(x + sublayer_output, gamma, beta, eps)


def pre_norm_residual(x, w, gamma, beta, eps):
    return x + layer_norm(x, gamma, beta, eps) @ w
