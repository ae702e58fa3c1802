"""Question 12: the parts of a Transformer."""

import math

import torch


def causal_mask(length):
    mask = torch.zeros(length, length)
    for i in range(length):
        for j in range(i + 1, length):
            mask[i, j] = float("-inf")
    return mask


def masked_attention(queries, keys, values, mask):
    rows = []
    for i in range(queries.shape[-2]):
        scores = torch.einsum("...d,...jd->...j", queries[..., i, :], keys) / math.sqrt(queries.shape[-1])
        weights = torch.softmax(scores + mask[i], dim=-1)
        rows.append(torch.einsum("...j,...jv->...v", weights, values))
    return torch.stack(rows, dim=-2)


def multi_head_attention(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    L, d_model = x.shape[-2:]
    d_h = d_model // num_heads
    if mask is None:
        mask = torch.zeros(L, L, dtype=x.dtype, device=x.device)
    heads = []
    for h in range(num_heads):
        columns = slice(h * d_h, (h + 1) * d_h)
        queries = torch.einsum("...lm,md->...ld", x, w_q[:, columns])
        keys = torch.einsum("...lm,md->...ld", x, w_k[:, columns])
        values = torch.einsum("...lm,md->...ld", x, w_v[:, columns])
        head_mask = mask[h] if mask.dim() == 3 else mask
        heads.append(masked_attention(queries, keys, values, head_mask))
    concatenated = torch.stack(heads, dim=-2).flatten(start_dim=-2)
    return torch.einsum("...lm,mn->...ln", concatenated, w_o)


def _normalized(vector, eps):
    """(x - mean) / sqrt(var + eps) of a single vector, and the root."""
    centred = vector - vector.mean()
    variance = torch.einsum("i,i->", centred, centred) / len(vector)
    sigma = torch.sqrt(variance + eps)
    return centred / sigma, sigma


def layer_norm(x, gamma, beta, eps):
    vectors = []
    for vector in x.reshape(-1, x.shape[-1]):
        x_hat, _ = _normalized(vector, eps)
        vectors.append(gamma * x_hat + beta)
    return torch.stack(vectors).reshape(x.shape)


def layer_norm_backward(grad_output, x, gamma, eps):
    d = x.shape[-1]
    dgamma, dbeta = torch.zeros_like(gamma), torch.zeros_like(gamma)
    dx = []
    for g, vector in zip(grad_output.reshape(-1, d), x.reshape(-1, d)):
        x_hat, sigma = _normalized(vector, eps)
        dgamma = dgamma + g * x_hat
        dbeta = dbeta + g
        # what the mean and the variance pass back is taken out of the gradient
        dx_hat = g * gamma
        along_x_hat = torch.einsum("i,i->", dx_hat, x_hat) / d
        dx.append((dx_hat - dx_hat.mean() - x_hat * along_x_hat) / sigma)
    return torch.stack(dx).reshape(x.shape), dgamma, dbeta


def post_norm_residual(x, sublayer_output, gamma, beta, eps):
    return layer_norm(x + sublayer_output, gamma, beta, eps)


def pre_norm_residual(x, w, gamma, beta, eps):
    return x + torch.einsum("...i,ij->...j", layer_norm(x, gamma, beta, eps), w)
