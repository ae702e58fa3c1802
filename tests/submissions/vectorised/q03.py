"""Question 3: A2C and A3C."""

import torch
from common import discounted_sum, entropy, log_policy, taken


def a2c_loss(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    policy_loss = -(taken(log_policy(logits), actions) * advantages.detach()).mean()
    value_loss = (returns.detach() - values).square().mean()
    return policy_loss + value_coef * value_loss - entropy_coef * entropy(logits).mean()


def a2c_update(params, worker_grads, lr):
    return params - lr * worker_grads.mean(0)


def a3c_update(params, centers, schedule, lr):
    """All pushes at once: theta_k - theta_(k-1) + lr theta_(pulled by k) = lr c_k is a triangular linear system."""
    pushes = torch.arange(1, len(schedule) + 1, device=schedule.device)
    earlier_by_same = (schedule[:, None] == schedule[None, :]).tril(-1) * pushes
    pulled = torch.cat([torch.zeros_like(earlier_by_same[:, :1]), earlier_by_same], dim=1).amax(1)
    positions = torch.arange(len(schedule) + 1, device=schedule.device)
    system = (positions[:, None] == positions).to(params.dtype)
    system[1:] -= (pushes[:, None] - 1 == positions).to(params.dtype)
    system[1:] += lr * (pulled[:, None] == positions)
    known = torch.cat([params[None], lr * centers[schedule]])
    return torch.linalg.solve_triangular(system, known, upper=False)[-1]


def n_step_advantages(rewards, values, bootstrap_value, dones, gamma):
    """The bootstrap is one more reward, after the last step."""
    extended = torch.cat([rewards, bootstrap_value[None]])
    ends = torch.cat([dones, torch.zeros_like(dones[:1])])
    return discounted_sum(extended, ends, gamma)[:-1] - values
