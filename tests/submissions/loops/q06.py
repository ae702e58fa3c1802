"""Question 6: entropy regularisation."""

import math

import torch


def categorical_entropy(logits):
    log_probs = torch.log_softmax(logits, dim=-1)
    terms = []
    for a in range(logits.shape[-1]):
        log_p = log_probs[..., a]
        # 0 log 0 = 0: a forbidden action adds nothing
        finite_log_p = torch.where(torch.isneginf(log_p), 0.0, log_p)
        terms.append(-torch.exp(log_p) * finite_log_p)
    return torch.stack(terms, dim=-1).sum(dim=-1)


def gaussian_entropy(log_std):
    terms = []
    for d in range(log_std.shape[-1]):
        terms.append(log_std[..., d] + 0.5 * math.log(2 * math.pi * math.e))
    return torch.stack(terms, dim=-1).sum(dim=-1)


def entropy_coefficient(step, total_steps, start, end):
    if step <= 0:
        return start
    if step >= total_steps:
        return end
    return start + (end - start) * step / total_steps


def entropy_regularized_loss(logits, actions, advantages, beta):
    objectives = []
    for z, action, advantage in zip(logits, actions, advantages.detach()):
        log_prob = torch.log_softmax(z, dim=0)[action]
        objectives.append(log_prob * advantage + beta * categorical_entropy(z))
    return -torch.stack(objectives).mean()
