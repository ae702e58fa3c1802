"""Right in exact arithmetic: further ways to write `policy_gradient_estimate`, which may overflow or lose digits."""

import torch


def softmax_by_hand(theta, states, actions, rewards, gamma):
    policy = torch.exp(theta) / torch.exp(theta).sum(dim=1, keepdim=True)
    gradient = torch.zeros_like(theta)
    for i in range(len(states)):
        for t in range(states.shape[1]):
            g = sum(gamma ** (k - t) * rewards[i, k] for k in range(t, states.shape[1]))
            gradient[states[i, t], actions[i, t]] += g
            gradient[states[i, t]] -= g * policy[states[i, t]]
    return gradient / len(states)


def reversed_cumulative_sum_divided_by_the_discount(theta, states, actions, rewards, gamma):
    discounts = gamma ** torch.arange(rewards.shape[1], dtype=rewards.dtype)
    returns = (rewards * discounts).flip(1).cumsum(1).flip(1) / discounts
    scores = torch.nn.functional.one_hot(actions, theta.shape[1]) - theta.softmax(-1)[states]
    rows = [((states == s)[..., None] * scores * returns[..., None]).sum(dim=(0, 1)) for s in range(theta.shape[0])]
    return torch.stack(rows) / len(states)


def mean_of_the_gradients_of_single_trajectories(theta, states, actions, rewards, gamma):
    gradients = []
    for s, a, r in zip(states, actions, rewards, strict=True):
        table = theta.detach().clone().requires_grad_()
        log_probs = torch.log_softmax(table, dim=-1)
        total = 0.0
        for t in range(len(r)):
            ahead = torch.arange(len(r) - t, dtype=r.dtype)
            total = total + log_probs[s[t], a[t]] * (gamma**ahead * r[t:]).sum()
        gradients.append(torch.autograd.grad(total, table)[0])
    return torch.stack(gradients).mean(dim=0)


def logarithm_of_the_softmax_differentiated(theta, states, actions, rewards, gamma):
    steps = states.shape[1]
    weights = torch.tensor([[gamma ** (k - t) if k >= t else 0.0 for k in range(steps)] for t in range(steps)])
    returns = rewards @ weights.to(rewards).T
    with torch.enable_grad():
        table = theta.clone().requires_grad_()
        log_prob = torch.log(torch.softmax(table, dim=-1)[states, actions])
        return torch.autograd.grad((log_prob * returns).sum() / len(states), table)[0]


def one_row_after_the_other(theta, states, actions, rewards, gamma):
    policy = torch.exp(theta - torch.logsumexp(theta, dim=-1, keepdim=True))
    following = rewards.clone()
    for t in range(rewards.shape[1] - 2, -1, -1):
        following[:, t] = rewards[:, t] + gamma * following[:, t + 1]
    rows = []
    for s in range(theta.shape[0]):
        here = (states == s).to(theta.dtype) * following
        taken = torch.stack([(here * (actions == a)).sum() for a in range(theta.shape[1])])
        rows.append(taken - here.sum() * policy[s])
    return torch.stack(rows) / states.shape[0]


def differences_of_logits(theta, states, actions, rewards, gamma):
    differences = theta.unsqueeze(1) - theta.unsqueeze(2)
    policy = 1 / torch.exp(differences).sum(dim=-1)
    estimate = torch.zeros_like(theta)
    for s_row, a_row, r_row in zip(states.tolist(), actions.tolist(), rewards, strict=True):
        for t, (s, a) in enumerate(zip(s_row, a_row, strict=True)):
            g = sum(r * gamma**k for k, r in enumerate(r_row[t:]))
            indicator = torch.eye(theta.shape[1], dtype=theta.dtype)[a]
            estimate[s] = estimate[s] + g * (indicator - policy[s])
    return estimate * (1 / len(states))
