"""References of how a trust-region step is found, against direct solutions, optimality, and numbers by hand."""

from __future__ import annotations

import math

import pytest
import torch

from reference.optimisation import conjugate_gradient, line_search_fraction, natural_gradient_step


def _drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _definite(n: int) -> torch.Tensor:
    factor = _drawn(n, n)
    return factor @ factor.mT + 0.1 * torch.eye(n, dtype=torch.float64)


def test_the_textbook_example_of_conjugate_gradients_after_its_first_step() -> None:
    matrix, vector = torch.tensor([[4.0, 1.0], [1.0, 3.0]]), torch.tensor([1.0, 2.0])

    # r = b: rᵀr = 5, and pᵀA p = 4 + 2 + 2 + 12 = 20
    torch.testing.assert_close(conjugate_gradient(matrix, vector, 1), vector / 4)
    torch.testing.assert_close(conjugate_gradient(matrix, vector, 2), torch.tensor([1.0, 7.0]) / 11)


@pytest.mark.parametrize("n", [1, 3, 7])
def test_as_many_steps_as_dimensions_solve_the_system(n: int) -> None:
    matrix, vector = _definite(n), _drawn(n, seed=1)

    torch.testing.assert_close(
        conjugate_gradient(matrix, vector, n), torch.linalg.solve(matrix, vector), rtol=1e-6, atol=1e-9
    )


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_every_iterate_is_the_best_one_in_its_krylov_space(steps: int) -> None:
    matrix, vector = _definite(6), _drawn(6, seed=1)
    basis, _ = torch.linalg.qr(torch.stack([torch.linalg.matrix_power(matrix, k) @ vector for k in range(steps)], 1))

    expected = basis @ torch.linalg.solve(basis.mT @ matrix @ basis, basis.mT @ vector)

    torch.testing.assert_close(conjugate_gradient(matrix, vector, steps), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("iterations", [5, 100])
def test_steps_after_the_solution_leave_it_as_it_is(iterations: int, dtype: torch.dtype) -> None:
    matrix, vector = _definite(4).to(dtype), _drawn(4, seed=1).to(dtype)

    torch.testing.assert_close(
        conjugate_gradient(matrix, vector, iterations), torch.linalg.solve(matrix, vector), rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize("vector", [[0.0, 0.0], [3.0, -1.0]])
def test_a_residual_of_exactly_zero_gives_no_nan(vector: list[float]) -> None:
    b = torch.tensor(vector)

    torch.testing.assert_close(conjugate_gradient(2 * torch.eye(2), b, 5), b / 2)


def test_no_step_leads_nowhere() -> None:
    assert conjugate_gradient(_definite(3), _drawn(3), 0).eq(0).all()


def test_a_natural_gradient_step_spends_the_whole_budget() -> None:
    fisher = _definite(4)

    step = natural_gradient_step(_drawn(4, seed=1), fisher, 0.01)

    torch.testing.assert_close(step @ fisher @ step / 2, torch.tensor(0.01, dtype=torch.float64))


def test_no_other_step_of_the_same_divergence_gains_more() -> None:
    fisher, gradient = _definite(4), _drawn(4, seed=1)
    step = natural_gradient_step(gradient, fisher, 0.01)
    others = _drawn(1000, 4, seed=2)
    others = others * torch.sqrt(0.02 / torch.einsum("ki,ij,kj->k", others, fisher, others))[:, None]

    assert (others @ gradient <= step @ gradient).all()


def test_a_natural_gradient_step_of_a_single_parameter() -> None:
    # F = 4 and δ = 2: ½ · 4 s² = 2, so that s = 1 in the direction of the gradient
    torch.testing.assert_close(
        natural_gradient_step(torch.tensor([-3.0]), torch.tensor([[4.0]]), 2.0), torch.tensor([-1.0])
    )


@pytest.mark.parametrize(
    ("improvements", "kls", "expected"),
    [
        ([1.0, 1.0, 1.0], [0.1, 0.1, 0.1], 1.0),
        ([1.0, 1.0, 1.0], [0.3, 0.25, 0.1], 0.5),
        ([-1.0, 0.0, 1.0], [0.1, 0.1, 0.1], 0.25),
        ([1.0, 1.0, 1.0], [0.3, 0.3, 0.3], 0.0),
        ([-1.0, -1.0, 0.0], [0.1, 0.1, 0.1], 0.0),
        ([-1.0, 1.0, 9.0], [0.1, 0.1, 0.0], 0.5),
    ],
)
def test_the_first_fraction_that_improves_within_the_trust_region_is_taken(
    improvements: list[float], kls: list[float], expected: float
) -> None:
    assert line_search_fraction(torch.tensor(improvements), torch.tensor(kls), 0.25) == expected


def test_fractions_are_exact_powers_of_one_half() -> None:
    kls = torch.zeros(60, dtype=torch.float64)
    improvements = torch.full_like(kls, -1.0)
    improvements[-1] = 1.0

    assert line_search_fraction(improvements, kls, 0.01).item() == math.ldexp(1.0, -59)
