"""Losses of a deterministic actor–critic."""

from __future__ import annotations

from torch import Tensor

from reference.returns import td_error


def ddpg_losses(
    q_values: Tensor,
    rewards: Tensor,
    next_q_values: Tensor,
    dones: Tensor,
    gamma: float,
    actor_q_values: Tensor,
) -> tuple[Tensor, Tensor]:
    """Losses of DDPG: mean (Q(s, a) − sg(r + γ (1 − d) Q'(s', μ'(s'))))² and −mean Q(s, μ(s)).

    Args:
        q_values: `(N,)`, Q(s, a) of the actions that were stored.
        rewards: `(N,)`.
        next_q_values: `(N,)`, the target networks' value of the next state; no gradient flows into them.
        dones: `(N,)`, 1 where the episode terminated.
        gamma: discount factor per step.
        actor_q_values: `(N,)`, Q(s, μ(s)) of the actions that the actor would take now.

    Returns:
        `()` and `()`, the critic's loss and the actor's.

    Source: Lillicrap et al. 2016, algorithm 1.
    """
    errors = td_error(rewards, q_values, next_q_values, dones, gamma)
    return errors.square().mean(), -actor_q_values.mean()
