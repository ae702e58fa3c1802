# Homework: policy gradients, actor-critic, PPO
import torch
import torch.nn.functional as F
from torch.distributions import Categorical


# Q1
def discounted_returns(rewards, dones, gamma):
    G = torch.zeros_like(rewards)
    running = 0.0
    for t in reversed(range(len(rewards))):
        running = rewards[t] + gamma * running * (1 - dones[t])
        G[t] = running
    return G


def policy_gradient_loss(logits, actions, returns):
    dist = Categorical(logits=logits)
    log_prob = dist.log_prob(actions)
    return (log_prob * returns.detach()).mean()


# Q2
def td_error(rewards, values, next_values, dones, gamma):
    target = rewards + gamma * next_values * (1 - dones)
    return target - values


def generalized_advantage_estimate(rewards, values, next_values, dones, gamma, lam):
    advantages = torch.zeros_like(rewards)
    last = 0.0
    for t in reversed(range(len(rewards))):
        delta = rewards[t] + gamma * next_values[t] * (1 - dones[t]) - values[t]
        last = delta + gamma * lam * last
        advantages[t] = last
    return advantages


# Q6
def categorical_entropy(logits):
    p = F.softmax(logits, dim=-1)
    return -(p * torch.log(p)).sum(-1)


# Q7
def ppo_clip_objective(log_prob, old_log_prob, advantages, epsilon):
    ratio = torch.exp(log_prob - old_log_prob.detach())
    clipped = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    return (clipped * advantages.detach()).mean()


print("answers loaded")
