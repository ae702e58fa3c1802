"""Question 1 prints the gradient without γ^t: on a two-state MDP that is the gradient of its J for γ = 1 alone.

All numbers are exact. An episode starts in state 0, may go on to state 1, and ends there: two steps at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
import torch

from reference.tabular import exact_policy_gradient

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"

HALF = sympy.Rational(1, 2)
GOES_ON = ((HALF, 1), (0, 0))
"""Probability of coming to state 1 from state s with action a; otherwise the episode ends."""

REWARD = ((1, 0), (0, 4))
GAMMA = sympy.Symbol("gamma", positive=True)
ODDS = sympy.symbols("e_00 e_01 e_10 e_11", positive=True)
"""e^θ[s, a]; with it everything is a rational function, and ∂/∂θ is e ∂/∂e."""

POLICY = ((ODDS[0] / (ODDS[0] + ODDS[1]), ODDS[1] / (ODDS[0] + ODDS[1])),
          (ODDS[2] / (ODDS[2] + ODDS[3]), ODDS[3] / (ODDS[2] + ODDS[3])))  # fmt: skip

AT = dict(zip(ODDS, (2, 1, 1, 3), strict=True))
"""θ = ((log 2, 0), (0, log 3)), so that π(0|0) = 2/3 and π(1|1) = 3/4."""


@dataclass(frozen=True)
class Trajectory:
    """The (state, action) of every step, and how likely all of it is."""

    steps: tuple[tuple[int, int], ...]
    probability: sympy.Expr


def trajectories(
    state: int = 0, before: tuple[tuple[int, int], ...] = (), weight: sympy.Expr = sympy.S.One
) -> Iterator[Trajectory]:
    """Every way in which an episode can go."""
    for action in (0, 1):
        steps = (*before, (state, action))
        probability = weight * POLICY[state][action]
        on = GOES_ON[state][action]
        if on != 1:
            yield Trajectory(steps, probability * (1 - on))
        if on != 0:
            yield from trajectories(1, steps, probability * on)


def by_theta(expression: sympy.Expr) -> list[sympy.Expr]:
    """The derivatives with respect to θ, row by row."""
    return [e * expression.diff(e) for e in ODDS]


def exact_gradient() -> list[sympy.Expr]:
    """∇J for J = E Σ_t γ^t r_t."""
    returns = (
        one.probability * GAMMA**t * REWARD[s][a] for one in trajectories() for t, (s, a) in enumerate(one.steps)
    )
    return by_theta(sympy.Add(*returns))


def expected_estimate(factor_of_step: Callable[[int], sympy.Expr] = lambda t: sympy.S.One) -> list[sympy.Expr]:
    """E Σ_t ∇ log π(a_t|s_t) G_t, each term with a factor."""
    total = [sympy.S.Zero] * 4
    for one in trajectories():
        rewards = [REWARD[s][a] for s, a in one.steps]
        for t, (s, a) in enumerate(one.steps):
            return_from_t = sum(GAMMA**k * reward for k, reward in enumerate(rewards[t:]))
            weight = one.probability * factor_of_step(t) * return_from_t
            score = by_theta(sympy.log(POLICY[s][a]))
            total = [so_far + weight * entry for so_far, entry in zip(total, score, strict=True)]
    return total


def differences(some: list[sympy.Expr], others: list[sympy.Expr]) -> list[sympy.Expr]:
    """some − others, as quotients of polynomials in lowest terms: 0 only where they are equal."""
    return [sympy.cancel(a - b) for a, b in zip(some, others, strict=True)]


def numbers(gradient: list[sympy.Expr], gamma: sympy.Rational) -> list[sympy.Rational]:
    """The gradient at the θ of the page."""
    return [sympy.nsimplify(entry.subs({**AT, GAMMA: gamma})) for entry in gradient]


def test_the_probabilities_of_all_trajectories_add_up_to_one() -> None:
    assert sympy.cancel(sum(one.probability for one in trajectories())) == 1


def test_what_is_printed_is_the_gradient_of_j_for_gamma_one_and_every_policy() -> None:
    at_one = [each.subs(GAMMA, 1) for each in differences(expected_estimate(), exact_gradient())]

    assert [sympy.cancel(each) for each in at_one] == [0, 0, 0, 0]


def test_with_gamma_to_the_t_it_is_the_gradient_of_j_for_every_gamma_and_every_policy() -> None:
    assert differences(expected_estimate(lambda t: GAMMA**t), exact_gradient()) == [0, 0, 0, 0]


def test_below_one_what_is_printed_counts_the_second_step_too_much() -> None:
    printed, exact = numbers(expected_estimate(), HALF), numbers(exact_gradient(), HALF)

    assert exact == [sympy.Rational(1, 18), -sympy.Rational(1, 18), -sympy.Rational(1, 4), sympy.Rational(1, 4)]
    assert printed[:2] == exact[:2]
    assert printed[2:] == [2 * each for each in exact[2:]]  # 1/γ times as large, and so in another direction


@pytest.mark.parametrize("gamma", [HALF, sympy.S.One])
def test_the_exact_gradient_of_the_catalogue_follows_j(gamma: sympy.Rational) -> None:
    transition = torch.tensor([[[0, float(on)] for on in row] for row in GOES_ON], dtype=torch.float64)
    theta = torch.tensor([[2.0, 1.0], [1.0, 3.0]], dtype=torch.float64).log()
    reward, start = torch.tensor(REWARD, dtype=torch.float64), torch.tensor([1.0, 0.0], dtype=torch.float64)

    found = exact_policy_gradient(theta, transition, reward, start, float(gamma))

    wanted = [float(each) for each in numbers(exact_gradient(), gamma)]
    torch.testing.assert_close(found.flatten(), torch.tensor(wanted, dtype=torch.float64), rtol=1e-14, atol=1e-15)


def rows_of_the_page() -> Iterator[tuple[str, Fraction, list[Fraction]]]:
    """What is differentiated, γ and the four entries, as the page's table has them."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and re.fullmatch(r"[\d/]+", cells[1]):
            yield cells[0], Fraction(cells[1]), [Fraction(cell.replace("−", "-")) for cell in cells[2:]]


def test_the_page_shows_these_numbers() -> None:
    shown = {(what, gamma): entries for what, gamma, entries in rows_of_the_page()}

    assert shown == {
        (what, Fraction(str(gamma))): [Fraction(str(each)) for each in numbers(gradient, gamma)]
        for what, gradient in (("printed, expected", expected_estimate()), ("∇J", exact_gradient()))
        for gamma in (sympy.S.One, HALF)
    }
