"""Ways to write `categorical_entropy` that are right as mathematics; most give NaN where a probability is 0."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Categorical, kl_divergence


def minus_the_sum_of_p_log_p(logits):
    p = torch.softmax(logits, -1)
    return -(p * torch.log(p)).sum(-1)


def log_softmax_and_its_exponential(logits):
    log_p = F.log_softmax(logits, dim=-1)
    return -(log_p.exp() * log_p).sum(-1)


def logsumexp_minus_the_expected_logit(logits):
    return torch.logsumexp(logits, -1) - (F.softmax(logits, -1) * logits).sum(-1)


def exponentials_by_hand(logits):
    e = torch.exp(logits - logits.max(-1, keepdim=True).values)
    p = e / e.sum(-1, keepdim=True)
    return torch.einsum("...a,...a->...", p, -p.log())


def distance_from_the_uniform_policy(logits):
    uniform = Categorical(logits=torch.zeros_like(logits))
    return uniform.entropy() - kl_divergence(Categorical(logits=logits), uniform)


def expected_surprise_of_each_action(logits):
    z = logits.exp().sum(-1)
    return sum(logits[..., a].exp() / z * (z.log() - logits[..., a]) for a in range(logits.shape[-1]))


def entr_from_the_library(logits):
    return torch.special.entr(torch.softmax(logits, dim=-1)).sum(dim=-1)


def xlogy_from_the_library(logits):
    p = torch.softmax(logits, dim=-1)
    return -torch.xlogy(p, p).sum(dim=-1)


def logarithm_of_the_number_of_actions_less_the_divergence(logits):
    log_p, most = F.log_softmax(logits, dim=-1), math.log(logits.shape[-1])
    return most - (log_p.exp() * (log_p + most)).sum(-1)
