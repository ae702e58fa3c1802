"""Ways to write `discounted_returns` that are right as mathematics; some divide by powers of γ, which may be 0."""

import torch


def _like_time(vector, rewards):
    return vector.to(rewards.dtype).reshape(-1, *[1] * (rewards.dim() - 1))


def flip_and_cumsum_without_a_loop(rewards, dones, gamma):
    T = len(rewards)
    steps = torch.arange(T)
    powers = _like_time(gamma**steps, rewards)
    discounted = torch.cat(((powers * rewards).flip(0).cumsum(0).flip(0), torch.zeros_like(rewards[:1])))
    next_start = torch.where(dones > 0, _like_time(steps + 1, rewards), T).flip(0).cummin(0).values.flip(0).long()
    return (discounted[:-1] - discounted.gather(0, next_start)) / powers


def powers_of_a_matrix(rewards, dones, gamma):
    T = len(rewards)
    flat = rewards.reshape(T, -1)
    columns = []
    for b in range(flat.shape[1]):
        step = gamma * torch.diag(1 - dones.reshape(T, -1)[:-1, b], 1)
        total, reached = flat[:, b], flat[:, b]
        for _ in range(T - 1):
            reached = step @ reached
            total = total + reached
        columns.append(total)
    return torch.stack(columns, -1).reshape(rewards.shape)


def products_of_what_goes_on(rewards, dones, gamma):
    goes_on = gamma * (1 - dones)
    rows = []
    for t in range(len(rewards)):
        weights = torch.cat((torch.ones_like(rewards[:1]), goes_on[t:-1])).cumprod(0)
        rows.append((weights * rewards[t:]).sum(0))
    return torch.stack(rows)


def doubling_the_horizon(rewards, dones, gamma):
    returns, weight, reach = rewards, gamma * (1 - dones), 1
    while reach < len(rewards):
        shifted = torch.cat((returns[reach:], torch.zeros_like(returns[:reach])))
        shifted_weight = torch.cat((weight[reach:], torch.zeros_like(weight[:reach])))
        returns, weight, reach = returns + weight * shifted, weight * shifted_weight, 2 * reach
    return returns


def where_an_episode_ends(rewards, dones, gamma):
    following = torch.zeros_like(rewards[0])
    returns = []
    for reward, done in zip(rewards.unbind()[::-1], dones.unbind()[::-1], strict=True):
        following = torch.where(done == 1, reward, reward + gamma * following)
        returns.append(following)
    return torch.stack(returns[::-1])


def updated_in_place(rewards, dones, gamma):
    returns = rewards.clone()
    for t in range(len(rewards) - 2, -1, -1):
        returns[t].add_(returns[t + 1] * (1 - dones[t]), alpha=gamma)
    return returns
