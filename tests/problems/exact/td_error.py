"""Ways to write `td_error` that are right as mathematics; some lose digits."""

import torch


def as_printed(rewards, values, next_values, dones, gamma):
    return rewards + gamma * (1 - dones) * next_values.detach() - values


def interpolated(rewards, values, next_values, dones, gamma):
    target = torch.lerp(rewards + gamma * next_values.detach(), rewards, dones)
    return target.sub(values)


def two_cases_summed(rewards, values, next_values, dones, gamma):
    ended = dones * (rewards - values)
    goes_on = (1 - dones) * (rewards + gamma * next_values.detach() - values)
    return ended + goes_on


def difference_of_squares(rewards, values, next_values, dones, gamma):
    target = (rewards + gamma * (1 - dones) * next_values).detach()
    return ((target - values + 1) ** 2 - (target - values - 1) ** 2) / 4


def bootstrap_filled(rewards, values, next_values, dones, gamma):
    bootstrap = next_values.detach().masked_fill(dones.bool(), 0.0)
    return torch.stack((rewards, gamma * bootstrap, -values)).sum(0)


def one_column_at_a_time(rewards, values, next_values, dones, gamma):
    columns = []
    for r, v, following, d in zip(
        *(x.reshape(len(x), -1).unbind(1) for x in (rewards, values, next_values, dones)), strict=True
    ):
        columns.append(r + gamma * (following * (1 - d)).detach() - v)
    return torch.stack(columns, 1).reshape(values.shape)


def bootstrap_of_what_goes_on(rewards, values, next_values, dones, gamma):
    delta = (rewards - values).clone()
    goes_on = dones == 0
    delta[goes_on] = delta[goes_on] + gamma * next_values.detach()[goes_on]
    return delta
