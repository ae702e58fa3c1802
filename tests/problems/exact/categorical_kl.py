"""Ways to write `categorical_kl` that are right as mathematics; most give NaN where both policies forbid an action."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical, kl_divergence


def with_distributions(old_logits, new_logits):
    return kl_divergence(
        Categorical(logits=old_logits, validate_args=False), Categorical(logits=new_logits, validate_args=False)
    )


def probabilities_and_their_quotient(old_logits, new_logits):
    p, q = torch.softmax(old_logits, -1), torch.softmax(new_logits, -1)
    return (p * torch.log(p / q)).sum(-1)


def difference_of_the_log_softmaxes(old_logits, new_logits):
    log_p, log_q = F.log_softmax(old_logits, 1), F.log_softmax(new_logits, 1)
    return torch.einsum("na,na->n", log_p.exp(), log_p - log_q)


def kl_div_of_the_library(old_logits, new_logits):
    return F.kl_div(F.log_softmax(new_logits, -1), F.softmax(old_logits, -1), reduction="none").sum(-1)


def cross_entropy_of_the_library(old_logits, new_logits):
    p = torch.softmax(old_logits, 1)
    return F.cross_entropy(new_logits, p, reduction="none") - F.cross_entropy(old_logits, p, reduction="none")


def expected_difference_of_the_logits(old_logits, new_logits):
    p = torch.softmax(old_logits, -1)
    change = (p * (old_logits - new_logits)).sum(-1)
    return change - torch.logsumexp(old_logits, -1) + torch.logsumexp(new_logits, -1)


def bregman_divergence_of_the_log_partition(old_logits, new_logits):
    # with p the gradient of log Σ exp at the old logits
    p = torch.softmax(old_logits, -1)
    total = new_logits.exp().sum(-1).log() - old_logits.exp().sum(-1).log()
    return total - ((new_logits - old_logits) * p).sum(-1)


def every_term_not_negative(old_logits, new_logits):
    # p (q/p − 1 − log(q/p)): what is added, q − p, sums up to 0
    p = torch.softmax(old_logits, -1)
    log_ratio = torch.log_softmax(new_logits, -1) - torch.log_softmax(old_logits, -1)
    return (p * (torch.expm1(log_ratio) - log_ratio)).sum(-1)
