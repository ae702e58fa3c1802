"""Ways to write `generalized_advantage_estimate` that are right as mathematics; some divide by powers of γλ or by λ."""

import torch


def _like_time(vector, rewards):
    return vector.to(rewards.dtype).reshape(-1, *[1] * (rewards.dim() - 1))


def backwards_as_printed(rewards, values, next_values, dones, gamma, lam):
    delta = rewards + gamma * (1 - dones) * next_values - values
    advantages, following = [], 0.0
    for t in range(len(delta) - 1, -1, -1):
        following = delta[t] + gamma * lam * (1 - dones[t]) * following
        advantages.append(following)
    return torch.stack(advantages[::-1])


def flip_and_cumsum(rewards, values, next_values, dones, gamma, lam):
    T = len(rewards)
    steps = torch.arange(T)
    powers = _like_time((gamma * lam) ** steps, rewards)
    delta = rewards + gamma * (1 - dones) * next_values - values
    discounted = torch.cat(((powers * delta).flip(0).cumsum(0).flip(0), torch.zeros_like(delta[:1])))
    next_start = torch.where(dones > 0, _like_time(steps + 1, rewards), T).flip(0).cummin(0).values.flip(0).long()
    return (discounted[:-1] - discounted.gather(0, next_start)) / powers


def products_of_what_is_carried(rewards, values, next_values, dones, gamma, lam):
    delta = rewards + gamma * (1 - dones) * next_values - values
    carried = gamma * lam * (1 - dones)
    rows = []
    for t in range(len(delta)):
        weights = torch.cat((torch.ones_like(delta[:1]), carried[t:-1])).cumprod(0)
        rows.append((weights * delta[t:]).sum(0))
    return torch.stack(rows)


def powers_of_a_matrix(rewards, values, next_values, dones, gamma, lam):
    T = len(rewards)
    delta = (rewards + gamma * (1 - dones) * next_values - values).reshape(T, -1)
    columns = []
    for b in range(delta.shape[1]):
        step = gamma * lam * torch.diag(1 - dones.reshape(T, -1)[:-1, b], 1)
        total = reached = delta[:, b]
        for _ in range(T - 1):
            reached = step @ reached
            total = total + reached
        columns.append(total)
    return torch.stack(columns, -1).reshape(rewards.shape)


def doubling_the_horizon(rewards, values, next_values, dones, gamma, lam):
    total = torch.where(dones == 1, rewards, rewards + gamma * next_values) - values
    weight, reach = gamma * lam * (1 - dones), 1
    while reach < len(total):
        nothing = torch.zeros_like(total[:reach])
        total = total + weight * torch.cat((total[reach:], nothing))
        weight, reach = weight * torch.cat((weight[reach:], nothing)), 2 * reach
    return total


def updated_in_place(rewards, values, next_values, dones, gamma, lam):
    advantages = rewards - values
    advantages += gamma * (1 - dones) * next_values
    for t in reversed(range(len(advantages) - 1)):
        advantages[t] += gamma * lam * (1 - dones[t]) * advantages[t + 1]
    return advantages


def mean_of_the_n_step_advantages(rewards, values, next_values, dones, gamma, lam):
    # (1 − λ) Σ λ^(n−1) A^(n), eq. 16 of the paper; the longest one has all the weight that is left
    T = len(rewards)
    delta = rewards + gamma * (1 - dones) * next_values - values
    rows = []
    for t in range(T):
        total, n_step, weight = torch.zeros_like(delta[t]), torch.zeros_like(delta[t]), torch.ones_like(delta[t])
        for k in range(t, T):
            n_step = n_step + weight * delta[k]
            total = total + lam ** (k - t) * (1 - lam if k < T - 1 else 1) * n_step
            weight = weight * gamma * (1 - dones[k])
        rows.append(total)
    return torch.stack(rows)


def value_corrected_by_the_surprise_to_come(rewards, values, next_values, dones, gamma, lam):
    returns, surprise = [], torch.zeros_like(rewards[0])
    for r, v, v_next, d in zip(rewards.flip(0), values.flip(0), next_values.flip(0), dones.flip(0), strict=True):
        target = r + gamma * (1 - d) * (v_next + lam * surprise)
        surprise = target - v
        returns.append(target)
    return torch.stack(returns).flip(0) - values
