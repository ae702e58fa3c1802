"""More ways to write `ddpg_losses`; some lose digits where the values are much larger than the errors."""

import torch
import torch.nn.functional as F


def square_multiplied_out(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    y = (rewards + gamma * (1 - dones) * next_q_values).detach()
    return (q_values * q_values - 2 * q_values * y + y * y).mean(), -actor_q_values.mean()


def discount_and_dones_first(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    discount = gamma - gamma * dones
    y = torch.addcmul(rewards, discount, next_q_values).detach()
    return (y - q_values).pow(2).sum() / len(y), actor_q_values.sum() / -len(y)


def twice_the_halves(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    y = rewards + gamma * next_q_values.detach() - gamma * dones * next_q_values.detach()
    return 2 * (0.5 * F.mse_loss(q_values, y)), torch.zeros(()) - actor_q_values.mean()


def stacked(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    y = rewards + gamma * (1 - dones) * next_q_values.detach()
    losses = torch.stack(((q_values - y).square(), -actor_q_values), dim=1).mean(dim=0)
    return losses[0], losses[1]


def bias_and_variance(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    # the mean of squares is the variance plus the square of the mean
    error = q_values - (rewards + gamma * (1 - dones) * next_q_values).detach()
    return error.var(unbiased=False) + error.mean() ** 2, -actor_q_values.mean()


def difference_of_squares(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    y = (rewards + gamma * (1 - dones) * next_q_values).detach()
    ones = torch.ones_like(actor_q_values)
    return ((q_values + y) ** 2 - 4 * q_values * y).mean(), -(ones @ actor_q_values) / ones.sum()
