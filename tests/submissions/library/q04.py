"""Question 4: continuous actions and off-policy learning (DDPG, TD3, SAC, NAF)."""

import math
from collections import deque

import torch
import torch.nn.functional as F
from torch.distributions import Independent, Normal, TransformedDistribution
from torch.distributions.transforms import LowerCholeskyTransform, TanhTransform
from torch.utils.data import default_collate


class ReplayBuffer:
    def __init__(self, capacity, obs_dim, action_dim):
        self.transitions = deque(maxlen=capacity)  # drops the oldest one by itself

    def add(self, obs, action, reward, next_obs, done):
        transition = (obs, action, reward, next_obs, done)
        # as_tensor may share memory with the caller's array, clone does not
        self.transitions.append(tuple(torch.as_tensor(part, dtype=torch.float32).clone() for part in transition))

    def sample(self, batch_size, generator):
        if batch_size > len(self):
            raise ValueError(f"cannot sample {batch_size} transitions from a buffer of {len(self)}")
        chosen = torch.randperm(len(self), generator=generator)[:batch_size]
        return tuple(default_collate([self.transitions[i] for i in chosen.tolist()]))

    def __len__(self):
        return len(self.transitions)


def diagonal_gaussian(mean, log_std):
    return Independent(Normal(mean, log_std.exp()), 1)


def gaussian_log_prob(actions, mean, log_std):
    return diagonal_gaussian(mean, log_std).log_prob(actions)


def tanh_gaussian_log_prob(pre_tanh, mean, log_std):
    # tanh can't be inverted once it rounds to 1: with its cache the transform remembers u instead,
    # and its own log-determinant is computed from u with a softplus
    squash = TanhTransform(cache_size=1)
    policy = TransformedDistribution(diagonal_gaussian(mean, log_std), [squash])
    return policy.log_prob(squash(pre_tanh))


def importance_sampling_estimate(target_log_prob, behavior_log_prob, returns, weighted):
    log_rho = (target_log_prob - behavior_log_prob).sum(dim=1)
    if weighted:
        return torch.dot(F.softmax(log_rho, dim=0), returns)
    # rho alone may overflow or round to 0 where rho * G does not
    log_weighted = log_rho + returns.abs().log()
    return (returns.sign() * torch.exp(log_weighted - math.log(len(returns)))).sum()


def clipped_value_loss(values, old_values, returns, clip_range):
    old_values = old_values.detach()
    returns = returns.detach()
    clipped = old_values + torch.clamp(values - old_values, -clip_range, clip_range)
    errors = F.mse_loss(values, returns, reduction="none")
    clipped_errors = F.mse_loss(clipped, returns, reduction="none")
    return 0.5 * torch.maximum(errors, clipped_errors).mean()


def ddpg_losses(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    target = rewards + gamma * (1 - dones) * next_q_values
    return F.mse_loss(q_values, target.detach()), -actor_q_values.mean()


def td3_target(rewards, dones, next_q1, next_q2, gamma):
    return rewards + gamma * (1 - dones) * torch.minimum(next_q1, next_q2)


def exploration_action(mean_action, noise, sigma, low, high):
    return torch.clamp(torch.add(mean_action, noise, alpha=sigma), low, high)


def smoothed_target_action(mean_action, noise, sigma, noise_clip, low, high):
    smoothing = torch.clamp(sigma * noise, -noise_clip, noise_clip)
    return torch.clamp(mean_action + smoothing, low, high)


def soft_update(target, online, tau):
    return torch.lerp(target, online, tau)


def naf_q_value(value, mean, entries, actions):
    # exponentiates the diagonal, keeps what is below it, drops what is above
    lower = LowerCholeskyTransform()(entries)
    # (a - mu)^T L L^T (a - mu) is the squared length of L^T (a - mu)
    projected = torch.einsum("nij,ni->nj", lower, actions - mean)
    return value - 0.5 * torch.linalg.vecdot(projected, projected)


def sac_actor_loss(q1, q2, log_prob, alpha):
    return (alpha.detach() * log_prob - torch.minimum(q1, q2)).mean()


def sac_target(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    soft_value = torch.minimum(next_q1, next_q2) - alpha * next_log_prob
    return rewards + gamma * (1 - dones) * soft_value


def sac_temperature_loss(log_alpha, log_prob, target_entropy):
    return -(log_alpha.exp() * (log_prob.detach() + target_entropy)).mean()
