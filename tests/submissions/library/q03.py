"""Question 3: A2C and A3C."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical
from torch.optim import SGD


def n_step_advantages(rewards, values, bootstrap_value, dones, gamma):
    returns = torch.empty_like(rewards)
    following = bootstrap_value
    for t in reversed(range(len(rewards))):
        following = rewards[t] + gamma * (1 - dones[t]) * following
        returns[t] = following
    return returns - values


def a2c_loss(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    policy = Categorical(logits=logits)
    policy_loss = -(policy.log_prob(actions) * advantages.detach()).mean()
    value_loss = F.mse_loss(values, returns.detach())
    return policy_loss + value_coef * value_loss - entropy_coef * policy.entropy().mean()


def a2c_update(params, worker_grads, lr):
    theta = params.detach().clone().requires_grad_()
    theta.grad = worker_grads.mean(dim=0)
    SGD([theta], lr=lr).step()
    return theta.detach()


def a3c_update(params, centers, schedule, lr):
    theta = params.clone()
    copies = params.repeat(len(centers), 1)
    for worker in schedule.tolist():
        # the gradient belongs to the copy that was pulled last
        theta = torch.sub(theta, copies[worker] - centers[worker], alpha=lr)
        copies[worker] = theta
    return theta
