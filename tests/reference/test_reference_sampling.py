"""Estimators and minibatches against numbers by hand and other ways to compute them."""

from __future__ import annotations

import math

import pytest
import torch

from reference.sampling import importance_sampling_estimate, minibatch_indices, policy_gradient_estimate


def test_a_gradient_by_hand() -> None:
    theta = torch.tensor([[0.0, 0.0], [0.0, math.log(3.0)]])
    gradient = policy_gradient_estimate(
        theta, torch.tensor([[0, 1]]), torch.tensor([[1, 0]]), torch.tensor([[1.0, 4.0]]), 0.5
    )
    # G_0 = 1 + 4 / 2 = 3, G_1 = 4; the scores are (−1/2, 1/2) and (3/4, −3/4)
    assert torch.allclose(gradient, torch.tensor([[-1.5, 1.5], [3.0, -3.0]]))


def test_the_gradient_is_that_of_the_surrogate() -> None:
    rng = torch.Generator().manual_seed(1)
    theta = torch.randn(4, 3, generator=rng, dtype=torch.float64, requires_grad=True)
    states, actions = torch.randint(4, (5, 7), generator=rng), torch.randint(3, (5, 7), generator=rng)
    rewards = torch.randn(5, 7, generator=rng, dtype=torch.float64)
    returns = torch.stack([sum(0.9 ** (k - t) * rewards[:, k] for k in range(t, 7)) for t in range(7)], dim=1)
    surrogate = (torch.log_softmax(theta, dim=-1)[states, actions] * returns).sum(dim=1).mean()
    (wanted,) = torch.autograd.grad(surrogate, theta)
    assert torch.allclose(policy_gradient_estimate(theta.detach(), states, actions, rewards, 0.9), wanted)


def test_importance_sampling_by_hand() -> None:
    target = torch.tensor([[0.5, 0.5], [0.25, 1.0]]).log()
    behavior = torch.tensor([[0.25, 0.5], [0.5, 1.0]]).log()
    returns = torch.tensor([3.0, 8.0])  # ρ = 2 and 1/2
    assert float(importance_sampling_estimate(target, behavior, returns, False)) == pytest.approx(5.0)
    assert float(importance_sampling_estimate(target, behavior, returns, True)) == pytest.approx(4.0)


def test_importance_sampling_is_stable() -> None:
    log_prob = torch.full((2, 3), -5000.0)
    returns = torch.tensor([1.0, 3.0])
    assert float(importance_sampling_estimate(log_prob, log_prob, returns, False)) == 2.0
    assert float(importance_sampling_estimate(log_prob + 4000, log_prob, returns, True)) == 2.0


def test_every_epoch_is_a_permutation() -> None:
    indices = minibatch_indices(12, 4, 3, torch.Generator().manual_seed(1))
    assert indices.shape == (9, 4)
    assert indices.dtype is torch.int64
    for epoch in indices.view(3, 12):
        assert sorted(epoch.tolist()) == list(range(12))
    assert len({tuple(epoch) for epoch in indices.view(3, 12).tolist()}) == 3
