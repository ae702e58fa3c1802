"""What several questions need. Everything is written for whole tensors at once."""

import math

import torch


def log_policy(logits):
    """log pi(a|s) of a softmax policy, actions on the last axis."""
    return logits - logits.logsumexp(dim=-1, keepdim=True)


def taken(table, actions):
    """The column of the action taken, for every row."""
    return table.gather(-1, actions.unsqueeze(-1)).squeeze(-1)


def one_hot(indices, size, dtype):
    return (indices.unsqueeze(-1) == torch.arange(size, device=indices.device)).to(dtype)


def entropy(logits):
    """H in nats; 0 log 0 = 0 for forbidden actions."""
    log_pi = log_policy(logits)
    finite = log_pi.masked_fill(logits == -math.inf, 0.0)
    return -(log_pi.exp() * finite).sum(-1)


def bootstrapped(rewards, next_values, dones, gamma):
    """r + gamma (1 - d) V(s'), a constant."""
    return (rewards + gamma * (1 - dones) * next_values).detach()


def discounted_sum(terms, dones, factor):
    """sum_k factor^(k-t) terms_k over the k >= t in the episode of step t; time is the first axis."""
    steps = torch.arange(len(terms), device=terms.device)
    lag = steps - steps[:, None]
    powers = (factor ** lag.clamp(min=0).to(terms.dtype)).triu()
    episode = dones.cumsum(0) - dones  # how many episodes ended before each step
    same_episode = episode[:, None] == episode[None, :]
    weights = powers.reshape(*powers.shape, *[1] * (terms.dim() - 1)) * same_episode
    return (weights * terms).sum(1)


def attend(queries, keys, values, mask=0.0):
    scores = queries @ keys.mT / math.sqrt(queries.shape[-1])
    return (scores + mask).softmax(-1) @ values


def standardise(x, eps):
    """x_hat and 1 / sqrt(var + eps) over the last axis, with the biased variance."""
    centred = x - x.mean(-1, keepdim=True)
    inverse_std = (centred.square().mean(-1, keepdim=True) + eps).rsqrt()
    return centred * inverse_std, inverse_std
