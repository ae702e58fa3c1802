"""A complete policy-gradient agent: advantage actor–critic with clipped updates (PPO) on one Gymnasium environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

GAMMA, LAMBDA = 0.98, 0.9
CLIP = 0.2
ROLLOUT = 256
"""Steps between two updates."""

EPOCHS, MINIBATCH = 8, 64
LEARNING_RATE = 3e-3
ENTROPY, VALUE = 0.01, 0.5
LARGEST_GRADIENT = 0.5


class Rollout(NamedTuple):
    """Consecutive steps of one environment, time first."""

    observations: Tensor
    actions: Tensor
    log_probs: Tensor
    advantages: Tensor
    returns: Tensor


class Agent(nn.Module):
    """Two small networks: logits of a categorical policy, and a state value."""

    def __init__(self, observations: int, actions: int) -> None:
        """Networks for observations of so many numbers, and so many actions."""
        super().__init__()
        self.policy = _network(observations, actions, 0.01)
        self.value = _network(observations, 1, 1.0)

    def log_policy(self, observations: Tensor) -> Tensor:
        """Logarithms of the action probabilities `(..., A)` at observations `(..., obs)`."""
        return torch.log_softmax(self.policy(observations), dim=-1)

    def values(self, observations: Tensor) -> Tensor:
        """State values `(...)` of observations `(..., obs)`."""
        values: Tensor = self.value(observations).squeeze(-1)
        return values


def train(make_env: Callable[[], Any], total_steps: int, seed: int) -> Callable[[Any], int]:
    """Train an agent with at most `total_steps` steps of the environment.

    Args:
        make_env: makes the environment (Gymnasium; a flat Box of observations, Discrete actions).
        total_steps: what all environments together may be stepped.
        seed: of initial weights, sampled actions, minibatches and the environment.

    Returns:
        The greedy policy: an observation `(obs,)` to an action.

    Source: Schulman et al. 2017, "Proximal Policy Optimization Algorithms", algorithm 1.
    """
    torch.manual_seed(seed)
    environment = make_env()
    agent = Agent(environment.observation_space.shape[0], int(environment.action_space.n))
    optimizer = torch.optim.Adam(agent.parameters(), lr=LEARNING_RATE, eps=1e-5)
    observation, _ = environment.reset(seed=seed)
    for taken in range(0, total_steps, ROLLOUT):
        steps = min(ROLLOUT, total_steps - taken)
        rollout, observation = _collect(environment, agent, observation, steps)
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - taken / total_steps)
        for _ in range(EPOCHS):
            for rows in torch.split(torch.randperm(steps), MINIBATCH):
                _update(agent, optimizer, Rollout(*(part[rows] for part in rollout)))
    return lambda seen: int(agent.policy(torch.as_tensor(seen)).argmax())


def _network(inputs: int, outputs: int, gain: float) -> nn.Sequential:
    """Two hidden layers; weights are orthogonal, those of the last layer scaled by `gain`."""
    first, second, last = nn.Linear(inputs, 64), nn.Linear(64, 64), nn.Linear(64, outputs)
    for layer, scale in ((first, 2**0.5), (second, 2**0.5), (last, gain)):
        nn.init.orthogonal_(layer.weight, scale)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), last)


@torch.no_grad()
def _collect(environment: Any, agent: Agent, observation: Any, steps: int) -> tuple[Rollout, Any]:
    """Follow the policy for so many steps; the rollout, and the observation after it."""
    seen, following, actions, log_probs = [], [], [], []
    rewards, terminated, ended = torch.zeros(steps), torch.zeros(steps), torch.zeros(steps)
    for t in range(steps):
        seen.append(torch.as_tensor(observation))
        log_policy = agent.log_policy(seen[-1])
        actions.append(torch.multinomial(log_policy.exp(), 1)[0])
        log_probs.append(log_policy[actions[-1]])
        observation, rewards[t], terminal, truncated, _ = environment.step(int(actions[-1]))
        following.append(torch.as_tensor(observation))
        terminated[t], ended[t] = terminal, terminal or truncated
        if terminal or truncated:
            observation, _ = environment.reset()
    observations = torch.stack(seen)
    values = agent.values(observations)
    errors = rewards + GAMMA * (1 - terminated) * agent.values(torch.stack(following)) - values
    advantages = _advantages(errors, ended)
    rollout = Rollout(observations, torch.stack(actions), torch.stack(log_probs), advantages, advantages + values)
    return rollout, observation


def _advantages(errors: Tensor, ended: Tensor) -> Tensor:
    """Generalised advantage estimates `(T,)` from TD errors; the sum stops where an episode ends or is truncated."""
    advantages = torch.zeros_like(errors)
    following = torch.zeros(())
    for t in range(len(errors) - 1, -1, -1):
        following = errors[t] + GAMMA * LAMBDA * (1 - ended[t]) * following
        advantages[t] = following
    return advantages


def _update(agent: Agent, optimizer: torch.optim.Optimizer, batch: Rollout) -> None:
    """One gradient step on the clipped objective, the value error and the entropy."""
    log_policy = agent.log_policy(batch.observations)
    entropy = -(log_policy.exp() * log_policy).sum(dim=-1).mean()
    log_probs = torch.gather(log_policy, -1, batch.actions[:, None])[:, 0]
    ratio = torch.exp(log_probs - batch.log_probs)
    advantages = (batch.advantages - batch.advantages.mean()) / (batch.advantages.std(correction=0) + 1e-8)
    clipped = ratio.clamp(1 - CLIP, 1 + CLIP)
    objective = torch.minimum(ratio * advantages, clipped * advantages).mean()
    value_error = (agent.values(batch.observations) - batch.returns).square().mean()
    optimizer.zero_grad()
    torch.autograd.backward(VALUE * value_error - objective - ENTROPY * entropy)
    nn.utils.clip_grad_norm_(agent.parameters(), LARGEST_GRADIENT)
    optimizer.step()
