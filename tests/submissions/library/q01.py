"""Question 1: returns and policy gradients."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical


def discounted_returns(rewards, dones, gamma):
    returns = torch.zeros_like(rewards)
    following = torch.zeros_like(rewards[0])
    for t in reversed(range(len(rewards))):
        # dones may be 0.0/1.0, so it masks by multiplication
        following = rewards[t] + gamma * (1 - dones[t]) * following
        returns[t] = following
    return returns


def exact_policy_gradient(theta, transition, reward, start, gamma):
    identity = torch.eye(len(theta), dtype=theta.dtype, device=theta.device)

    def objective(theta):
        policy = F.softmax(theta, dim=-1)
        policy_transition = torch.einsum("sa,sat->st", policy, transition)
        policy_reward = torch.linalg.vecdot(policy, reward)
        values = torch.linalg.solve(identity - gamma * policy_transition, policy_reward)
        return start @ values

    # J is differentiable as it stands, so there is no need to write d(s) down
    return torch.func.grad(objective)(theta)


def policy_gradient_estimate(theta, states, actions, rewards, gamma):
    returns = torch.zeros_like(rewards)
    following = torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.shape[1])):
        following = rewards[:, t] + gamma * following
        returns[:, t] = following

    theta = theta.detach().requires_grad_()
    log_prob = Categorical(logits=theta[states]).log_prob(actions)
    objective = (log_prob * returns).sum(dim=1).mean()
    (gradient,) = torch.autograd.grad(objective, theta)
    return gradient


def policy_gradient_loss(logits, actions, returns):
    log_prob = Categorical(logits=logits).log_prob(actions)
    return -(log_prob * returns.detach()).mean()
