"""Question 2: actor-critic and temporal differences."""

import torch


def td_error(rewards, values, next_values, dones, gamma):
    deltas = []
    for t in range(len(rewards)):
        # semi-gradient: the target is a constant
        target = rewards[t] + gamma * (1 - dones[t]) * next_values[t].detach()
        deltas.append(target - values[t])
    return torch.stack(deltas)


def sarsa_td_error(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    deltas = []
    for i in range(len(rewards)):
        next_q = next_q_values[i, next_actions[i]].detach()
        target = rewards[i] + gamma * (1 - dones[i]) * next_q
        deltas.append(target - q_values[i, actions[i]])
    return torch.stack(deltas)


def generalized_advantage_estimate(rewards, values, next_values, dones, gamma, lam):
    advantages = []
    A = torch.zeros_like(rewards[0])
    for t in reversed(range(len(rewards))):
        not_done = 1 - dones[t]
        delta = rewards[t] + gamma * not_done * next_values[t] - values[t]
        A = delta + gamma * lam * not_done * A
        advantages.append(A)
    advantages.reverse()
    return torch.stack(advantages)


def actor_critic_losses(logits, actions, rewards, values, next_values, dones, gamma):
    deltas = td_error(rewards, values, next_values, dones, gamma)
    log_probs = torch.log_softmax(logits, dim=-1)
    actor_terms, critic_terms = [], []
    for i, delta in enumerate(deltas):
        actor_terms.append(-log_probs[i, actions[i]] * delta.detach())
        critic_terms.append(delta**2)
    return torch.stack(actor_terms).mean(), 0.5 * torch.stack(critic_terms).mean()


def actor_update(theta, features, actions, td_errors, lr):
    step = torch.zeros_like(theta)
    for x, action, delta in zip(features, actions, td_errors):
        score = -torch.softmax(torch.einsum("f,fa->a", x, theta), dim=0)
        score[action] += 1
        step += delta * torch.einsum("f,a->fa", x, score)
    return theta + lr * step / len(features)


def critic_update(weights, features, rewards, next_features, dones, gamma, lr):
    step = torch.zeros_like(weights)
    for x, r, next_x, done in zip(features, rewards, next_features, dones):
        value = torch.einsum("f,f->", x, weights)
        next_value = torch.einsum("f,f->", next_x, weights)
        delta = r + gamma * (1 - done) * next_value - value
        step += delta * x
    return weights + lr * step / len(features)
