"""References of trust regions against torch.distributions, Hessians by autograd, and numbers computed by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch.autograd import gradcheck
from torch.distributions import Categorical, Independent, Normal, kl_divergence

from reference.trust_region import (
    categorical_kl,
    fisher_vector_product,
    gaussian_kl,
    probability_ratio,
    surrogate_objective,
)

FORBIDDEN = -math.inf


def _drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_the_surrogate_weighs_each_advantage_with_the_ratio_of_the_probabilities() -> None:
    log_prob, old_log_prob = torch.tensor([0.5, 0.2]).log(), torch.tensor([0.25, 0.4]).log()

    result = surrogate_objective(log_prob, old_log_prob, torch.tensor([3.0, -1.0]))

    torch.testing.assert_close(result, torch.tensor((2.0 * 3.0 - 0.5 * 1.0) / 2))


def test_a_ratio_is_one_where_the_policy_has_not_moved_however_small_the_probability() -> None:
    assert probability_ratio(torch.tensor(-1000.0), torch.tensor(-1000.0)) == 1.0


def test_the_gradient_of_the_surrogate_at_the_old_policy_is_the_policy_gradient() -> None:
    logits, advantages = _drawn(5, 3).requires_grad_(), _drawn(5, seed=1)
    log_prob = torch.log_softmax(logits, dim=-1)[:, 1]

    (surrogate,) = torch.autograd.grad(surrogate_objective(log_prob, log_prob, advantages), logits, retain_graph=True)
    (policy_gradient,) = torch.autograd.grad((log_prob * advantages).mean(), logits)

    torch.testing.assert_close(surrogate, policy_gradient)


def test_no_gradient_flows_into_the_constants_of_the_surrogate() -> None:
    log_prob, old_log_prob, advantages = (_drawn(4, seed=seed).requires_grad_() for seed in range(3))

    surrogate_objective(log_prob, old_log_prob, advantages).backward()

    assert log_prob.grad is not None
    assert old_log_prob.grad is None
    assert advantages.grad is None


def test_categorical_kl_is_the_library_s() -> None:
    old, new = _drawn(4, 5), _drawn(4, 5, seed=1)

    torch.testing.assert_close(
        categorical_kl(old, new), kl_divergence(Categorical(logits=old), Categorical(logits=new))
    )


def test_categorical_kl_passes_gradcheck() -> None:
    assert gradcheck(categorical_kl, [_drawn(2, 3).requires_grad_(), _drawn(2, 3, seed=1).requires_grad_()])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([0.0, 0.0, FORBIDDEN], [0.0, math.log(3.0), FORBIDDEN], math.log(2.0) - math.log(3.0) / 2),
        ([0.0, 0.0, FORBIDDEN], [0.0, 0.0, 0.0], math.log(3.0 / 2.0)),
        ([0.0, 0.0, 0.0], [0.0, 0.0, FORBIDDEN], math.inf),
        ([0.0, FORBIDDEN, FORBIDDEN], [5.0, FORBIDDEN, FORBIDDEN], 0.0),
    ],
    ids=["both forbid it", "only the old one does", "only the new one does", "one action is left"],
)
def test_forbidden_actions_in_a_kl(old: list[float], new: list[float], expected: float) -> None:
    result = categorical_kl(torch.tensor([old]), torch.tensor([new]))

    torch.testing.assert_close(result, torch.tensor([expected]))


def test_gradients_of_a_kl_stay_finite_where_both_forbid_an_action() -> None:
    old = torch.tensor([[0.5, FORBIDDEN, -1.0]], requires_grad=True)
    new = torch.tensor([[1.5, FORBIDDEN, 0.0]], requires_grad=True)

    categorical_kl(old, new).sum().backward()

    for leaf in (old, new):
        assert leaf.grad is not None
        assert leaf.grad[leaf.isfinite()].isfinite().all()


def test_gaussian_kl_is_the_library_s() -> None:
    old_mean, old_log_std, new_mean, new_log_std = (_drawn(4, 3, seed=seed) for seed in range(4))
    old = Independent(Normal(old_mean, old_log_std.exp()), 1)
    new = Independent(Normal(new_mean, new_log_std.exp()), 1)

    torch.testing.assert_close(gaussian_kl(old_mean, old_log_std, new_mean, new_log_std), kl_divergence(old, new))


def test_gaussian_kl_of_a_mean_one_deviation_away_is_one_half_for_each_dimension() -> None:
    zeros = torch.zeros(1, 3)

    torch.testing.assert_close(gaussian_kl(zeros, zeros, zeros + 1, zeros), torch.tensor([1.5]))


def test_gaussian_kl_passes_gradcheck() -> None:
    assert gradcheck(gaussian_kl, [_drawn(2, 3, seed=seed).requires_grad_() for seed in range(4)])


@pytest.mark.parametrize("reversed_kl", [False, True], ids=["old ‖ new", "new ‖ old"])
def test_the_fisher_is_the_hessian_of_the_mean_kl_in_either_direction(reversed_kl: bool) -> None:
    logits, vector = _drawn(3, 4), _drawn(3, 4, seed=1)

    def mean_kl(moved: torch.Tensor) -> torch.Tensor:
        pair = (moved, logits) if reversed_kl else (logits, moved)
        return categorical_kl(*pair).mean()

    hessian = torch.autograd.functional.hessian(mean_kl, logits)

    expected = torch.einsum("namb,mb->na", hessian, vector) + 0.1 * vector
    torch.testing.assert_close(fisher_vector_product(logits, vector, 0.1), expected)


def test_the_fisher_is_the_mean_of_outer_products_of_scores() -> None:
    logits, vector = _drawn(2, 3), _drawn(2, 3, seed=1)
    expected = torch.zeros(2, 3, dtype=torch.float64)
    for n in range(2):
        probs = torch.softmax(logits[n], dim=0)
        for a in range(3):
            score = torch.eye(3, dtype=torch.float64)[a] - probs
            expected[n] += probs[a] * score * (score @ vector[n]) / 2

    torch.testing.assert_close(fisher_vector_product(logits, vector, 0.0), expected)


def test_two_equally_likely_actions_by_hand() -> None:
    result = fisher_vector_product(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), 0.5)

    torch.testing.assert_close(result, torch.tensor([[0.25 + 0.5, -0.25]]))
