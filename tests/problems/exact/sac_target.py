"""Ways to write `sac_target` that are right as mathematics; some lose digits."""

import torch


def half_the_sum_minus_the_distance(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    smaller = (next_q1 + next_q2 - torch.abs(next_q1 - next_q2)) / 2
    return rewards + gamma * (1 - dones) * (smaller - alpha * next_log_prob)


def reward_and_entropy_apart(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    discount = gamma * (1 - dones)
    return rewards - discount * alpha * next_log_prob + discount * torch.minimum(next_q1, next_q2)


def minimum_of_the_soft_values(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    soft = torch.stack((next_q1, next_q2)) - alpha * next_log_prob
    return rewards + gamma * (1 - dones) * soft.min(dim=0).values


def in_units_of_the_temperature(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    soft = alpha * (torch.minimum(next_q1 / alpha, next_q2 / alpha) - next_log_prob)
    return torch.where(dones.bool(), rewards, rewards + gamma * soft)


def logarithm_of_the_density(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    entropy = -alpha * torch.log(torch.exp(next_log_prob))
    return torch.lerp(rewards + gamma * (torch.fmin(next_q1, next_q2) + entropy), rewards, dones)


def written_where_it_goes_on(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    y = rewards.detach().clone()
    on = (dones < 0.5).nonzero().squeeze(-1)
    smaller = next_q2 - torch.relu(next_q2 - next_q1)
    y[on] = y[on] + gamma * (smaller - alpha * next_log_prob)[on]
    return y
