"""Right answers to `td_error`, written in the ways that students write them."""

import torch


def one_line(rewards, values, next_values, dones, gamma):
    return rewards + gamma * next_values.detach() * (1 - dones) - values


def bootstrap_with_where(rewards, values, next_values, dones, gamma):
    bootstrap = torch.where(dones.bool(), torch.zeros_like(next_values), next_values)
    target = (rewards + gamma * bootstrap).detach()
    return target - values


def target_without_gradient(rewards, values, next_values, dones, gamma):
    with torch.no_grad():
        not_done = 1.0 - dones
        target = rewards + gamma * not_done * next_values
    return target - values


def masked_in_a_copy(rewards, values, next_values, dones, gamma):
    v_next = next_values.detach().clone()
    v_next[dones == 1] = 0.0
    return torch.add(rewards, v_next, alpha=gamma) - values


def loop_over_time(rewards, values, next_values, dones, gamma):
    deltas = []
    for t in range(rewards.shape[0]):
        continues = 1 - dones[t]
        deltas.append(rewards[t] + gamma * continues * next_values[t].detach() - values[t])
    return torch.stack(deltas, dim=0)


def filled_buffer(rewards, values, next_values, dones, gamma):
    delta = torch.zeros(values.shape, dtype=values.dtype, device=values.device)
    for t in range(len(values)):
        delta[t] = -values[t] + rewards[t]
        delta[t] += gamma * (1 - dones[t]) * next_values[t].data
    return delta


def addcmul_of_detached(rewards, values, next_values, dones, gamma):
    return torch.addcmul(rewards - values, next_values.detach(), dones.logical_not().to(values.dtype), value=gamma)
