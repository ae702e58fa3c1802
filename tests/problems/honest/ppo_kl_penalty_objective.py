"""Right answers to `ppo_kl_penalty_objective`, written in the ways that students write them."""

import numpy as np
import torch


def surrogate_minus_penalty(log_prob, old_log_prob, advantages, kl, beta):
    ratio = (log_prob - old_log_prob.detach()).exp()
    surrogate = (ratio * advantages.detach()).mean()
    return surrogate - beta * kl.mean()


def one_term_for_each_sample(log_prob, old_log_prob, advantages, kl, beta):
    with torch.no_grad():
        old, adv = old_log_prob.clone(), advantages.clone()
    return torch.mean(torch.exp(log_prob - old) * adv - beta * kl)


def loop_over_the_samples(log_prob, old_log_prob, advantages, kl, beta):
    total = 0.0
    for new, old, adv, distance in zip(log_prob, old_log_prob.detach(), advantages.detach(), kl, strict=True):
        total = total + torch.exp(new - old) * adv - beta * distance
    return total / len(log_prob)


def dot_products(log_prob, old_log_prob, advantages, kl, beta):
    ratio = torch.exp(log_prob.sub(old_log_prob.data))
    n = log_prob.numel()
    return (torch.dot(ratio, advantages.data) - beta * kl.sum()) / n


def negative_of_the_loss(log_prob, old_log_prob, advantages, kl, beta):
    ratio = torch.exp(log_prob - old_log_prob.detach())
    policy_loss = -(advantages.detach() * ratio).mean()
    kl_loss = beta * kl.mean()
    return -(policy_loss + kl_loss)


def old_policy_through_numpy(log_prob, old_log_prob, advantages, kl, beta):
    old = np.asarray(old_log_prob.detach())
    weights = torch.as_tensor(np.asarray(advantages.detach()))
    ratio = torch.exp(log_prob - torch.from_numpy(old.copy()))
    return torch.einsum("n,n->", ratio, weights) / len(old) - torch.mean(beta * kl)
