"""Ways to write `entropy_regularized_loss` that are right as mathematics; most give NaN where a probability is 0."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical


def log_softmax_and_its_exponential(logits, actions, advantages, beta):
    log_p = torch.log_softmax(logits, -1)
    taken = log_p[torch.arange(len(actions)), actions]
    entropy = -(log_p.exp() * log_p).sum(-1)
    return -(taken * advantages.detach()).mean() - beta * entropy.mean()


def logarithm_of_the_softmax(logits, actions, advantages, beta):
    p = F.softmax(logits, dim=1)
    taken = p.gather(1, actions[:, None])[:, 0].log()
    return -((taken * advantages.detach()).mean() - beta * (p * p.log()).sum(1).mean())


def distribution_of_probabilities(logits, actions, advantages, beta):
    policy = Categorical(probs=torch.softmax(logits, -1), validate_args=False)
    entropy = -(policy.probs * policy.probs.log()).sum(-1)
    return -(policy.probs[range(len(actions)), actions].log() * advantages.detach() + beta * entropy).mean()


def log_partition_and_expected_logit(logits, actions, advantages, beta):
    log_z = torch.logsumexp(logits, 1)
    taken = logits.gather(1, actions.view(-1, 1)).view(-1)
    entropy = log_z - (torch.softmax(logits, 1) * logits).sum(1)
    return ((log_z - taken) * advantages.detach() - beta * entropy).sum() / len(actions)


def expected_weight_of_every_action(logits, actions, advantages, beta):
    # both terms are sums of log-probabilities over the actions
    p, log_p = torch.softmax(logits, -1), torch.log_softmax(logits, -1)
    weights = F.one_hot(actions, logits.shape[1]) * advantages.detach()[:, None] - beta * p
    return -(weights * log_p).sum() / logits.shape[0]


def divergence_from_the_uniform_policy(logits, actions, advantages, beta):
    # H = log A − KL(π ‖ uniform)
    count = torch.tensor(float(logits.shape[1]), dtype=logits.dtype)
    log_p = torch.log_softmax(logits, -1)
    kl = (log_p.exp() * (log_p + count.log())).sum(-1)
    nll = F.nll_loss(log_p, actions, reduction="none")
    return (nll * advantages.detach()).mean() - beta * (count.log() - kl.mean())


def entr_of_the_library(logits, actions, advantages, beta):
    p = torch.softmax(logits, dim=-1)
    entropy = torch.special.entr(p).sum(-1).mean()
    return F.cross_entropy(logits, actions, reduction="none").dot(advantages.detach()) / len(actions) - beta * entropy
