"""Question 7: proximal policy optimisation."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical
from torch.utils.data import BatchSampler, RandomSampler


def ppo_clip_objective(log_prob, old_log_prob, advantages, epsilon):
    advantages = advantages.detach()
    ratio = torch.exp(log_prob - old_log_prob.detach())
    clipped = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    return torch.minimum(ratio * advantages, clipped * advantages).mean()


def ppo_kl_penalty_objective(log_prob, old_log_prob, advantages, kl, beta):
    ratio = torch.exp(log_prob - old_log_prob.detach())
    return (ratio * advantages.detach() - beta * kl).mean()


def adaptive_kl_coefficient(beta, kl, kl_target):
    if kl > 1.5 * kl_target:
        return 2 * beta
    if kl < kl_target / 1.5:
        return beta / 2
    return beta


def ppo_loss(logits, actions, old_log_prob, advantages, values, returns, epsilon, value_coef, entropy_coef):
    policy = Categorical(logits=logits)
    objective = ppo_clip_objective(policy.log_prob(actions), old_log_prob, advantages, epsilon)
    value_loss = 0.5 * F.mse_loss(values, returns.detach())
    return -objective + value_coef * value_loss - entropy_coef * policy.entropy().mean()


def normalize_advantages(advantages, eps):
    std, mean = torch.std_mean(advantages, correction=0)
    return (advantages - mean) / (std + eps)


def minibatch_indices(size, minibatch_size, epochs, generator):
    sampler = RandomSampler(range(size), generator=generator)
    batches = BatchSampler(sampler, minibatch_size, drop_last=False)
    # every pass over the sampler draws a permutation of its own
    return torch.tensor([indices for _ in range(epochs) for indices in batches])
