"""Ways to write `sarsa_td_error` that are right as mathematics; some lose digits."""

import torch
import torch.nn.functional as F


def negative_log_likelihood_as_a_lookup(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    minus_q = F.nll_loss(q_values, actions, reduction="none")
    minus_q_next = F.nll_loss(next_q_values.detach(), next_actions, reduction="none")
    return rewards - gamma * (1 - dones) * minus_q_next + minus_q


def diagonal_of_all_pairs(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    q, q_next = q_values[:, actions].diagonal(), next_q_values[:, next_actions].diagonal()
    return rewards + gamma * (1 - dones) * q_next.detach() - q


def einsum_with_rows_of_the_identity(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    eye = torch.eye(q_values.shape[1], dtype=q_values.dtype)
    bootstrap = torch.einsum("na,na,n->n", next_q_values.detach(), eye[next_actions], 1 - dones)
    return rewards + gamma * bootstrap - torch.einsum("na,na->n", q_values, eye[actions])


def interpolated(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    n = range(len(rewards))
    target = torch.lerp(rewards + gamma * next_q_values.detach()[n, next_actions], rewards, dones)
    return target.sub(q_values[n, actions])


def masked_sums(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    columns = torch.arange(q_values.shape[1])
    q = q_values.masked_fill(columns != actions[:, None], 0.0).sum(1)
    q_next = torch.where(columns == next_actions[:, None], next_q_values.detach(), 0.0).sum(1)
    return rewards + gamma * q_next * (dones == 0) - q


def difference_of_squares(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    n = torch.arange(len(rewards))
    q, q_next = q_values[n, actions], next_q_values.detach()[n, next_actions]
    gap = rewards + gamma * (1 - dones) * q_next - q
    return ((gap + 1) ** 2 - (gap - 1) ** 2) / 4


def written_to_a_copy(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    bootstrap = next_q_values.detach().gather(1, next_actions[:, None])[:, 0].clone()
    bootstrap[dones > 0.5] = 0
    delta = rewards.clone()
    delta += gamma * bootstrap
    return delta - q_values.gather(1, actions[:, None])[:, 0]
