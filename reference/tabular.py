"""Finite Markov decision processes whose model is known: exact values, occupancies and policy gradients."""

from __future__ import annotations

import torch
from torch import Tensor


def exact_policy_gradient(theta: Tensor, transition: Tensor, reward: Tensor, start: Tensor, gamma: float) -> Tensor:
    """Gradient of J(θ) = E Σ_t γ^t r_t of a tabular softmax policy: d(s) π(a|s) (Q(s, a) − V(s)).

    Args:
        theta: `(S, A)`, π(a|s) ∝ exp θ[s, a].
        transition: `(S, A, S)`, P(s'|s, a); where the rows add up to less than 1 the episode may end.
        reward: `(S, A)`, expected reward of each action.
        start: `(S,)`, how the first state is distributed.
        gamma: discount factor per step; I − γ P_π is invertible.

    Returns:
        `(S, A)`.

    Source: Sutton et al. 2000, theorem 1, with the discounted occupancy d(s) = Σ_t γ^t Pr(s_t = s).
    """
    policy = torch.softmax(theta, dim=-1)
    state_transition = torch.einsum("sa,sat->st", policy, transition)
    system = torch.eye(len(theta), dtype=theta.dtype, device=theta.device) - gamma * state_transition
    values: Tensor = torch.linalg.solve(system, (policy * reward).sum(dim=-1))
    occupancy: Tensor = torch.linalg.solve(system.T, start)
    q_values = reward + gamma * transition @ values
    return occupancy[:, None] * policy * (q_values - values[:, None])
