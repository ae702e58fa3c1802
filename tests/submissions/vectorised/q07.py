"""Question 7: proximal policy optimisation."""

import torch
from common import entropy, log_policy, taken


def ppo_clip_objective(log_prob, old_log_prob, advantages, epsilon):
    ratio = (log_prob - old_log_prob.detach()).exp()
    advantages = advantages.detach()
    return torch.minimum(ratio * advantages, ratio.clamp(1 - epsilon, 1 + epsilon) * advantages).mean()


def ppo_kl_penalty_objective(log_prob, old_log_prob, advantages, kl, beta):
    ratio = (log_prob - old_log_prob.detach()).exp()
    return (ratio * advantages.detach() - beta * kl).mean()


def ppo_loss(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef):
    objective = ppo_clip_objective(taken(log_policy(logits), actions), old_log_prob, advantages, epsilon)
    value_loss = 0.5 * (values - returns.detach()).square().mean()
    return -objective + value_coef * value_loss - entropy_coef * entropy(logits).mean()


def adaptive_kl_coefficient(beta, kl, kl_target):
    too_far, too_near = kl > 1.5 * kl_target, kl < kl_target / 1.5
    return beta * 2.0 ** (too_far - too_near)


def normalize_advantages(advantages, eps):
    centred = advantages - advantages.mean()
    return centred / (centred.square().mean().sqrt() + eps)


def minibatch_indices(size, minibatch_size, epochs, generator):
    order = torch.rand(epochs, size, generator=generator).argsort(dim=1)
    return order.reshape(-1, minibatch_size)
