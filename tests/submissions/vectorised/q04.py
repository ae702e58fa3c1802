"""Question 4: continuous control and off-policy learning."""

import math

import torch
from common import bootstrapped


class ReplayBuffer:
    """One matrix with a row for each transition; the oldest row is overwritten."""

    def __init__(self, capacity, obs_dim, action_dim):
        self.widths = [obs_dim, action_dim, 1, obs_dim, 1]
        self.rows = torch.zeros(capacity, sum(self.widths))
        self.num_added = 0

    def add(self, obs, action, reward, next_obs, done):
        parts = (obs, action, reward, next_obs, done)
        flat = [torch.as_tensor(part, dtype=torch.float32).reshape(-1) for part in parts]
        self.rows[self.num_added % len(self.rows)] = torch.cat(flat)
        self.num_added += 1

    def sample(self, batch_size, generator):
        if batch_size > len(self):
            raise ValueError(f"can't draw {batch_size} of {len(self)} transitions")
        chosen = torch.randperm(len(self), generator=generator)[:batch_size]
        obs, actions, rewards, next_obs, dones = self.rows[chosen].split(self.widths, dim=1)
        return obs, actions, rewards.squeeze(1), next_obs, dones.squeeze(1)

    def __len__(self):
        return min(self.num_added, len(self.rows))


def clipped_value_loss(values, old_values, returns, clip_range):
    old_values, returns = old_values.detach(), returns.detach()
    clipped = old_values + (values - old_values).clamp(-clip_range, clip_range)
    return 0.5 * torch.maximum((values - returns).square(), (clipped - returns).square()).mean()


def ddpg_losses(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    target = bootstrapped(rewards, next_q_values, dones, gamma)
    return (q_values - target).square().mean(), -actor_q_values.mean()


def exploration_action(mean_action, noise, sigma, low, high):
    return (mean_action + sigma * noise).clamp(low, high)


def smoothed_target_action(mean_action, noise, sigma, noise_clip, low, high):
    return (mean_action + (sigma * noise).clamp(-noise_clip, noise_clip)).clamp(low, high)


def gaussian_log_prob(actions, mean, log_std):
    z = (actions - mean) * (-log_std).exp()
    return -(0.5 * z.square() + log_std + 0.5 * math.log(2 * math.pi)).sum(-1)


def tanh_gaussian_log_prob(pre_tanh, mean, log_std):
    # 1 - tanh(u)^2 = 4 / (e^u + e^-u)^2
    log_slope = 2 * math.log(2) - 2 * torch.logaddexp(pre_tanh, -pre_tanh)
    return gaussian_log_prob(pre_tanh, mean, log_std) - log_slope.sum(-1)


def importance_sampling_estimate(target_log_prob, behavior_log_prob, returns, weighted):
    log_ratio = (target_log_prob - behavior_log_prob).sum(-1)
    log_normaliser = log_ratio.logsumexp(0) if weighted else math.log(len(returns))
    return (log_ratio - log_normaliser).exp() @ returns


def naf_q_value(value, mean, entries, actions):
    lower = entries.tril(-1) + torch.diag_embed(entries.diagonal(dim1=-2, dim2=-1).exp())
    difference = (actions - mean).unsqueeze(-2)
    return value - 0.5 * (difference @ lower).square().sum((-2, -1))


def sac_actor_loss(q1, q2, log_prob, alpha):
    return (alpha.detach() * log_prob - torch.minimum(q1, q2)).mean()


def sac_target(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    soft_value = torch.minimum(next_q1, next_q2) - alpha * next_log_prob
    return bootstrapped(rewards, soft_value, dones, gamma)


def sac_temperature_loss(log_alpha, log_prob, target_entropy):
    return -(log_alpha.exp() * (log_prob.detach() + target_entropy)).mean()


def td3_target(rewards, dones, next_q1, next_q2, gamma):
    return bootstrapped(rewards, torch.minimum(next_q1, next_q2), dones, gamma)


def soft_update(target, online, tau):
    return (1 - tau) * target + tau * online
