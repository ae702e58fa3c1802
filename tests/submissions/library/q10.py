"""Question 10: similarities of queries and keys."""

import math

import torch
import torch.nn.functional as F


def dot_product_score(queries, keys):
    return torch.einsum("...id,...jd->...ij", queries, keys)


def scaled_dot_product_score(queries, keys):
    return dot_product_score(queries, keys) / math.sqrt(queries.shape[-1])


def multiplicative_score(queries, keys, w):
    # F.linear multiplies every key with W from the left
    return dot_product_score(queries, F.linear(keys, w))


def additive_score(queries, keys, w_q, w_k, v):
    hidden = F.linear(queries, w_q).unsqueeze(-2) + F.linear(keys, w_k).unsqueeze(-3)
    return F.linear(torch.tanh(hidden), v)


def cosine_score(queries, keys, eps):
    # F.cosine_similarity clamps each length by itself; here it is their product
    lengths = torch.linalg.vector_norm(queries, dim=-1).unsqueeze(-1) * torch.linalg.vector_norm(
        keys, dim=-1
    ).unsqueeze(-2)
    return dot_product_score(queries, keys) / lengths.clamp(min=eps)


def euclidean_score(queries, keys):
    # without the matrix product, in which digits cancel when points are far from the origin
    return -torch.cdist(queries, keys, compute_mode="donot_use_mm_for_euclid_dist")
