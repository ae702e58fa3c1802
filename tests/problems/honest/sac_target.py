"""Right answers to `sac_target`, written in the ways that students write them."""

import numpy as np
import torch


def as_printed(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    return rewards + gamma * (1 - dones) * (torch.min(next_q1, next_q2) - alpha * next_log_prob)


def without_gradient(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    with torch.no_grad():
        min_q = torch.minimum(next_q1, next_q2)
        soft_value = min_q - alpha * next_log_prob
        return rewards + (1 - dones) * gamma * soft_value


def soft_critics_first(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    entropy = -alpha * next_log_prob
    soft_q1, soft_q2 = next_q1 + entropy, next_q2 + entropy
    return (rewards + gamma * (1.0 - dones) * torch.min(soft_q1, soft_q2)).detach()


def columns_concatenated(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    # as in stable-baselines: critics in the columns of one tensor
    next_q = torch.cat((next_q1[:, None], next_q2[:, None]), dim=1)
    next_q, _ = torch.min(next_q, dim=1, keepdim=True)
    next_q = next_q - alpha * next_log_prob.reshape(-1, 1)
    target = rewards.reshape(-1, 1) + (1 - dones.reshape(-1, 1)) * gamma * next_q
    return target.squeeze(1)


def where_it_goes_on(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    value = torch.where(next_q1 <= next_q2, next_q1, next_q2).sub(next_log_prob, alpha=alpha)
    return torch.where(dones == 1, rewards, rewards + gamma * value)


def loop_over_the_steps(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    targets = []
    for r, d, q1, q2, log_prob in zip(rewards, dones, next_q1, next_q2, next_log_prob, strict=True):
        targets.append(r + gamma * (1 - d) * (torch.min(q1, q2) - alpha * log_prob))
    return torch.stack(targets)


def through_numpy(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    r, d, q1, q2, log_prob = (x.numpy() for x in (rewards, dones, next_q1, next_q2, next_log_prob))
    return torch.tensor(r + gamma * (1 - d) * (np.minimum(q1, q2) - alpha * log_prob), dtype=rewards.dtype)
