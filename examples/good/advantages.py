"""Returns, TD errors and advantages (questions 1 and 2). Time is always the first axis."""

import torch


def _go_backwards(terms, factors):
    """x_t = terms_t + factors_t * x_{t+1}, from the last step to the first."""
    result = torch.zeros_like(terms)
    running = torch.zeros_like(terms[0])
    for t in reversed(range(terms.shape[0])):
        running = terms[t] + factors[t] * running
        result[t] = running
    return result


def discounted_returns(rewards, dones, gamma):
    """G_t, starting anew after every done."""
    return _go_backwards(rewards, gamma * (1 - dones))


def td_error(rewards, values, next_values, dones, gamma):
    """delta_t. The target is fixed, only V(s_t) is trained."""
    with torch.no_grad():
        target = rewards + gamma * (1 - dones) * next_values
    return target - values


def generalized_advantage_estimate(rewards, values, next_values, dones, gamma, lam):
    """GAE(gamma, lambda)."""
    deltas = td_error(rewards, values, next_values, dones, gamma).detach()
    return _go_backwards(deltas, gamma * lam * (1 - dones))


if __name__ == "__main__":
    rewards = torch.tensor([1.0, 1.0, 1.0, 1.0])
    dones = torch.tensor([0.0, 1.0, 0.0, 0.0])
    print(discounted_returns(rewards, dones, 0.9))  # 1.9, 1.0, 1.9, 1.0
