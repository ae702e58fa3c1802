"""Ways to write `policy_gradient_loss` that are right as mathematics; some overflow, or take the logarithm of 0."""

import torch
import torch.nn.functional as F


def logarithm_of_a_softmax(logits, actions, returns):
    pi = torch.softmax(logits, -1)[torch.arange(len(actions)), actions]
    return -(pi.log() * returns.detach()).mean()


def exponentials_by_hand(logits, actions, returns):
    e = torch.exp(logits)
    pi = e / e.sum(1, keepdim=True)
    return -(torch.log(pi.gather(1, actions[:, None])[:, 0]) * returns.detach()).sum() / logits.shape[0]


def logit_minus_the_logarithm_of_the_sum(logits, actions, returns):
    chosen = logits.gather(1, actions[:, None]).squeeze(1)
    return ((logits.exp().sum(-1).log() - chosen) * returns.detach()).mean()


def sum_over_the_other_actions(logits, actions, returns):
    chosen = logits.gather(1, actions[:, None])
    return (torch.log((logits - chosen).exp().sum(1)) * returns.detach()).mean()


def one_hot_and_einsum(logits, actions, returns):
    taken = F.one_hot(actions, logits.shape[1]).to(logits.dtype)
    return -torch.einsum("na,na,n->", F.log_softmax(logits, 1), taken, returns.detach()) / len(returns)


def masked_sum(logits, actions, returns):
    taken = torch.arange(logits.shape[1]) == actions.unsqueeze(1)
    log_pi = torch.where(taken, torch.log_softmax(logits, dim=1), 0.0).sum(1)
    return -log_pi.dot(returns.detach()) / len(log_pi)


def cross_entropy_with_soft_targets(logits, actions, returns):
    targets = F.one_hot(actions, logits.size(1)) * returns.detach()[:, None]
    return F.cross_entropy(logits, targets.to(logits.dtype))


def maximum_subtracted(logits, actions, returns):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    log_pi = shifted - shifted.exp().sum(1, keepdim=True).log()
    return -(log_pi[range(len(actions)), actions] * returns.detach()).mean()
