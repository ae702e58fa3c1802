"""Ways to write `td3_target` that are right as mathematics; some lose digits."""

import torch


def half_the_sum_minus_the_distance(rewards, dones, next_q1, next_q2, gamma):
    smaller = (next_q1 + next_q2 - (next_q1 - next_q2).abs()) / 2
    return rewards + gamma * (1 - dones) * smaller


def negative_maximum(rewards, dones, next_q1, next_q2, gamma):
    return rewards - gamma * (1 - dones) * torch.maximum(-next_q1, -next_q2)


def minimum_of_the_targets(rewards, dones, next_q1, next_q2, gamma):
    first = rewards + gamma * (1 - dones) * next_q1
    second = rewards + gamma * (1 - dones) * next_q2
    return torch.minimum(first, second)


def without_the_excess(rewards, dones, next_q1, next_q2, gamma):
    return torch.lerp(rewards + gamma * (next_q1 - torch.relu(next_q1 - next_q2)), rewards, dones)


def selected_by_a_mask(rewards, dones, next_q1, next_q2, gamma):
    first_is_smaller = (next_q1 < next_q2).to(rewards.dtype)
    smaller = first_is_smaller * next_q1 + (1 - first_is_smaller) * next_q2
    return torch.addcmul(rewards, 1 - dones, smaller, value=gamma)


def smallest_along_an_axis(rewards, dones, next_q1, next_q2, gamma):
    smaller = torch.cat((next_q1.unsqueeze(0), next_q2.unsqueeze(0))).amin(0)
    y = rewards.clone()
    goes_on = dones == 0
    y[goes_on] += gamma * smaller[goes_on]
    return y
