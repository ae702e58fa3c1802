"""Trust regions: the surrogate objective, divergences of policies, and the Fisher information of a batch of them."""

from __future__ import annotations

import torch
from torch import Tensor


def probability_ratio(log_prob: Tensor, old_log_prob: Tensor) -> Tensor:
    """How much likelier an action has become, π / π_old; differentiable in the new policy alone.

    Args:
        log_prob: `(...)`, log-probability under the policy that is trained.
        old_log_prob: `(...)`, under the policy that collected the data; a constant.

    Returns:
        `(...)`.

    Source: Schulman et al. 2015, eq. 13, the importance weights.
    """
    return torch.exp(log_prob - old_log_prob.detach())


def surrogate_objective(log_prob: Tensor, old_log_prob: Tensor, advantages: Tensor) -> Tensor:
    """What a trust-region step maximises, mean π / π_old · Â.

    Args:
        log_prob: `(N,)`, log-probability of each action under the policy that is trained.
        old_log_prob: `(N,)`, under the policy that collected the data; a constant.
        advantages: `(N,)`, constants.

    Returns:
        `()`.

    Source: Schulman et al. 2015, eq. 14.
    """
    return (probability_ratio(log_prob, old_log_prob) * advantages.detach()).mean()


def categorical_kl(old_logits: Tensor, new_logits: Tensor) -> Tensor:
    """Kullback-Leibler divergence of the new policy from the old one, Σ_a π_old(a) log(π_old(a) / π_new(a)), in nats.

    Args:
        old_logits: `(N, A)`, −inf for an action that is not allowed; at least one of each row is finite.
        new_logits: `(N, A)`, likewise.

    Returns:
        `(N,)`; an action that only the old policy forbids contributes 0, one that only the new policy forbids makes it
        +inf. Where both forbid the same actions it is finite, and so are its gradients in the finite logits.

    Source: Kullback & Leibler 1951, eq. 2.4; the constraint of Schulman et al. 2015, eq. 12.
    """
    old_log_probs = torch.log_softmax(old_logits, dim=-1)
    new_log_probs = torch.log_softmax(new_logits, dim=-1)
    # where the old policy never acts there is nothing to compare: −inf − (−inf) and 0 · (−inf) would be NaN
    log_ratio = (old_log_probs - new_log_probs).masked_fill(old_log_probs.isneginf(), 0.0)
    return (old_log_probs.exp() * log_ratio).sum(dim=-1)


def gaussian_kl(old_mean: Tensor, old_log_std: Tensor, new_mean: Tensor, new_log_std: Tensor) -> Tensor:
    """Kullback-Leibler divergence KL(old ‖ new) of diagonal Gaussian policies, in nats.

    Args:
        old_mean: `(N, D)`.
        old_log_std: `(N, D)`, logarithm of the standard deviation.
        new_mean: `(N, D)`.
        new_log_std: `(N, D)`.

    Returns:
        `(N,)`, summed over the dimensions.

    Source: Schulman et al. 2015, appendix C; Duchi 2007, "Derivations for linear algebra and optimization", §9.
    """
    log_ratio = old_log_std - new_log_std
    distance = (old_mean - new_mean) / torch.exp(new_log_std)
    return (0.5 * (torch.exp(2 * log_ratio) + distance.square() - 1) - log_ratio).sum(dim=-1)


def fisher_vector_product(logits: Tensor, vector: Tensor, damping: float) -> Tensor:
    """(F + damping · I) v, with the Fisher information F of softmax policies in their logits, a mean over the samples.

    F is the Hessian of the mean of `categorical_kl` at equal policies: 1/N (diag π − π πᵀ) for each sample, and 0
    between two samples.

    Args:
        logits: `(N, A)`.
        vector: `(N, A)`.
        damping: multiple of the vector that is added.

    Returns:
        `(N, A)`.

    Source: Schulman et al. 2015, appendix C.1; Kakade 2002, eq. 4.
    """
    probs = torch.softmax(logits, dim=-1)
    centred = vector - (probs * vector).sum(dim=-1, keepdim=True)
    return probs * centred / len(logits) + damping * vector
