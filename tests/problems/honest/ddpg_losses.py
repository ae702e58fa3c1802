"""Right answers to `ddpg_losses`, written in the ways that students write them."""

import torch
import torch.nn.functional as F


def target_without_grad(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    with torch.no_grad():
        target = rewards + gamma * (1 - dones) * next_q_values
    return F.mse_loss(q_values, target), -actor_q_values.mean()


def squares_and_means(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    y = (rewards + gamma * (1.0 - dones) * next_q_values).detach()
    critic_loss = ((q_values - y) ** 2).mean()
    actor_loss = (-actor_q_values).mean()
    return critic_loss, actor_loss


def chosen_by_dones(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    target = torch.where(dones > 0, rewards, rewards + gamma * next_q_values.detach())
    return torch.square(target.detach() - q_values).mean(), torch.mean(actor_q_values).neg()


def loop_over_the_transitions(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    N = len(rewards)
    critic, actor = 0.0, 0.0
    for i in range(N):
        y = rewards[i].item()
        if dones[i] == 0:
            y += gamma * next_q_values[i].item()
        critic = critic + (q_values[i] - y) ** 2
        actor = actor - actor_q_values[i]
    return critic / N, actor / N


def dot_products(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    n = q_values.numel()
    error = q_values - rewards.data - gamma * (1 - dones) * next_q_values.data
    return error @ error / n, -actor_q_values.sum() / n


def target_in_numpy(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    r, q, d = (each.detach().cpu().numpy() for each in (rewards, next_q_values, dones))
    y = torch.from_numpy(r + gamma * (1 - d) * q).to(q_values)
    return torch.nn.MSELoss()(q_values, y), -1 * actor_q_values.mean()
