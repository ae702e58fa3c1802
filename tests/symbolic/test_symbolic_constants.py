"""Floats are read as the numbers that were meant, and as nothing else."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational, log, oo, pi, sqrt

from grader.symbolic.constants import Constants, read

READ = {
    0.0: sympy.S.Zero,
    0.1: Rational(1, 10),
    1 / 3: Rational(1, 3),
    -2 / 3: Rational(-2, 3),
    0.1 + 0.2: Rational(3, 10),
    1e-5: Rational(1, 10**5),
    1.0000001e-5: Rational(10000001, 10**12),
    1e30: sympy.Integer(10) ** 30,
    0.044715: Rational(44715, 10**6),
    0.75**5 * 0.625**4: Rational(3, 4) ** 5 * Rational(5, 8) ** 4,
    0.7071067811865476: sqrt(2) / 2,
    1 / math.sqrt(3): sqrt(3) / 3,
    math.sqrt(1e-5): sqrt(10) / 1000,
    math.sqrt(2 / math.pi): sqrt(2 / pi),
    0.5 * math.log(2 * math.pi): log(2 * pi) / 2,
    1 / math.log(2): 1 / log(2),
    math.e: sympy.E,
    math.inf: oo,
    -math.inf: -oo,
    -3.4028234663852886e38: -oo,
}


@pytest.mark.parametrize("value", READ)
def test_a_float_is_read_as_the_number_that_was_meant(value: float) -> None:
    found = read(value)
    assert found is not None
    assert (
        sympy.simplify(found - READ[value]) == 0 if math.isfinite(value) and abs(value) < 1e38 else found == READ[value]
    )


@pytest.mark.parametrize("value", [1 + 1e-12, 1e-5 * 1.0000001, 0.1 + 1e-15, 0.10000000149011612, 2 / 3 + 1e-14])
def test_a_number_near_a_simple_one_is_not_taken_for_it(value: float) -> None:
    constants = Constants()
    symbol = constants(value)
    assert symbol.is_Symbol
    assert constants.balls()[symbol].contains(value)
    (note,) = constants.notes()
    assert repr(value) in note


def test_what_is_noted_is_noted_once() -> None:
    constants = Constants()
    assert constants(1 + 1e-12) == constants(1 + 1e-12)
    assert len(constants.notes()) == 1


@given(st.integers(-400, 400), st.integers(1, 400))
def test_every_small_fraction_is_read_as_itself(numerator: int, denominator: int) -> None:
    assert read(numerator / denominator) == Rational(numerator, denominator)


@given(st.decimals(-1000, 1000, places=5))
def test_every_short_decimal_is_read_as_it_is_written(decimal) -> None:
    assert read(float(decimal)) == Rational(Fraction(str(decimal)))


@given(st.floats(allow_nan=False))
def test_any_float_is_read_as_something_next_to_it_or_not_at_all(value: float) -> None:
    found = read(value)
    if found is not None and found.is_finite:
        assert abs(float(found) - value) <= 8 * math.ulp(value)
