"""Question 7: proximal policy optimisation."""

import torch
from q06 import categorical_entropy


def ppo_clip_objective(log_prob, old_log_prob, advantages, epsilon):
    terms = []
    for new, old, advantage in zip(log_prob, old_log_prob.detach(), advantages.detach()):
        ratio = torch.exp(new - old)
        clipped = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
        terms.append(torch.minimum(ratio * advantage, clipped * advantage))
    return torch.stack(terms).mean()


def ppo_kl_penalty_objective(log_prob, old_log_prob, advantages, kl, beta):
    terms = []
    for new, old, advantage, divergence in zip(log_prob, old_log_prob.detach(), advantages.detach(), kl):
        terms.append(torch.exp(new - old) * advantage - beta * divergence)
    return torch.stack(terms).mean()


def adaptive_kl_coefficient(beta, kl, kl_target):
    if kl > 1.5 * kl_target:
        return 2 * beta
    if kl < kl_target / 1.5:
        return beta / 2
    return beta


def ppo_loss(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef):
    log_prob, value_errors, entropies = [], [], []
    for i in range(len(actions)):
        log_prob.append(torch.log_softmax(logits[i], dim=0)[actions[i]])
        value_errors.append((values[i] - returns[i].detach()) ** 2)
        entropies.append(categorical_entropy(logits[i]))
    clip_objective = ppo_clip_objective(torch.stack(log_prob), old_log_prob, advantages, epsilon)
    value_loss = 0.5 * torch.stack(value_errors).mean()
    entropy = torch.stack(entropies).mean()
    return -clip_objective + value_coef * value_loss - entropy_coef * entropy


def normalize_advantages(advantages, eps):
    mu = advantages.mean()
    squares = []
    for row in advantages:
        for advantage in row:
            squares.append((advantage - mu) ** 2)
    sigma = torch.sqrt(torch.stack(squares).mean())
    return torch.stack([(row - mu) / (sigma + eps) for row in advantages])


def minibatch_indices(size, minibatch_size, epochs, generator):
    minibatches = []
    for _ in range(epochs):
        order = torch.randperm(size, generator=generator)
        for start in range(0, size, minibatch_size):
            minibatches.append(order[start : start + minibatch_size])
    return torch.stack(minibatches)
