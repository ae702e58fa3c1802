"""Question 2: actor-critic methods and temporal differences."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical


def td_error(rewards, values, next_values, dones, gamma):
    target = rewards + gamma * (1 - dones) * next_values
    return target.detach() - values


def sarsa_td_error(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    q = q_values.gather(1, actions.unsqueeze(1)).squeeze(1)
    next_q = next_q_values.gather(1, next_actions.unsqueeze(1)).squeeze(1)
    return td_error(rewards, q, next_q, dones, gamma)


def generalized_advantage_estimate(rewards, values, next_values, dones, gamma, lam):
    deltas = td_error(rewards, values, next_values, dones, gamma)
    advantages = []
    advantage = torch.zeros_like(deltas[0])
    for delta, done in zip(deltas.flip(0), dones.flip(0)):
        advantage = delta + gamma * lam * (1 - done) * advantage
        advantages.append(advantage)
    return torch.stack(advantages).flip(0)


def actor_critic_losses(logits, actions, rewards, values, next_values, dones, gamma):
    target = (rewards + gamma * (1 - dones) * next_values).detach()
    advantage = target - values.detach()
    actor_loss = -(Categorical(logits=logits).log_prob(actions) * advantage).mean()
    critic_loss = 0.5 * F.mse_loss(values, target)
    return actor_loss, critic_loss


def actor_update(theta, features, actions, td_errors, lr):
    def objective(theta):
        # cross_entropy is -log pi(a|s)
        log_prob = -F.cross_entropy(features @ theta, actions, reduction="none")
        return (td_errors * log_prob).mean()

    return theta + lr * torch.func.grad(objective)(theta)


def critic_update(weights, features, rewards, next_features, dones, gamma, lr):
    values = features @ weights
    next_values = next_features @ weights
    errors = td_error(rewards, values, next_values, dones, gamma)
    # the gradient of V(s) is x(s), so the semi-gradient step needs no autograd
    return weights + lr * (errors.unsqueeze(1) * features).mean(dim=0)
