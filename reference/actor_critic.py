"""Steps and losses of advantage actor–critics with a softmax policy."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from reference.policy import action_log_prob, categorical_entropy, policy_gradient_loss
from reference.returns import td_error


def actor_update(theta: Tensor, features: Tensor, actions: Tensor, td_errors: Tensor, lr: float) -> Tensor:
    """One step of a linear softmax actor with logits x θ: θ + α mean δ ∇ log π(a|s).

    Args:
        theta: `(F, A)`.
        features: `(N, F)`, x of each state.
        actions: `(N,)` int64, the action taken there.
        td_errors: `(N,)`, δ, the estimated advantage of that action.
        lr: step size α.

    Returns:
        `(F, A)`, the new θ.

    Source: Sutton & Barto 2018, §13.5 and exercise 13.3.
    """
    probs = torch.softmax(features @ theta, dim=-1)
    taken = one_hot(actions, theta.shape[1]).to(theta.dtype)
    # ∇_θ log π(a|s) = x (1[b = a] − π(b|s)), a matrix with one row for each feature
    scores = torch.einsum("nf,na->nfa", features, taken - probs)
    return theta + lr * (td_errors[:, None, None] * scores).mean(dim=0)


def a2c_loss(
    logits: Tensor,
    actions: Tensor,
    advantages: Tensor,
    values: Tensor,
    returns: Tensor,
    value_coef: float,
    entropy_coef: float,
) -> Tensor:
    """Loss of A2C: −mean log π(a|s) Â + c_v mean (R − V)² − c_e mean H.

    Args:
        logits: `(N, A)`.
        actions: `(N,)` int64.
        advantages: `(N,)`, Â; no gradient flows into them.
        values: `(N,)`, V(s) of the critic.
        returns: `(N,)`, what V(s) is to become; no gradient flows into them.
        value_coef: c_v, weight of the critic's loss.
        entropy_coef: c_e, weight of the entropy.

    Returns:
        `()`.

    Source: Mnih et al. 2016, §4 and algorithm S3.
    """
    policy_loss = -(action_log_prob(logits, actions) * advantages.detach()).mean()
    value_loss = (returns.detach() - values).square().mean()
    return policy_loss + value_coef * value_loss - entropy_coef * categorical_entropy(logits).mean()


def actor_critic_losses(
    logits: Tensor,
    actions: Tensor,
    rewards: Tensor,
    values: Tensor,
    next_values: Tensor,
    dones: Tensor,
    gamma: float,
) -> tuple[Tensor, Tensor]:
    """Losses of a one-step actor–critic: −mean log π(a|s) sg(δ) and ½ mean (sg(r + γ (1 − d) V(s')) − V(s))².

    Args:
        logits: `(N, A)`.
        actions: `(N,)` int64.
        rewards: `(N,)`, reward of each step.
        values: `(N,)`, V of the state before it; the actor's loss takes them for constants.
        next_values: `(N,)`, V of the state after it; no gradient flows into them.
        dones: `(N,)`, 1 where the episode terminated at that step.
        gamma: discount factor per step.

    Returns:
        `()` and `()`, the actor's loss and the critic's.

    Source: Sutton & Barto 2018, §13.5.
    """
    errors = td_error(rewards, values, next_values, dones, gamma)
    return policy_gradient_loss(logits, actions, errors), errors.square().mean() / 2
