"""References of discrete policies against torch.distributions, brute force and finite differences."""

from __future__ import annotations

import math

import pytest
import torch
from torch.autograd import gradcheck
from torch.distributions import Categorical

from reference.policy import action_log_prob, categorical_entropy, policy_gradient_loss


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(4)


def test_log_prob_is_that_of_a_categorical_distribution(rng: torch.Generator) -> None:
    logits = torch.randn(2, 3, 5, generator=rng, dtype=torch.float64)
    actions = torch.randint(5, (2, 3), generator=rng)

    torch.testing.assert_close(action_log_prob(logits, actions), Categorical(logits=logits).log_prob(actions))


def test_policy_gradient_loss_is_a_mean_over_samples(rng: torch.Generator) -> None:
    logits = torch.randn(7, 3, generator=rng, dtype=torch.float64)
    actions = torch.randint(3, (7,), generator=rng)
    returns = torch.randn(7, generator=rng, dtype=torch.float64)
    terms = [
        math.log(math.exp(row[a]) / sum(math.exp(z) for z in row)) * g
        for row, a, g in zip(logits.tolist(), actions.tolist(), returns.tolist(), strict=True)
    ]

    assert policy_gradient_loss(logits, actions, returns).item() == pytest.approx(-sum(terms) / 7, rel=1e-12)


def test_policy_gradient_loss_has_the_score_function_as_gradient(rng: torch.Generator) -> None:
    logits = torch.randn(5, 3, generator=rng, dtype=torch.float64, requires_grad=True)
    actions = torch.randint(3, (5,), generator=rng)
    returns = torch.randn(5, generator=rng, dtype=torch.float64)
    score = torch.nn.functional.one_hot(actions, 3) - torch.softmax(logits.detach(), -1)

    (gradient,) = torch.autograd.grad(policy_gradient_loss(logits, actions, returns), logits)

    torch.testing.assert_close(gradient, -score * returns[:, None] / 5)


def test_no_gradient_flows_into_the_returns(rng: torch.Generator) -> None:
    logits = torch.randn(5, 3, generator=rng, requires_grad=True)
    returns = torch.randn(5, generator=rng, requires_grad=True)

    policy_gradient_loss(logits, torch.randint(3, (5,), generator=rng), returns).backward()

    assert returns.grad is None


def test_entropy_is_that_of_a_categorical_distribution(rng: torch.Generator) -> None:
    logits = torch.randn(2, 3, 5, generator=rng, dtype=torch.float64)

    torch.testing.assert_close(categorical_entropy(logits), Categorical(logits=logits).entropy())


def test_equally_likely_actions_have_the_entropy_log_a() -> None:
    assert categorical_entropy(torch.full((6,), 2.5, dtype=torch.float64)).item() == pytest.approx(math.log(6))


def test_a_forbidden_action_is_as_good_as_absent(rng: torch.Generator) -> None:
    logits = torch.randn(4, 3, generator=rng, dtype=torch.float64)
    padded = torch.cat((logits, torch.full((4, 2), -torch.inf, dtype=torch.float64)), dim=-1).requires_grad_()
    entropy = categorical_entropy(padded)
    (gradient,) = torch.autograd.grad(entropy.sum(), padded)

    torch.testing.assert_close(entropy, categorical_entropy(logits))
    assert gradient[:, :3].isfinite().all()


def test_entropy_passes_gradcheck(rng: torch.Generator) -> None:
    logits = torch.randn(3, 4, generator=rng, dtype=torch.float64, requires_grad=True)

    assert gradcheck(categorical_entropy, (logits,))


def test_entropy_and_its_gradient_are_finite_for_large_logits() -> None:
    logits = torch.tensor([[1e4, -1e4, 0.0], [1e4, 1e4, -1e4]], requires_grad=True)
    entropy = categorical_entropy(logits)
    (gradient,) = torch.autograd.grad(entropy.sum(), logits)

    torch.testing.assert_close(entropy, torch.tensor([0.0, math.log(2)]))
    assert gradient.isfinite().all()
