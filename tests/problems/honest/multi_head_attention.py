"""Right answers to `multi_head_attention`, written in the ways that students write them."""

import math

import torch
import torch.nn.functional as F


def view_and_transpose(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    *batch, length, d_model = x.shape
    d_h = d_model // num_heads
    q = (x @ w_q).view(*batch, length, num_heads, d_h).transpose(-3, -2)
    k = (x @ w_k).view(*batch, length, num_heads, d_h).transpose(-3, -2)
    v = (x @ w_v).view(*batch, length, num_heads, d_h).transpose(-3, -2)
    scores = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(d_h)
    if mask is not None:
        scores = scores + mask
    attended = torch.matmul(F.softmax(scores, dim=-1), v)
    return attended.transpose(-3, -2).contiguous().view(*batch, length, d_model) @ w_o


def loop_over_the_heads(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    d_h = x.shape[-1] // num_heads
    heads = []
    for i in range(num_heads):
        columns = slice(i * d_h, (i + 1) * d_h)
        q, k, v = x @ w_q[:, columns], x @ w_k[:, columns], x @ w_v[:, columns]
        scores = q @ k.transpose(-2, -1) / math.sqrt(d_h)
        if mask is not None:
            scores = scores + (mask[i] if mask.dim() == 3 else mask)
        heads.append(torch.softmax(scores, dim=-1) @ v)
    return torch.cat(heads, dim=-1) @ w_o


def chunked(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    projected = [(x @ w).chunk(num_heads, dim=-1) for w in (w_q, w_k, w_v)]
    masks = [None] * num_heads if mask is None else mask.expand(num_heads, *mask.shape[-2:])
    heads = []
    for q, k, v, bias in zip(*projected, masks, strict=True):
        scores = q @ k.mT * q.shape[-1] ** -0.5
        weights = (scores if bias is None else scores + bias).softmax(-1)
        heads.append(weights @ v)
    return torch.cat(heads, dim=-1) @ w_o


def einsum(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    d_model = x.shape[-1]
    d_h = d_model // num_heads
    q, k, v = (torch.einsum("...lm,mhd->...hld", x, w.reshape(d_model, num_heads, d_h)) for w in (w_q, w_k, w_v))
    scores = torch.einsum("...hid,...hjd->...hij", q, k) / d_h**0.5
    weights = torch.softmax(scores if mask is None else scores + mask, dim=-1)
    heads = torch.einsum("...hij,...hjd->...hid", weights, v)
    return torch.einsum("...hld,hdm->...lm", heads, w_o.reshape(num_heads, d_h, d_model))


def fused(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    q, k, v = ((x @ w).unflatten(-1, (num_heads, -1)).transpose(-3, -2) for w in (w_q, w_k, w_v))
    heads = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return heads.transpose(-3, -2).flatten(-2) @ w_o


def one_projection_for_all_three(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    qkv = x @ torch.cat([w_q, w_k, w_v], dim=1)
    qkv = qkv.unflatten(-1, (3, num_heads, -1))
    q, k, v = (part.transpose(-3, -2) for part in qkv.unbind(dim=-3))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores += mask
    return (scores.softmax(dim=-1) @ v).movedim(-3, -2).reshape(x.shape) @ w_o


def output_projection_of_each_head_added(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    d_h = x.shape[-1] // num_heads
    bias = torch.zeros(num_heads, 1, 1, dtype=x.dtype, device=x.device) if mask is None else mask
    if bias.dim() == 2:
        bias = bias.unsqueeze(0).expand(num_heads, -1, -1)
    result = torch.zeros_like(x)
    for h in range(num_heads):
        start, end = h * d_h, (h + 1) * d_h
        scores = (x @ w_q[:, start:end]) @ (x @ w_k[:, start:end]).transpose(-2, -1)
        weights = F.softmax(scores / math.sqrt(d_h) + bias[h], dim=-1)
        result = result + weights @ (x @ w_v[:, start:end]) @ w_o[start:end]
    return result
