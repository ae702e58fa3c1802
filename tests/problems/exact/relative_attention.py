"""Ways to write `relative_attention` that are right as mathematics; some overflow where scores are large."""

import math

import torch


def _relative(embeddings):
    L = (len(embeddings) + 1) // 2
    return torch.stack([embeddings[i : i + L].flip(0) for i in range(L)])


def _scores(queries, keys, embeddings):
    position = torch.einsum("...id,ijd->...ij", queries, _relative(embeddings))
    return (queries @ keys.mT + position) / math.sqrt(keys.shape[-1])


def exponentials_without_the_maximum(queries, keys, values, embeddings):
    e = torch.exp(_scores(queries, keys, embeddings))
    return e / e.sum(-1, keepdim=True) @ values


def divided_after_the_values(queries, keys, values, embeddings):
    scores = _scores(queries, keys, embeddings)
    e = torch.exp(scores - scores.amax(-1, keepdim=True))
    return torch.einsum("...ij,...jv->...iv", e, values) / e.sum(-1).unsqueeze(-1)


def positions_as_factors(queries, keys, values, embeddings):
    scale = math.sqrt(keys.shape[-1])
    content = torch.softmax(queries @ keys.mT / scale, dim=-1)
    factors = torch.exp(torch.einsum("...id,ijd->...ij", queries, _relative(embeddings)) / scale)
    return (content * factors) @ values / (content * factors).sum(-1, keepdim=True)


def logarithms_of_the_weights(queries, keys, values, embeddings):
    return torch.log_softmax(_scores(queries, keys, embeddings), -1).exp() @ values


def keys_as_rows(queries, keys, values, embeddings):
    weights = torch.softmax(_scores(queries, keys, embeddings).mT, dim=-2)
    return (values.mT @ weights).mT


def loops_over_queries_and_keys(queries, keys, values, embeddings):
    L, d_k = keys.shape[-2:]
    rows = []
    for i in range(L):
        total, normaliser = 0.0, 0.0
        for j in range(L):
            score = (queries[..., i, :] * (keys[..., j, :] + embeddings[i - j + L - 1])).sum(-1, keepdim=True)
            weight = torch.exp(score / math.sqrt(d_k))
            total, normaliser = total + weight * values[..., j, :], normaliser + weight
        rows.append(total / normaliser)
    return torch.stack(rows, dim=-2)
