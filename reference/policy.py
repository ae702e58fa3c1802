"""Policies over discrete actions: log-probabilities, the policy gradient loss, entropy."""

from __future__ import annotations

import torch
from torch import Tensor


def action_log_prob(logits: Tensor, actions: Tensor) -> Tensor:
    """Log-probability of the actions taken, log π(a|s) of a softmax policy.

    Args:
        logits: `(..., A)`, unnormalised log-probabilities.
        actions: `(...)` int64, indices in `[0, A)`.

    Returns:
        `(...)`.

    Source: Sutton & Barto 2018, eq. 13.2.
    """
    log_probs = torch.log_softmax(logits, dim=-1)
    return log_probs.gather(-1, actions.unsqueeze(-1)).squeeze(-1)


def policy_gradient_loss(logits: Tensor, actions: Tensor, returns: Tensor) -> Tensor:
    """Loss whose descent ascends the policy gradient, −mean log π(a|s) G; the returns are constants.

    Args:
        logits: `(N, A)`.
        actions: `(N,)` int64.
        returns: `(N,)`, weight of each sample; no gradient flows into them.

    Returns:
        `()`.

    Source: Williams 1992; Sutton & Barto 2018, eq. 13.8.
    """
    return -(action_log_prob(logits, actions) * returns.detach()).mean()


def categorical_entropy(logits: Tensor) -> Tensor:
    """Entropy in nats, H = −Σ_a π(a) log π(a), with 0 · log 0 = 0.

    Args:
        logits: `(..., A)`, −inf for an action that is not allowed; at least one of each row is finite.

    Returns:
        `(...)`, finite, and so is its gradient with respect to the finite logits.

    Source: Shannon 1948, §6.
    """
    log_probs = torch.log_softmax(logits, dim=-1)
    # exp(−inf) · (−inf) is NaN, in the value and in the gradient, so the factor is made finite first
    finite_log_probs = log_probs.masked_fill(log_probs.isneginf(), 0.0)
    return -(log_probs.exp() * finite_log_probs).sum(dim=-1)
