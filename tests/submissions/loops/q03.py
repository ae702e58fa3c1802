"""Question 3: A2C and A3C."""

import torch


def a2c_loss(logits, actions, advantages, values, returns, value_coef, entropy_coef):
    policy_terms, value_terms, entropies = [], [], []
    for i in range(len(actions)):
        log_probs = torch.log_softmax(logits[i], dim=0)
        policy_terms.append(-log_probs[actions[i]] * advantages[i].detach())
        value_terms.append((returns[i].detach() - values[i]) ** 2)
        entropies.append(-torch.einsum("a,a->", log_probs.exp(), log_probs))
    policy_loss = torch.stack(policy_terms).mean()
    value_loss = torch.stack(value_terms).mean()
    entropy = torch.stack(entropies).mean()
    return policy_loss + value_coef * value_loss - entropy_coef * entropy


def a2c_update(params, worker_grads, lr):
    # the central step waits until every worker has delivered
    total = torch.zeros_like(params)
    for grad in worker_grads:
        total = total + grad
    return params - lr * total / len(worker_grads)


def a3c_update(params, centers, schedule, lr):
    theta = params.clone()
    copies = [theta for _ in centers]  # everybody pulls at the start
    for worker in schedule.tolist():
        gradient = copies[worker] - centers[worker]
        theta = theta - lr * gradient  # push
        copies[worker] = theta  # pull
    return theta


def n_step_advantages(rewards, values, bootstrap_value, dones, gamma):
    advantages = []
    R = bootstrap_value
    for t in range(len(rewards) - 1, -1, -1):
        R = rewards[t] + gamma * (1 - dones[t]) * R
        advantages.append(R - values[t])
    return torch.stack(advantages[::-1])
