"""Ways to write `self_attention` that are right as mathematics; some overflow where scores are large."""

import math

import torch


def exponentials_without_the_maximum(x, w_q, w_k, w_v):
    e = torch.exp((x @ w_q) @ (x @ w_k).mT / math.sqrt(w_k.shape[-1]))
    return e / e.sum(-1, keepdim=True) @ (x @ w_v)


def divided_after_the_values(x, w_q, w_k, w_v):
    scores = torch.einsum("...id,...jd->...ij", x @ w_q, x @ w_k) * w_k.size(-1) ** -0.5
    e = torch.exp(scores - scores.amax(-1, keepdim=True))
    return torch.einsum("...ij,...jv->...iv", e, x @ w_v) / e.sum(-1).unsqueeze(-1)


def values_projected_last(x, w_q, w_k, w_v):
    weights = torch.softmax((x @ w_q / math.sqrt(w_q.shape[-1])) @ (x @ w_k).mT, dim=-1)
    return (weights @ x) @ w_v


def weights_multiplied_first(x, w_q, w_k, w_v):
    return torch.softmax(x @ (w_q @ w_k.T) @ x.mT / w_k.shape[-1] ** 0.5, -1) @ (x @ w_v)


def logarithms_of_the_weights(x, w_q, w_k, w_v):
    log_weights = torch.log_softmax((x @ w_q) @ (x @ w_k).transpose(-2, -1) / math.sqrt(w_k.shape[-1]), -1)
    return log_weights.exp() @ (x @ w_v)


def keys_as_columns(x, w_q, w_k, w_v):
    scores = (x @ w_k) @ (x @ w_q).mT / math.sqrt(w_k.shape[-1])
    return ((x @ w_v).mT @ torch.softmax(scores, dim=-2)).mT
