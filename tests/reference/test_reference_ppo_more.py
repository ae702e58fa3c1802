"""References of PPO's penalised objective, whole loss, advantages and coefficient, against loops and numbers."""

from __future__ import annotations

import math
import statistics

import pytest
import torch
from torch.autograd import gradcheck
from torch.distributions import Categorical

from reference.ppo import (
    adaptive_kl_coefficient,
    normalize_advantages,
    ppo_clip_objective,
    ppo_kl_penalty_objective,
    ppo_loss,
)


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(5)


@pytest.fixture
def batch(rng: torch.Generator) -> dict[str, torch.Tensor]:
    """Seven samples of a policy over three actions."""
    logits = torch.randn(7, 3, generator=rng, dtype=torch.float64)
    actions = torch.randint(3, (7,), generator=rng)
    noise, advantages, values, returns = torch.randn(4, 7, generator=rng, dtype=torch.float64)
    old_log_prob = Categorical(logits=logits).log_prob(actions) + 0.4 * noise
    return {
        "logits": logits,
        "actions": actions,
        "old_log_prob": old_log_prob,
        "advantages": advantages,
        "values": values,
        "returns": returns,
    }


def test_the_penalised_objective_of_two_samples() -> None:
    log_prob = torch.tensor([math.log(0.6), math.log(0.1)], dtype=torch.float64)
    old_log_prob = torch.tensor([math.log(0.4), math.log(0.2)], dtype=torch.float64)
    advantages = torch.tensor([2.0, -1.0], dtype=torch.float64)
    kl = torch.tensor([0.1, 0.3], dtype=torch.float64)

    objective = ppo_kl_penalty_objective(log_prob, old_log_prob, advantages, kl, 0.5)

    assert objective.item() == pytest.approx(((1.5 * 2 - 0.05) + (0.5 * -1 - 0.15)) / 2)


def test_the_penalty_is_differentiated_and_the_constants_are_not(rng: torch.Generator) -> None:
    log_prob, old, advantages, kl = torch.randn(4, 5, generator=rng, dtype=torch.float64).unbind()
    for tensor in (log_prob, old, advantages, kl):
        tensor.requires_grad_()

    ppo_kl_penalty_objective(log_prob, old, advantages, kl, 0.5).backward()

    torch.testing.assert_close(kl.grad, torch.full_like(kl, -0.1))
    assert log_prob.grad is not None
    assert old.grad is None
    assert advantages.grad is None


@pytest.mark.parametrize(
    ("kl", "expected"),
    [(0.0, 1.5), (0.16, 1.5), (0.17, 3.0), (0.25, 3.0), (0.37, 3.0), (0.375, 3.0), (0.38, 6.0), (5.0, 6.0)],
)
def test_the_coefficient_follows_the_divergence(kl: float, expected: float) -> None:
    assert adaptive_kl_coefficient(3.0, kl, 0.25) == expected


def test_the_coefficient_stays_at_the_lower_bound() -> None:
    assert adaptive_kl_coefficient(3.0, 0.25, 0.375) == 3.0


def test_the_loss_is_the_mean_of_its_three_terms_over_samples(batch: dict[str, torch.Tensor]) -> None:
    terms = []
    for i in range(7):
        log_pi = [z - math.log(sum(map(math.exp, batch["logits"][i].tolist()))) for z in batch["logits"][i].tolist()]
        ratio = math.exp(log_pi[int(batch["actions"][i])] - float(batch["old_log_prob"][i]))
        advantage = float(batch["advantages"][i])
        clipped = min(ratio * advantage, min(max(ratio, 0.8), 1.2) * advantage)
        squared = float(batch["values"][i] - batch["returns"][i]) ** 2
        entropy = -sum(math.exp(each) * each for each in log_pi)
        terms.append(-clipped + 0.7 * squared / 2 - 0.3 * entropy)

    loss = ppo_loss(**batch, epsilon=0.2, value_coef=0.7, entropy_coef=0.3)

    assert loss.item() == pytest.approx(statistics.fmean(terms), rel=1e-12)


def test_the_loss_without_its_other_terms_is_the_negative_objective(batch: dict[str, torch.Tensor]) -> None:
    log_prob = Categorical(logits=batch["logits"]).log_prob(batch["actions"])
    objective = ppo_clip_objective(log_prob, batch["old_log_prob"], batch["advantages"], 0.2)

    torch.testing.assert_close(ppo_loss(**batch, epsilon=0.2, value_coef=0.0, entropy_coef=0.0), -objective)


def test_the_loss_passes_gradcheck_in_logits_and_values(batch: dict[str, torch.Tensor]) -> None:
    def loss(logits: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        return ppo_loss(**{**batch, "logits": logits, "values": values}, epsilon=0.2, value_coef=0.7, entropy_coef=0.3)

    assert gradcheck(loss, (batch["logits"].requires_grad_(), batch["values"].requires_grad_()))


def test_no_gradient_flows_into_the_constants_of_the_loss(batch: dict[str, torch.Tensor]) -> None:
    differentiated = {n: t.requires_grad_() if t.is_floating_point() else t for n, t in batch.items()}

    ppo_loss(**differentiated, epsilon=0.2, value_coef=0.7, entropy_coef=0.3).backward()

    with_gradient = {name for name, tensor in differentiated.items() if tensor.grad is not None}
    assert with_gradient == {"logits", "values"}


def test_the_loss_and_its_gradient_are_finite_for_large_logits() -> None:
    logits = torch.tensor([[1e4, -1e4, 0.0]], requires_grad=True)
    zero = torch.zeros(1)
    loss = ppo_loss(logits, torch.tensor([0]), zero, zero + 1, zero, zero, 0.2, 0.5, 0.01)
    loss.backward()

    assert loss.item() == -1.0
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_normalised_advantages_have_mean_0_and_standard_deviation_1(rng: torch.Generator) -> None:
    advantages = 3 + 5 * torch.randn(4, 6, generator=rng, dtype=torch.float64)
    values = normalize_advantages(advantages, 0.0).flatten().tolist()

    assert statistics.fmean(values) == pytest.approx(0, abs=1e-12)
    assert statistics.pstdev(values) == pytest.approx(1)


def test_epsilon_is_added_to_the_standard_deviation() -> None:
    normalised = normalize_advantages(torch.tensor([[1.0, 5.0], [5.0, 1.0]], dtype=torch.float64), 0.5)

    assert normalised.tolist() == [[-0.8, 0.8], [0.8, -0.8]]


def test_equal_advantages_become_0() -> None:
    assert normalize_advantages(torch.full((2, 3), 7.0), 1e-8).tolist() == [[0.0] * 3] * 2
