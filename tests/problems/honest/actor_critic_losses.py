"""Right answers to `actor_critic_losses`, written in the ways that students write them."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical


def with_a_distribution(logits, actions, rewards, values, next_values, dones, gamma):
    with torch.no_grad():
        target = rewards + gamma * (1 - dones) * next_values
    delta = target - values
    dist = Categorical(logits=logits)
    actor_loss = -(dist.log_prob(actions) * delta.detach()).mean()
    critic_loss = 0.5 * delta.pow(2).mean()
    return actor_loss, critic_loss


def library_losses(logits, actions, rewards, values, next_values, dones, gamma):
    target = (rewards + gamma * (1.0 - dones) * next_values).detach()
    advantage = (target - values).detach()
    actor = (F.cross_entropy(logits, actions, reduction="none") * advantage).mean()
    critic = F.mse_loss(values, target) / 2
    return actor, critic


def gathered(logits, actions, rewards, values, next_values, dones, gamma):
    y = rewards + gamma * torch.where(dones.bool(), torch.zeros_like(next_values), next_values)
    y = y.detach()
    log_probs = torch.log_softmax(logits, dim=-1)
    chosen = log_probs.gather(1, actions.unsqueeze(1)).squeeze(1)
    return torch.mean(-chosen * (y - values.detach())), torch.mean(0.5 * torch.square(y - values))


def loop_over_the_steps(logits, actions, rewards, values, next_values, dones, gamma):
    actor, critic = 0.0, 0.0
    N = len(actions)
    for n in range(N):
        target = rewards[n].detach()
        if not dones[n]:
            target = target + gamma * next_values[n].detach()
        td = target - values[n]
        actor = actor - torch.log_softmax(logits[n], dim=0)[actions[n]] * td.detach()
        critic = critic + td * td / 2
    return actor / N, critic / N


def one_hot_and_dot(logits, actions, rewards, values, next_values, dones, gamma):
    taken = F.one_hot(actions, logits.shape[-1]).to(logits)
    log_pi = (F.log_softmax(logits, -1) * taken).sum(-1)
    errors = rewards.data + gamma * (1 - dones) * next_values.data - values
    return -torch.dot(log_pi, errors.data) / len(errors), torch.dot(errors, errors) / (2 * len(errors))


def as_a_list(logits, actions, rewards, values, next_values, dones, gamma):
    target = rewards + gamma * (1 - dones) * next_values.detach()
    log_pi = logits - torch.logsumexp(logits, dim=1, keepdim=True)
    log_pi = log_pi[torch.arange(len(actions), device=logits.device), actions]
    delta = target - values
    critic = (F.mse_loss(values, target, reduction="sum") / 2).div(len(values))
    return [log_pi.mul(delta.detach()).mean().neg(), critic]
