"""Ways to write `multi_head_attention` that are right as mathematics; some overflow where scores are large."""

import math

import torch


def _split(projected, num_heads):
    return projected.unflatten(-1, (num_heads, -1)).transpose(-3, -2)


def exponentials_without_the_maximum(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    queries, keys, values = (_split(x @ w, num_heads) for w in (w_q, w_k, w_v))
    weights = torch.exp(queries @ keys.mT / math.sqrt(queries.shape[-1]))
    if mask is not None:
        weights = weights * torch.exp(mask)
    heads = weights @ values / weights.sum(dim=-1, keepdim=True)
    return heads.transpose(-3, -2).flatten(-2) @ w_o


def weights_of_queries_and_keys_multiplied_first(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    d_h = x.shape[-1] // num_heads
    total = 0.0
    for h, (q, k, v, o) in enumerate(zip(*(w.split(d_h, dim=1) for w in (w_q, w_k, w_v)), w_o.split(d_h), strict=True)):
        scores = x @ (q @ k.T) @ x.mT / math.sqrt(d_h)
        weights = torch.softmax(scores if mask is None else scores + mask[h], dim=-1)
        total = total + weights @ x @ (v @ o)
    return total


def logarithms_of_the_weights(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    queries, keys, values = (_split(x @ w, num_heads) for w in (w_q, w_k, w_v))
    scores = queries @ keys.mT * queries.shape[-1] ** -0.5
    scores = scores if mask is None else scores + mask
    heads = torch.exp(scores - torch.logsumexp(scores, dim=-1, keepdim=True)) @ values
    return heads.movedim(-3, -2).flatten(-2) @ w_o


def scale_in_the_projection(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    scaled = w_q / math.sqrt(x.shape[-1] // num_heads)
    queries, keys, values = (_split(x @ w, num_heads) for w in (scaled, w_k, w_v))
    scores = torch.einsum("...hid,...hjd->...hij", queries, keys)
    weights = torch.softmax(scores if mask is None else mask + scores, dim=-1)
    return torch.einsum("...hij,...hjd->...ihd", weights, values).flatten(-2) @ w_o


def loops_over_heads_and_positions(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    queries, keys, values = ((x @ w).unflatten(-1, (num_heads, -1)) for w in (w_q, w_k, w_v))
    rows = []
    for i in range(x.shape[-2]):
        heads = []
        for h in range(num_heads):
            scores = (keys[..., h, :] * queries[..., i : i + 1, h, :]).sum(-1) / math.sqrt(queries.shape[-1])
            weights = torch.softmax(scores if mask is None else scores + mask[h, i], dim=-1)
            heads.append((weights.unsqueeze(-1) * values[..., h, :]).sum(-2))
        rows.append(torch.cat(heads, dim=-1) @ w_o)
    return torch.stack(rows, dim=-2)


def softmax_by_hand(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    queries, keys, values = (_split(x @ w, num_heads) for w in (w_q, w_k, w_v))
    scores = queries @ keys.mT / math.sqrt(queries.shape[-1])
    scores = scores if mask is None else scores + mask
    weights = scores.exp() / scores.exp().sum(-1, keepdim=True)
    return (weights @ values).transpose(-3, -2).flatten(-2) @ w_o
