"""Ways to write `n_step_advantages` that are right as mathematics; some lose digits or take long."""

import torch


def by_the_definition(rewards, values, bootstrap_value, dones, gamma):
    T = len(rewards)
    advantages = []
    for t in range(T):
        total, weight = torch.zeros_like(bootstrap_value), torch.ones_like(bootstrap_value)
        for k in range(t, T):
            total = total + weight * rewards[k]
            weight = weight * gamma * (1 - dones[k])
        advantages.append(total + weight * bootstrap_value - values[t])
    return torch.stack(advantages)


def bootstrap_put_into_the_last_reward(rewards, values, bootstrap_value, dones, gamma):
    padded = rewards.clone()
    padded[-1] += gamma * (1 - dones[-1]) * bootstrap_value
    for t in reversed(range(len(padded) - 1)):
        padded[t] = padded[t] + gamma * (1 - dones[t]) * padded[t + 1]
    return padded - values


def linear_equations(rewards, values, bootstrap_value, dones, gamma):
    # (I − γ D N) R = r + γ (1 − d_T) V(s_T) at the last step, one system for each environment
    T = len(rewards)
    right = rewards.clone()
    right[-1] = right[-1] + gamma * (1 - dones[-1]) * bootstrap_value
    columns = []
    for b in range(rewards.shape[1]):
        next_step = torch.diag(gamma * (1 - dones[:-1, b]), 1)
        columns.append(torch.linalg.solve(torch.eye(T, dtype=rewards.dtype) - next_step, right[:, b]))
    return torch.stack(columns, dim=1) - values


def sums_of_td_errors(rewards, values, bootstrap_value, dones, gamma):
    following = torch.vstack((values[1:], bootstrap_value))
    deltas = rewards + gamma * (1 - dones) * following - values
    carried = torch.zeros_like(bootstrap_value)
    rows = []
    for delta, done in zip(deltas.flip(0), dones.flip(0), strict=True):
        carried = delta + gamma * (1 - done) * carried
        rows.append(carried)
    return torch.stack(rows).flip(0)


def recursion(rewards, values, bootstrap_value, dones, gamma):
    def return_from(t):
        if t == len(rewards):
            return bootstrap_value
        return rewards[t] + gamma * (1 - dones[t]) * return_from(t + 1)

    return torch.stack([return_from(t) - values[t] for t in range(len(rewards))])


def discounted_and_divided_again(rewards, values, bootstrap_value, dones, gamma):
    T = len(rewards)
    powers = gamma ** torch.arange(T + 1, dtype=rewards.dtype)[:, None]
    weighted = torch.cat((rewards, bootstrap_value[None])) * powers
    rows = []
    for t in range(T):
        alive = torch.cat((torch.ones_like(dones[:1]), (1 - dones[t:]).cumprod(0)))
        rows.append((weighted[t:] * alive).sum(0) / powers[t] - values[t])
    return torch.stack(rows)


def where_the_episode_ended(rewards, values, bootstrap_value, dones, gamma):
    out = torch.zeros_like(values)
    after = bootstrap_value
    for t in range(len(rewards) - 1, -1, -1):
        after = torch.where(dones[t] == 1, rewards[t], torch.add(rewards[t], after, alpha=gamma))
        out[t] = after
    return out.sub_(values)
