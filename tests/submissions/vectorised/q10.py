"""Question 10: scores of queries and keys."""

import math


def dot_product_score(queries, keys):
    return queries @ keys.mT


def scaled_dot_product_score(queries, keys):
    return dot_product_score(queries, keys) / math.sqrt(queries.shape[-1])


def multiplicative_score(queries, keys, w):
    return queries @ w @ keys.mT


def additive_score(queries, keys, w_q, w_k, v):
    hidden = (queries @ w_q.T).unsqueeze(-2) + (keys @ w_k.T).unsqueeze(-3)
    return hidden.tanh() @ v


def cosine_score(queries, keys, eps):
    lengths = queries.norm(dim=-1).unsqueeze(-1) * keys.norm(dim=-1).unsqueeze(-2)
    return queries @ keys.mT / lengths.clamp(min=eps)


def euclidean_score(queries, keys):
    return -(queries.unsqueeze(-2) - keys.unsqueeze(-3)).norm(dim=-1)
