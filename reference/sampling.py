"""What is estimated from samples, and how samples are split into minibatches."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from reference.returns import discounted_returns


def policy_gradient_estimate(theta: Tensor, states: Tensor, actions: Tensor, rewards: Tensor, gamma: float) -> Tensor:
    """Mean over trajectories of Σ_t ∇ log π(a_t|s_t) Σ_{t'≥t} γ^{t'−t} r_{t'}, for a tabular softmax policy.

    Args:
        theta: `(S, A)`, π(a|s) ∝ exp θ[s, a].
        states: `(N, T)` int64, state before each step.
        actions: `(N, T)` int64, action of each step.
        rewards: `(N, T)`, reward of each step.
        gamma: discount factor per step.

    Returns:
        `(S, A)`.

    Source: Williams 1992; Sutton & Barto 2018, eqs. 13.8 and 13.9.
    """
    returns = discounted_returns(rewards.T, torch.zeros_like(rewards.T), gamma).T
    scores = torch.nn.functional.one_hot(actions, theta.shape[1]) - torch.softmax(theta, dim=-1)[states]
    weighted = (returns.unsqueeze(-1) * scores).flatten(0, 1)
    return torch.zeros_like(theta).index_add(0, states.flatten(), weighted) / len(states)


def importance_sampling_estimate(
    target_log_prob: Tensor, behavior_log_prob: Tensor, returns: Tensor, weighted: bool
) -> Tensor:
    """Expected return under the target policy from trajectories of another one, by the ratios ρ = Π_t π/μ.

    Args:
        target_log_prob: `(N, T)`, log π of the actions taken.
        behavior_log_prob: `(N, T)`, log μ of the same actions, by which they were drawn.
        returns: `(N,)`, return of each trajectory.
        weighted: Σ ρ G / Σ ρ, which has less variance and some bias, in place of the mean of ρ G.

    Returns:
        `()`.

    Source: Precup, Sutton & Singh 2000; Sutton & Barto 2018, eqs. 5.5 and 5.6.
    """
    log_ratios = (target_log_prob - behavior_log_prob).sum(dim=-1)
    if weighted:
        return (torch.softmax(log_ratios, dim=0) * returns).sum()
    return (log_ratios.exp() * returns).mean()


def minibatch_indices(size: int, minibatch_size: int, epochs: int, generator: Generator) -> Tensor:
    """Indices of every minibatch, a fresh permutation for each epoch.

    Args:
        size: number of samples.
        minibatch_size: samples of one minibatch, a divisor of `size`.
        epochs: passes over all samples.
        generator: where all randomness comes from.

    Returns:
        `(epochs · size / minibatch_size, minibatch_size)` int64.

    Source: Schulman et al. 2017, algorithm 1.
    """
    orders = [torch.randperm(size, generator=generator) for _ in range(epochs)]
    return torch.cat(orders).view(-1, minibatch_size)
