"""Actor steps and the loss of A2C against torch.distributions, autograd and numbers by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Categorical

from reference.actor_critic import a2c_loss, actor_update

N, F, A = 7, 3, 4


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(5)


@pytest.fixture
def batch(rng: torch.Generator) -> dict[str, torch.Tensor]:
    numbers = torch.randn(3, N, generator=rng, dtype=torch.float64)
    return {
        "logits": torch.randn(N, A, generator=rng, dtype=torch.float64),
        "actions": torch.randint(A, (N,), generator=rng),
        **dict(zip(("advantages", "values", "returns"), numbers, strict=True)),
    }


def test_an_actor_ascends_the_weighted_log_probability(rng: torch.Generator) -> None:
    theta = torch.randn(F, A, generator=rng, dtype=torch.float64, requires_grad=True)
    features = torch.randn(N, F, generator=rng, dtype=torch.float64)
    actions, errors = torch.randint(A, (N,), generator=rng), torch.randn(N, generator=rng, dtype=torch.float64)
    objective = (Categorical(logits=features @ theta).log_prob(actions) * errors).mean()
    (gradient,) = torch.autograd.grad(objective, theta)

    new = actor_update(theta.detach(), features, actions, errors, 0.3)

    torch.testing.assert_close(new, (theta + 0.3 * gradient).detach())


def test_an_actor_that_knows_nothing_moves_by_one_minus_its_probability() -> None:
    new = actor_update(torch.zeros(1, 4), torch.tensor([[2.0]]), torch.tensor([1]), torch.tensor([3.0]), 0.5)

    torch.testing.assert_close(new, torch.tensor([[-0.75, 2.25, -0.75, -0.75]]))


def test_the_loss_is_the_sum_of_its_three_terms(batch: dict[str, torch.Tensor]) -> None:
    policy = Categorical(logits=batch["logits"])
    actor = -(policy.log_prob(batch["actions"]) * batch["advantages"]).sum() / N
    critic = torch.nn.functional.mse_loss(batch["values"], batch["returns"])

    loss = a2c_loss(**batch, value_coef=0.5, entropy_coef=0.01)

    torch.testing.assert_close(loss, actor + 0.5 * critic - 0.01 * policy.entropy().mean())


def test_a_known_loss() -> None:
    one = torch.ones(1, dtype=torch.float64)

    loss = a2c_loss(torch.zeros(1, 2).double(), torch.tensor([0]), 2 * one, 3 * one, 5 * one, 0.5, 0.25)

    assert loss.item() == pytest.approx(2 * math.log(2) + 0.5 * 4 - 0.25 * math.log(2))


def test_advantages_and_returns_are_constants(batch: dict[str, torch.Tensor]) -> None:
    inputs = {name: tensor.requires_grad_() if name != "actions" else tensor for name, tensor in batch.items()}

    a2c_loss(**inputs, value_coef=0.5, entropy_coef=0.01).backward()

    assert inputs["advantages"].grad is None
    assert inputs["returns"].grad is None
    torch.testing.assert_close(
        inputs["values"].grad, (inputs["values"] - inputs["returns"]).detach() / N
    )  # 0.5 · 2 (V − R) / N


def test_loss_and_gradient_are_finite_for_large_logits() -> None:
    logits = torch.tensor([[1e4, -1e4, 0.0], [0.0, 1e4, -1e4]], requires_grad=True)

    loss = a2c_loss(logits, torch.tensor([1, 0]), torch.ones(2), torch.zeros(2), torch.ones(2), 0.5, 0.01)
    (gradient,) = torch.autograd.grad(loss, logits)

    assert loss.item() == pytest.approx(15_000.5)
    assert gradient.isfinite().all()
