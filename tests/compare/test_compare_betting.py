"""Bets on bounded values: fair while the hypothesis is true, and soon won where it is grossly wrong."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.compare.betting import FRACTIONS, Bet

SIZE = 1e-6


def after(bound: float, values: list[float]) -> Bet:
    bet = Bet(bound)
    for value in values:
        bet.see(value)
    return bet


def expected_capital(bound: float, mean: float, values: tuple[float, float], length: int = 8) -> float:
    """Over all sequences of the two values, which have this mean."""
    low, high = values
    likely = (mean - low) / (high - low)
    return sum(
        math.prod(likely if value == high else 1 - likely for value in sequence)
        * math.exp(after(bound, list(sequence)).log_capital)
        for sequence in product(values, repeat=length)
    )


@pytest.mark.parametrize("bound", [0.05, 0.3, 0.5, 0.65, 0.95])
@pytest.mark.parametrize("values", [(0.0, 1.0), (0.02, 0.97)], ids=str)
def test_at_the_bound_the_capital_is_one_on_average_exactly(bound: float, values: tuple[float, float]) -> None:
    assert expected_capital(bound, bound, values) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("bound", "mean"), [(0.3, 0.29), (0.5, 0.2), (0.65, 0.0)])
def test_below_the_bound_it_is_less(bound: float, mean: float) -> None:
    assert expected_capital(bound, mean, (0.0, 1.0)) < 1.0


def test_above_the_bound_it_grows() -> None:
    assert expected_capital(0.5, 0.6, (0.0, 1.0)) > 1.0


def wins(bound: float, size: float, values: np.ndarray) -> bool:
    """Whether the bet is won at any time, if it is looked at after each value."""
    bet = Bet(bound)
    for value in values:
        bet.see(float(value))
        if bet.is_won(size):
            return True
    return False


@pytest.mark.parametrize("bound", [0.2, 0.65])
def test_a_true_hypothesis_is_rejected_no_oftener_than_it_may_be_however_often_one_looks(bound: float) -> None:
    rng = np.random.default_rng(1)
    size = 0.1
    rejected = np.mean([wins(bound, size, rng.random(150) < bound) for _ in range(1000)])
    assert 0.0 < rejected <= size


@pytest.mark.parametrize(("bound", "needed"), [(0.2, 10), (0.65, 38)])
def test_the_largest_values_win_soon(bound: float, needed: int) -> None:
    assert after(bound, [1.0] * needed).is_won(SIZE)
    assert not after(bound, [1.0] * (needed - 1)).is_won(SIZE)


@pytest.mark.parametrize("seed", range(20))
def test_a_mean_some_way_above_the_bound_is_found(seed: int) -> None:
    values = np.random.default_rng(seed).random(512) < 0.7
    assert wins(0.5, SIZE, values)


@settings(deadline=None, derandomize=True)
@given(st.floats(0.01, 0.99), st.lists(st.floats(0.0, 1.0), max_size=40))
def test_the_capital_of_a_player_is_never_used_up(bound: float, values: list[float]) -> None:
    least = len(values) * math.log1p(-max(FRACTIONS)) - math.log(len(FRACTIONS))
    assert after(bound, values).log_capital >= least - 1e-9


def test_after_a_long_run_of_losses_there_is_still_a_capital_to_tell() -> None:
    lost = after(0.5, [0.0] * 20_000)
    assert math.isfinite(lost.log_capital)
    assert not lost.is_won(SIZE)


def test_nothing_is_won_or_lost_before_the_first_value() -> None:
    assert Bet(0.5).log_capital == pytest.approx(0.0)
