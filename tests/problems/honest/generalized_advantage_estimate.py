"""Right answers to `generalized_advantage_estimate`, written in the ways that students write them."""

import numpy as np
import torch


def as_in_cleanrl(rewards, values, next_values, dones, gamma, lam):
    advantages = torch.zeros_like(rewards)
    lastgaelam = 0
    for t in reversed(range(rewards.shape[0])):
        nextnonterminal = 1.0 - dones[t]
        delta = rewards[t] + gamma * next_values[t] * nextnonterminal - values[t]
        advantages[t] = lastgaelam = delta + gamma * lam * nextnonterminal * lastgaelam
    return advantages


def list_and_stack(rewards, values, next_values, dones, gamma, lam):
    gae = torch.zeros(rewards.shape[1:], dtype=rewards.dtype, device=rewards.device)
    advantages = []
    for r, v, v_next, d in zip(rewards.flip(0), values.flip(0), next_values.flip(0), dones.flip(0), strict=True):
        delta = r + gamma * v_next * (1 - d) - v
        gae = delta + gamma * lam * (1 - d) * gae
        advantages.insert(0, gae)
    return torch.stack(advantages)


def python_floats(rewards, values, next_values, dones, gamma, lam):
    T = len(rewards)
    columns = [x.detach().reshape(T, -1).T.tolist() for x in (rewards, values, next_values, dones)]
    estimated = []
    for r, v, v_next, d in zip(*columns, strict=True):
        gae, advantages = 0.0, [0.0] * T
        for t in range(T - 1, -1, -1):
            delta = r[t] + (0.0 if d[t] else gamma * v_next[t]) - v[t]
            gae = delta + (0.0 if d[t] else gamma * lam * gae)
            advantages[t] = gae
        estimated.append(torch.tensor(advantages, dtype=rewards.dtype))
    return torch.stack(estimated, dim=1).reshape(rewards.shape).to(rewards.device)


def numpy_arrays(rewards, values, next_values, dones, gamma, lam):
    r, v, v_next, d = (x.detach().cpu().numpy() for x in (rewards, values, next_values, dones))
    deltas = r + gamma * v_next * (1 - d) - v
    advantages = np.empty_like(deltas)
    trace = np.zeros_like(deltas[-1])
    for t in range(len(r))[::-1]:
        trace = deltas[t] + gamma * lam * (1 - d[t]) * trace
        advantages[t] = trace
    return torch.as_tensor(advantages, device=rewards.device)


def lambda_return_minus_value(rewards, values, next_values, dones, gamma, lam):
    targets = torch.empty_like(rewards)
    surprise = torch.zeros_like(rewards[0])
    for t in reversed(range(len(rewards))):
        targets[t] = rewards[t] + gamma * (1 - dones[t]) * (next_values[t] + lam * surprise)
        surprise = targets[t] - values[t]
    return targets - values


def triangular_matrix_of_powers(rewards, values, next_values, dones, gamma, lam):
    T = len(rewards)
    delta = (rewards + gamma * (1 - dones) * next_values - values).reshape(T, -1)
    d = dones.reshape(T, -1)
    steps = torch.arange(T, device=rewards.device)
    lag = (steps[None, :] - steps[:, None]).to(rewards.dtype)
    powers = torch.where(lag >= 0, (gamma * lam) ** lag.clamp(min=0), 0.0)
    episode = d.cumsum(0) - d
    together = (episode[:, None] == episode[None, :]).to(rewards.dtype)
    return (powers[:, :, None] * together * delta[None]).sum(1).reshape(rewards.shape)


def recursive(rewards, values, next_values, dones, gamma, lam):
    deltas = rewards + gamma * torch.where(dones > 0.5, 0.0, next_values) - values
    advantages = deltas.clone()
    for t in range(len(deltas) - 2, -1, -1):
        advantages[t] += gamma * lam * (dones[t] < 0.5) * advantages[t + 1]
    return advantages.detach()
