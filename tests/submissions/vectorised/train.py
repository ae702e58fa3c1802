"""Question 7, the whole agent: A2C with several environments side by side and one tensor per batch."""

import numpy as np
import torch
from common import discounted_sum, entropy, log_policy, taken

ENVS = 8
UPDATES = 200
GAMMA, LAMBDA = 0.99, 0.95


def train(make_env, total_steps, seed):
    torch.manual_seed(seed)
    envs = [make_env() for _ in range(ENVS)]
    policy = network(envs[0], outputs=envs[0].action_space.n)
    value = network(envs[0], outputs=1)
    actor = torch.optim.Adam(policy.parameters(), lr=1e-2)
    critic = torch.optim.Adam(value.parameters(), lr=1e-2)
    obs = np.stack([env.reset(seed=seed + k)[0] for k, env in enumerate(envs)])
    for update in range(UPDATES):
        actor.param_groups[0]["lr"] = 1e-2 * (1 - update / UPDATES)
        batch, obs = collect(envs, policy, obs, total_steps // (ENVS * UPDATES))
        advantages, returns = estimate(value, *batch)
        descend(actor, policy_loss, policy, *batch[:2], advantages)
        for _ in range(10):
            descend(critic, value_loss, value, batch[0], returns)
    return lambda observation: policy(torch.as_tensor(observation)).argmax()


def network(env, outputs):
    inputs = env.observation_space.shape[0]
    last = torch.nn.Linear(64, outputs)
    torch.nn.init.zeros_(last.weight)
    return torch.nn.Sequential(torch.nn.Linear(inputs, 64), torch.nn.Tanh(), last)


@torch.no_grad()
def collect(envs, policy, obs, length):
    """`length` steps in each environment: observations, actions, rewards, next observations, terminals and ends."""
    rows = []
    for _ in range(length):
        actions = log_policy(policy(torch.from_numpy(obs))).exp().multinomial(1).squeeze(-1)
        outcomes = [env.step(action) for env, action in zip(envs, actions.tolist(), strict=True)]
        next_obs, rewards, terminated, truncated, _ = map(np.stack, zip(*outcomes, strict=True))
        ends = terminated | truncated
        rows.append((obs, actions.numpy(), rewards.astype(np.float32), next_obs, terminated, ends))
        obs = np.stack([env.reset()[0] if end else seen for env, end, seen in zip(envs, ends, next_obs, strict=True)])
    return [torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True)], obs


@torch.no_grad()
def estimate(value, obs, actions, rewards, next_obs, terminated, ends):
    """Generalised advantages, and the returns that they stand for."""
    values, next_values = value(obs).squeeze(-1), value(next_obs).squeeze(-1)
    deltas = rewards + GAMMA * next_values * ~terminated - values
    advantages = discounted_sum(deltas, ends.float(), GAMMA * LAMBDA)
    return advantages, advantages + values


def policy_loss(policy, obs, actions, advantages):
    logits = policy(obs)
    weights = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    return -(taken(log_policy(logits), actions) * weights).mean() - 0.01 * entropy(logits).mean()


def value_loss(value, obs, returns):
    return (value(obs).squeeze(-1) - returns).square().mean()


def descend(optimizer, loss, *arguments):
    optimizer.zero_grad()
    loss(*arguments).backward()
    optimizer.step()
