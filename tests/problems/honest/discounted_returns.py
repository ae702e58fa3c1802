"""Right answers to `discounted_returns`, written in the ways that students write them."""

import numpy as np
import torch


def backwards_loop_into_a_buffer(rewards, dones, gamma):
    T = rewards.shape[0]
    G = torch.zeros(rewards.shape, dtype=rewards.dtype, device=rewards.device)
    running = torch.zeros(rewards.shape[1:], dtype=rewards.dtype, device=rewards.device)
    for t in range(T - 1, -1, -1):
        running = rewards[t] + gamma * running * (1.0 - dones[t])
        G[t] = running
    return G


def insert_at_the_front_and_stack(rewards, dones, gamma):
    returns = []
    R = 0.0
    for r, d in zip(reversed(rewards), reversed(dones), strict=True):
        R = torch.where(d.bool(), r, r + gamma * R)
        returns.insert(0, R)
    return torch.stack(returns)


def python_floats(rewards, dones, gamma):
    columns = []
    T = len(rewards)
    for r_column, d_column in zip(*(x.reshape(T, -1).T.tolist() for x in (rewards, dones)), strict=True):
        out, g = [], 0.0
        for r, d in zip(r_column[::-1], d_column[::-1], strict=True):
            if d:
                g = 0.0
            g = r + gamma * g
            out.append(g)
        columns.append(out[::-1])
    return torch.tensor(columns, dtype=rewards.dtype, device=rewards.device).T.reshape(rewards.shape)


def numpy_loop(rewards, dones, gamma):
    r, d = rewards.detach().cpu().numpy(), dones.cpu().numpy()
    out = np.zeros_like(r)
    g = np.zeros_like(r[0])
    for t in reversed(range(len(r))):
        g = r[t] + gamma * g * (1 - d[t])
        out[t] = g
    return torch.from_numpy(out).to(rewards.device)


def triangular_matrix_of_powers(rewards, dones, gamma):
    T = len(rewards)
    flat_r, flat_d = rewards.reshape(T, -1), dones.reshape(T, -1)
    steps = torch.arange(T, device=rewards.device)
    lag = steps[None, :] - steps[:, None]
    powers = torch.where(lag >= 0, float(gamma) ** lag.clamp(min=0).to(rewards.dtype), 0.0)
    ended_before = flat_d.cumsum(0) - flat_d
    same_episode = ended_before[:, None, :] == ended_before[None, :, :]
    return torch.einsum("tk,tkb,kb->tb", powers, same_episode.to(rewards.dtype), flat_r).reshape(rewards.shape)


def flip_and_cumsum(rewards, dones, gamma):
    if gamma == 0:
        return rewards.clone()
    T = len(rewards)
    flat_r, flat_d = rewards.reshape(T, -1).double(), dones.reshape(T, -1)
    out = torch.empty_like(flat_r)
    for b in range(flat_r.shape[1]):
        start = 0
        for end in [*(flat_d[:, b].nonzero().flatten() + 1).tolist(), T]:
            powers = gamma ** torch.arange(end - start, dtype=torch.float64, device=rewards.device)
            discounted = flat_r[start:end, b] * powers
            out[start:end, b] = discounted.flip(0).cumsum(0).flip(0) / powers
            start = end
    return out.reshape(rewards.shape).to(rewards.dtype)


def by_the_definition(rewards, dones, gamma):
    returns = torch.empty_like(rewards)
    for t in range(len(rewards)):
        total = torch.zeros_like(rewards[0])
        weight = torch.ones_like(rewards[0])
        for k in range(t, min(len(rewards), t + 2000)):
            total = total + weight * rewards[k]
            weight = weight * gamma * (1 - dones[k])
            if not weight.any():
                break
        returns[t] = total
    return returns


def gradient_of_a_weighted_sum(rewards, dones, gamma):
    # the return of step t is the derivative of sum_k r_k z_k with respect to what enters the trace z at step t
    entering = torch.zeros_like(rewards).requires_grad_()
    trace, total = torch.zeros_like(rewards[0]), torch.zeros_like(rewards[0])
    for t in range(len(rewards)):
        trace = entering[t] + trace
        total = total + rewards[t] * trace
        trace = trace * gamma * (1 - dones[t])
    (gradient,) = torch.autograd.grad(total.sum(), entering)
    return gradient
