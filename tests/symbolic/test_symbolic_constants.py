"""Floats are read as the numbers that were meant, and as nothing else."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
import sympy
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational, log, oo, pi, sqrt

from grader.symbolic.constants import CLEAR, LEFT_OVER, Constants, read

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
    math.log(3): log(3),
    -math.log(6): -log(6),
    0.5 * math.log(13): log(13) / 2,
    1 / math.log(7): 1 / log(7),
    math.log(0.9): log(Rational(9, 10)),
    2**-0.25: Rational(1, 2) ** Rational(1, 4),
    math.sqrt(1 / math.sqrt(5)): Rational(1, 5) ** Rational(1, 4),
    -(1.5**0.25): -(Rational(3, 2) ** Rational(1, 4)),
    1 - (1 - 0.005): Rational(1, 200),
    1 - 0.99: Rational(1, 100),
    (1 - 0.123456) - 1: -Rational(123456, 10**6),
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


@pytest.mark.parametrize("most", [1 - (1 - 1e-5), 100.1 - 100, 1 / (1 - 0.995), 0.1 + 1e-15])
def test_what_may_be_a_simple_number_or_none_is_a_range_that_holds_both(most: float) -> None:
    constants = Constants()
    symbol = constants(most)
    assert symbol.is_Symbol
    simple = Fraction(f"{most:.6g}")
    assert constants.balls()[symbol].contains(most)
    assert constants.balls()[symbol].contains(fmpq(simple.numerator, simple.denominator))
    (note,) = constants.notes()
    assert f"may stand for {simple}" in note


@pytest.mark.parametrize(
    ("value", "simple"),
    [
        (1 + 1e-12, fmpq(1)),
        (1e-5 * (1 + 1e-10), fmpq(1, 10**5)),
        (1e-12 * (1 + 1.23456789e-5), fmpq(1, 10**12)),
        (2e-3 + 1.23456789e-14, fmpq(1, 500)),
    ],
)
def test_a_slip_that_rounding_does_not_explain_leaves_no_doubt(value: float, simple: fmpq) -> None:
    constants = Constants()
    symbol = constants(value)
    assert symbol.is_Symbol
    assert not constants.balls()[symbol].contains(simple)


@given(st.decimals("0.001", "0.999", places=3))
def test_what_remains_of_one_is_read_as_what_was_taken_away(share) -> None:
    kept = 1 - float(share)
    assert read(1 - kept) == Rational(Fraction(str(share)))


def test_logarithms_of_whole_numbers_and_of_hundredths_are_read() -> None:
    for number in (*range(2, 1001), *(Fraction(k, 100) for k in range(1, 100))):
        assert sympy.exp(read(math.log(number))) == Rational(Fraction(number))
        assert sympy.exp(read(-math.log(number))) == Rational(1 / Fraction(number))


def test_the_fourth_root_that_scales_queries_and_keys_is_read() -> None:
    for d_k in range(1, 513):
        assert read(math.sqrt(1 / math.sqrt(d_k))) == 1 / sympy.root(d_k, 4)


def test_numbers_that_are_read_as_different_ones_are_much_farther_apart_than_rounding() -> None:
    fractions = [Fraction(p, q) for p in range(1, 1001) for q in range(1, 1000 // p + 1) if p != q]
    roots = [float(fraction) ** power for fraction in fractions for power in (1.0, 0.5, 0.25)]
    logarithms = [abs(math.log(fraction)) / k for fraction in fractions if fraction > 1 for k in (1, 2)]
    values = sorted({*roots, *logarithms, *(1 / each for each in logarithms)})
    gaps = [(b - a) / b for a, b in itertools.pairwise(values)]
    assert min(gap for gap in gaps if gap > 1e-14) > 1e-9  # two floats of one number differ by 1e-15 at most


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
        allowed = LEFT_OVER if CLEAR <= abs(value) < 1 else 0.0
        assert abs(float(found) - value) <= max(8 * math.ulp(value), allowed)
