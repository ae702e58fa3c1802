"""Proximal policy optimisation."""

from __future__ import annotations

import torch
from torch import Tensor

from reference.policy import action_log_prob, categorical_entropy


def ppo_clip_objective(log_prob: Tensor, old_log_prob: Tensor, advantages: Tensor, epsilon: float) -> Tensor:
    """Clipped surrogate objective, mean min(r Â, clip(r, 1 − ε, 1 + ε) Â) with r = π / π_old; to be maximised.

    Args:
        log_prob: `(N,)`, log-probability of each action under the policy that is trained.
        old_log_prob: `(N,)`, under the policy that collected the data; a constant.
        advantages: `(N,)`, constants.
        epsilon: how far from 1 the ratio counts.

    Returns:
        `()`.

    Source: Schulman et al. 2017, eq. 7.
    """
    ratio = torch.exp(log_prob - old_log_prob.detach())
    advantages = advantages.detach()
    clipped_ratio = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    return torch.minimum(ratio * advantages, clipped_ratio * advantages).mean()


def ppo_kl_penalty_objective(
    log_prob: Tensor, old_log_prob: Tensor, advantages: Tensor, kl: Tensor, beta: float
) -> Tensor:
    """Surrogate objective with a penalty on the change of the policy, mean(r Â − β KL); to be maximised.

    Args:
        log_prob: `(N,)`, log-probability of each action under the policy that is trained.
        old_log_prob: `(N,)`, under the policy that collected the data; a constant.
        advantages: `(N,)`, constants.
        kl: `(N,)`, KL(π_old ‖ π) in the state of each sample, differentiable.
        beta: weight of the penalty.

    Returns:
        `()`.

    Source: Schulman et al. 2017, eq. 8.
    """
    ratio = torch.exp(log_prob - old_log_prob.detach())
    return (ratio * advantages.detach() - beta * kl).mean()


def adaptive_kl_coefficient(beta: float, kl: float, kl_target: float) -> float:
    """Weight of the KL penalty for the next update: doubled where the policy moved too far, halved where too little.

    Args:
        beta: the weight in the update that was just made.
        kl: the mean divergence that it led to.
        kl_target: the divergence that is wanted.

    Returns:
        2 β where kl > 1.5 kl_target, β / 2 where kl < kl_target / 1.5, β between the two and at both bounds.

    Source: Schulman et al. 2017, §4.
    """
    if kl > 1.5 * kl_target:
        return 2 * beta
    if kl < kl_target / 1.5:
        return beta / 2
    return beta


def ppo_loss(
    logits: Tensor,
    actions: Tensor,
    old_log_prob: Tensor,
    advantages: Tensor,
    values: Tensor,
    returns: Tensor,
    epsilon: float,
    value_coef: float,
    entropy_coef: float,
) -> Tensor:
    """The whole loss of PPO, −L_clip + c_v ½ mean (V − R)² − c_e mean H; to be minimised.

    Args:
        logits: `(N, A)`, unnormalised log-probabilities of the policy that is trained.
        actions: `(N,)` int64, the actions taken.
        old_log_prob: `(N,)`, their log-probabilities under the policy that collected the data; a constant.
        advantages: `(N,)`, constants.
        values: `(N,)`, what the critic predicts, differentiable.
        returns: `(N,)`, what it should have predicted; constants.
        epsilon: how far from 1 the ratio counts.
        value_coef: weight of the critic's loss.
        entropy_coef: weight of the entropy bonus.

    Returns:
        `()`.

    Source: Schulman et al. 2017, eq. 9, with the sign of a loss.
    """
    policy_objective = ppo_clip_objective(action_log_prob(logits, actions), old_log_prob, advantages, epsilon)
    value_loss = (values - returns.detach()).square().mean() / 2
    entropy = categorical_entropy(logits).mean()
    return -policy_objective + value_coef * value_loss - entropy_coef * entropy


def normalize_advantages(advantages: Tensor, eps: float) -> Tensor:
    """Advantages with mean 0 and standard deviation 1 over the whole batch, (Â − mean) / (std + ε).

    Args:
        advantages: `(T, B)`, or any other shape: all elements count alike.
        eps: added to the standard deviation, which is the biased one (1/n).

    Returns:
        The shape of `advantages`.

    Source: Huang et al. 2022, "The 37 implementation details of proximal policy optimization", detail 7.
    """
    return (advantages - advantages.mean()) / (advantages.std(correction=0) + eps)
