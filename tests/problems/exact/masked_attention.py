"""Ways to write `masked_attention` that are right as mathematics; some overflow where scores are large."""

import math

import torch
import torch.nn.functional as F


def exponentials_without_the_maximum(queries, keys, values, mask):
    e = torch.exp(queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1]) + mask)
    return e / e.sum(-1, keepdim=True) @ values


def divided_after_the_values(queries, keys, values, mask):
    scores = torch.einsum("...id,...jd->...ij", queries, keys) * keys.size(-1) ** -0.5 + mask
    e = torch.exp(scores - scores.amax(-1, keepdim=True))
    return torch.einsum("...ij,...jv->...iv", e, values) / e.sum(-1).unsqueeze(-1)


def mask_as_a_factor(queries, keys, values, mask):
    e = torch.exp(queries @ keys.mT / keys.shape[-1] ** 0.5) * torch.exp(mask)
    return (e @ values) / e.sum(dim=-1, keepdim=True)


def closed_where_the_mask_says_so(queries, keys, values, mask):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])
    closed = mask == float("-inf")
    biased = torch.where(closed, float("-inf"), scores + torch.where(closed, 0.0, mask))
    return F.softmax(biased, dim=-1) @ values


def library_for_each_element(queries, keys, values, mask):
    if queries.dim() == 2:
        return F.scaled_dot_product_attention(queries, keys, values, mask)
    elements = zip(queries, keys, values, strict=True)
    return torch.stack([F.scaled_dot_product_attention(q, k, v, attn_mask=mask) for q, k, v in elements])


def loops_over_queries_and_keys(queries, keys, values, mask):
    rows = []
    for i in range(queries.shape[-2]):
        total, normaliser = 0.0, 0.0
        for j in range(keys.shape[-2]):
            score = (queries[..., i, :] * keys[..., j, :]).sum(-1, keepdim=True) / math.sqrt(keys.shape[-1])
            weight = torch.exp(score + mask[i, j])
            total, normaliser = total + weight * values[..., j, :], normaliser + weight
        rows.append(total / normaliser)
    return torch.stack(rows, dim=-2)


def running_softmax(queries, keys, values, mask):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1]) + mask
    highest, normaliser = scores[..., :1], torch.ones_like(scores[..., :1])
    result = values[..., :1, :].expand(*scores.shape[:-1], values.shape[-1])
    for j in range(1, keys.shape[-2]):
        now = torch.maximum(highest, scores[..., j : j + 1])
        kept, added = normaliser * torch.exp(highest - now), torch.exp(scores[..., j : j + 1] - now)
        result = (kept * result + added * values[..., j : j + 1, :]) / (kept + added)
        highest, normaliser = now, kept + added
    return result


def logarithms_of_the_weights(queries, keys, values, mask):
    log_weights = torch.log_softmax(queries @ keys.mT / math.sqrt(keys.shape[-1]) + mask, -1)
    return torch.matmul(log_weights.exp(), values)
