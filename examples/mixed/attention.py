# Homework: attention. scaled_dot_product_score is still to do!
import math

import torch


def masked_attention(queries, keys, values, mask):
    # tested with 2-d inputs only
    scores = queries @ keys.transpose(0, 1) / math.sqrt(queries.shape[-1])
    return torch.softmax(scores + mask, dim=-1) @ values


def layernorm(x, gamma, beta, eps):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, unbiased=False)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
