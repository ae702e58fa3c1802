"""Question 1: policy gradients."""

import torch
from common import discounted_sum, log_policy, one_hot, taken


def discounted_returns(rewards, dones, gamma):
    return discounted_sum(rewards, dones, gamma)


def exact_policy_gradient(theta, transition, reward, start, gamma):
    pi = theta.softmax(-1)
    p_pi = (pi.unsqueeze(-1) * transition).sum(1)
    r_pi = (pi * reward).sum(-1)
    system = torch.eye(len(start), dtype=theta.dtype, device=theta.device) - gamma * p_pi
    v = torch.linalg.solve(system, r_pi)
    occupancy = torch.linalg.solve(system.T, start)
    q = reward + gamma * transition @ v
    return occupancy[:, None] * pi * (q - v[:, None])


def policy_gradient_estimate(theta, states, actions, rewards, gamma):
    num_trajectories = len(rewards)
    returns = discounted_sum(rewards.T, torch.zeros_like(rewards.T), gamma).T
    score = one_hot(actions, theta.shape[1], theta.dtype) - theta.softmax(-1)[states]
    weighted = returns.unsqueeze(-1) * score
    total = torch.zeros_like(theta).index_add(0, states.flatten(), weighted.flatten(0, 1))
    return total / num_trajectories


def policy_gradient_loss(logits, actions, returns):
    return -(taken(log_policy(logits), actions) * returns.detach()).mean()
