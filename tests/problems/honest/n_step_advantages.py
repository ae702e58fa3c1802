"""Right answers to `n_step_advantages`, written in the ways that students write them."""

import numpy as np
import torch


def backwards_loop(rewards, values, bootstrap_value, dones, gamma):
    T = rewards.shape[0]
    returns = torch.zeros_like(rewards)
    R = bootstrap_value
    for t in reversed(range(T)):
        R = rewards[t] + gamma * R * (1.0 - dones[t])
        returns[t] = R
    return returns - values


def insert_at_the_front(rewards, values, bootstrap_value, dones, gamma):
    advantages = []
    R = bootstrap_value.clone()
    for r, v, d in zip(reversed(rewards), reversed(values), reversed(dones), strict=True):
        R = r + gamma * torch.where(d.bool(), torch.zeros_like(R), R)
        advantages.insert(0, R - v)
    return torch.stack(advantages)


def one_more_row(rewards, values, bootstrap_value, dones, gamma):
    T, B = rewards.shape
    returns = torch.empty(T + 1, B, dtype=rewards.dtype, device=rewards.device)
    returns[-1] = bootstrap_value
    for step in range(T - 1, -1, -1):
        returns[step] = returns[step + 1] * gamma * (1 - dones[step]) + rewards[step]
    return returns[:-1] - values


def generalised_advantages_with_lambda_one(rewards, values, bootstrap_value, dones, gamma):
    next_values = torch.cat([values[1:], bootstrap_value.unsqueeze(0)], dim=0)
    masks = 1 - dones
    deltas = rewards + gamma * next_values * masks - values
    gae, out = torch.zeros_like(bootstrap_value), []
    for t in range(len(rewards) - 1, -1, -1):
        gae = deltas[t] + gamma * masks[t] * gae
        out.append(gae)
    return torch.stack(out[::-1], dim=0)


def numpy_loop(rewards, values, bootstrap_value, dones, gamma):
    r, v, last, d = (x.detach().cpu().numpy() for x in (rewards, values, bootstrap_value, dones))
    out = np.empty_like(r)
    following = last.copy()
    for t in range(len(r))[::-1]:
        following = r[t] + gamma * (1 - d[t]) * following
        out[t] = following - v[t]
    return torch.from_numpy(out).to(rewards.device)


def python_floats(rewards, values, bootstrap_value, dones, gamma):
    columns = []
    for r, v, last, d in zip(
        rewards.T.tolist(), values.T.tolist(), bootstrap_value.tolist(), dones.T.tolist(), strict=True
    ):
        following, column = last, [0.0] * len(r)
        for t in reversed(range(len(r))):
            following = r[t] if d[t] else r[t] + gamma * following
            column[t] = following - v[t]
        columns.append(column)
    return torch.tensor(columns, dtype=rewards.dtype, device=rewards.device).T


def triangle_of_discounts(rewards, values, bootstrap_value, dones, gamma):
    T = len(rewards)
    extended = torch.cat((rewards, bootstrap_value[None]))
    ended_before = torch.cat((torch.zeros_like(dones[:1]), dones.cumsum(0)))
    steps = torch.arange(T + 1, device=rewards.device)
    lag = (steps[None, :] - steps[:T, None])[:, :, None]
    same_episode = ended_before[None, :, :] == ended_before[:T, None, :]
    discount = torch.as_tensor(gamma, dtype=rewards.dtype, device=rewards.device) ** lag.clamp(min=0)
    weights = torch.where((lag >= 0) & same_episode, discount, 0.0)
    return torch.einsum("tkb,kb->tb", weights, extended) - values
