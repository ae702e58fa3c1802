"""Ways to write `actor_critic_losses` that are right as mathematics; some overflow, or take the logarithm of 0."""

import torch
import torch.nn.functional as F


def logarithm_of_a_softmax(logits, actions, rewards, values, next_values, dones, gamma):
    pi = torch.softmax(logits, -1).gather(1, actions[:, None]).squeeze(1)
    target = (rewards + gamma * (1 - dones) * next_values).detach()
    return -(pi.log() * (target - values).detach()).mean(), (target - values).square().mean() / 2


def exponentials_by_hand(logits, actions, rewards, values, next_values, dones, gamma):
    e = torch.exp(logits)
    log_pi = logits[range(len(actions)), actions] - e.sum(1).log()
    delta = rewards + (gamma - gamma * dones) * next_values.detach() - values
    return (-log_pi * delta.detach()).mean(), (delta * delta).mean() * 0.5


def square_multiplied_out(logits, actions, rewards, values, next_values, dones, gamma):
    y = (rewards + gamma * next_values - gamma * dones * next_values).detach()
    actor = (F.cross_entropy(logits, actions, reduction="none") * (y - values.detach())).mean()
    return actor, (y * y / 2 - y * values + values * values / 2).mean()


def differences_of_logits(logits, actions, rewards, values, next_values, dones, gamma):
    taken = logits.gather(1, actions[:, None])
    surprise = (logits - taken).exp().sum(1).log()
    y = torch.addcmul(rewards, gamma * (1 - dones), next_values).detach()
    return (surprise * (y - values).detach()).mean(), F.mse_loss(y, values) / 2


def terms_of_the_target_apart(logits, actions, rewards, values, next_values, dones, gamma):
    log_pi = torch.log_softmax(logits, 1)[torch.arange(len(actions)), actions]
    bootstrap = gamma * (1 - dones) * next_values
    actor = -(log_pi @ rewards + log_pi @ bootstrap.detach() - log_pi @ values.detach()) / len(actions)
    return actor, ((values - bootstrap.detach() - rewards) ** 2).sum() / (2 * len(actions))


def columns_of_samples(logits, actions, rewards, values, next_values, dones, gamma):
    columns = [each.unsqueeze(1) for each in (rewards, values, next_values.detach(), dones)]
    r, v, following, done = columns
    delta = r + gamma * following * (1 - done) - v
    log_pi = F.log_softmax(logits, 1).gather(1, actions.unsqueeze(1))
    return -(delta.detach().T @ log_pi).squeeze() / len(r), (delta.T @ delta).squeeze() / len(r) / 2
