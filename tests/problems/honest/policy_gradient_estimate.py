"""Right answers to `policy_gradient_estimate`, written in the ways that students write them."""

import numpy as np
import torch
from torch.distributions import Categorical


def loops(theta, states, actions, rewards, gamma):
    n, t_max = states.shape
    policy = torch.softmax(theta, dim=1)
    gradient = torch.zeros_like(theta)
    for i in range(n):
        g = 0.0
        for t in reversed(range(t_max)):
            g = rewards[i, t] + gamma * g
            s, a = states[i, t], actions[i, t]
            score = -policy[s]
            score = score + torch.nn.functional.one_hot(a, theta.shape[1]).to(theta.dtype)
            gradient[s] = gradient[s] + score * g
    return gradient / n


def _rewards_to_go(rewards, gamma):
    returns = []
    running = torch.zeros_like(rewards[:, 0])
    for reward in reversed(rewards.unbind(dim=1)):
        running = reward + gamma * running
        returns.insert(0, running)
    return torch.stack(returns, dim=1)


def autograd_of_the_surrogate(theta, states, actions, rewards, gamma):
    theta = theta.detach().clone().requires_grad_()
    log_prob = torch.log_softmax(theta, dim=-1)[states, actions]
    objective = (log_prob * _rewards_to_go(rewards, gamma)).sum(dim=1).mean()
    return torch.autograd.grad(objective, theta)[0]


def categorical_and_backward(theta, states, actions, rewards, gamma):
    logits = torch.nn.Parameter(theta.detach().clone())
    loss = -(Categorical(logits=logits[states]).log_prob(actions) * _rewards_to_go(rewards, gamma)).sum() / len(states)
    loss.backward()
    return -logits.grad


def einsum_of_indicators(theta, states, actions, rewards, gamma):
    visited = torch.nn.functional.one_hot(states, theta.shape[0]).to(theta.dtype)
    taken = torch.nn.functional.one_hot(actions, theta.shape[1]).to(theta.dtype)
    scores = taken - visited @ torch.softmax(theta, dim=-1)
    return torch.einsum("nts,nta,nt->sa", visited, scores, _rewards_to_go(rewards, gamma)) / states.shape[0]


def discount_matrix(theta, states, actions, rewards, gamma):
    steps = torch.arange(rewards.shape[1], device=rewards.device)
    ahead = steps[None, :] - steps[:, None]
    powers = torch.as_tensor(gamma, dtype=rewards.dtype) ** ahead.clamp(min=0).to(rewards.dtype)
    returns = rewards @ torch.where(ahead >= 0, powers, torch.zeros_like(powers)).T
    scores = -torch.softmax(theta, dim=-1)[states]
    scores = scores.scatter_add(-1, actions.unsqueeze(-1), torch.ones_like(returns).unsqueeze(-1))
    gradient = torch.zeros_like(theta)
    gradient.index_add_(0, states.reshape(-1), (scores * returns.unsqueeze(-1)).reshape(-1, theta.shape[1]))
    return gradient / len(states)


def accumulated_with_index_put(theta, states, actions, rewards, gamma):
    returns = _rewards_to_go(rewards, gamma)
    gradient = torch.zeros_like(theta).index_put((states, actions), returns, accumulate=True)
    mass = torch.zeros(theta.shape[0], dtype=theta.dtype, device=theta.device)
    mass = mass.index_put((states,), returns, accumulate=True)
    return (gradient - mass[:, None] * torch.softmax(theta, dim=-1)) / states.shape[0]


def numpy_throughout(theta, states, actions, rewards, gamma):
    table, s, a, r = (x.detach().cpu().numpy() for x in (theta, states, actions, rewards))
    shifted = np.exp(table - table.max(axis=1, keepdims=True))
    policy = shifted / shifted.sum(axis=1, keepdims=True)
    returns = np.zeros_like(r)
    running = np.zeros_like(r[:, 0])
    for t in range(r.shape[1] - 1, -1, -1):
        running = r[:, t] + gamma * running
        returns[:, t] = running
    gradient = np.zeros_like(table)
    np.add.at(gradient, (s, a), returns)
    np.add.at(gradient, s, -policy[s] * returns[..., None])
    return torch.from_numpy(gradient / len(s)).to(theta)
