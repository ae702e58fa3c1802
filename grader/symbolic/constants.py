"""Reads the floats of a traced function as the numbers that were meant: 0.1 is 1/10, 0.7071067811865476 is 1/√2.

A float is read as a simple number if it lies within a few units in the last place of it: Python's own arithmetic may
have rounded once or twice on the way (`1 / math.sqrt(3)`). Simple numbers are so far apart that none lies there by
chance. What is left of a difference is off by the units of what was subtracted: `1 - (1 - 0.005)` is
0.0050000000000000044. Between a thousandth and 1 a simple fraction that is this near is meant. Where it is less clear
whether one is, the float is taken for a number of which only a range is known, with that fraction inside. All others
are taken as they are, give or take a few units in the last place. Both kinds are noted.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import sympy
from flint import arb

ULPS = 4
"""Units in the last place between a float and the number it is read as."""

LEFT_OVER = 2.0**-51
"""What a difference of numbers about 1 may be off by: two units in the last place of 1."""

CLEAR = 1e-3
"""A left-over of this size or more is read: the slack is less than 1e-12 of it, and simple fractions are rare there."""

DOUBTFUL = 1e-6
"""A smaller left-over has no digits that one would compute with."""

DOUBT = 1e-13
"""Relative distance from a simple number that a few more operations may lead to (`100.1 - 100`), or a slip."""

LARGEST = (sys.float_info.max, 3.4028234663852886e38)
"""`torch.finfo(dtype).max` of float64 and float32, which stands for ∞: nothing lies beyond."""

SIMPLE = 10**7
"""Most that numerator times denominator of a simple fraction may be: two of these are 1e-14 apart or more."""

SHORT = 9
"""Significant digits of a decimal that a person may have written."""

ROUGH = 6
"""Significant digits of a decimal that what is left over may stand for."""

DYADIC = 1 << 20
"""Most that the numerator of a product of halves and quarters may be; numbers rounded to float32 have more."""

SIMPLER = 10**6
"""Most that numerator times denominator of a fraction may be of which a logarithm or a fourth root is taken."""

_TRANSCENDENTAL: tuple[sympy.Expr, ...] = (
    sympy.pi,
    sympy.log(2),
    sympy.log(10),
    sympy.log(sympy.pi),
    sympy.log(2 * sympy.pi),
    sympy.log(2 * sympy.pi) + 1,
    sympy.E,
    sympy.pi * sympy.E,
)


class Constants:
    """The floats of one graph: what each is read as, and which could not be read."""

    def __init__(self) -> None:
        self._read: dict[float, sympy.Expr] = {}
        self.unread: dict[sympy.Symbol, float] = {}
        """A symbol for every float that is no simple number."""

    def __call__(self, value: float) -> sympy.Expr:
        """The number that a float stands for."""
        if value not in self._read:
            simple = read(value)
            self._read[value] = self._noted(value) if simple is None else simple
        return self._read[value]

    def _noted(self, value: float) -> sympy.Symbol:
        symbol = sympy.Symbol(repr(value), real=True)
        self.unread[symbol] = value
        return symbol

    def balls(self) -> dict[sympy.Symbol, arb]:
        """The unread ones with their uncertainty."""
        return {symbol: arb(value, _uncertainty(value)) for symbol, value in self.unread.items()}

    def notes(self) -> tuple[str, ...]:
        """One sentence for each that could not be read."""
        return tuple(_note(value) for value in self.unread.values())


def read(value: float) -> sympy.Expr | None:
    """The simple number next to a float, or None."""
    if math.isinf(value) or abs(value) in LARGEST:
        return sympy.oo if value > 0 else -sympy.oo
    if value == 0:
        return sympy.S.Zero
    found: sympy.Expr | None = _rational(value)
    if found is None and 1e-30 < abs(value) < 1e30:
        found = _transcendental(value) or _logarithm(value) or _root(value) or _left_over(value)
    return found


def _rational(value: float) -> sympy.Rational | None:
    """A simple fraction, a dyadic one, or a short decimal."""
    for candidate in _fractions(value):
        if _next_to(float(candidate), value):
            return sympy.Rational(candidate.numerator, candidate.denominator)
    return None


def _fractions(value: float) -> Iterator[Fraction]:
    binary = Fraction(value)
    if abs(binary.numerator) < DYADIC and binary.denominator <= 1 << 60:
        yield binary
    best = binary.limit_denominator(math.isqrt(SIMPLE))
    if abs(best.numerator) * best.denominator <= SIMPLE:
        yield best
    decimal = Decimal(repr(value))
    if len(decimal.as_tuple().digits) <= SHORT:
        yield Fraction(decimal)


def _root(value: float) -> sympy.Expr | None:
    """The square root or the fourth root of a simple fraction."""
    for degree in (2, 4):
        for candidate in _radicands(abs(value) ** degree, degree):
            if _next_to(float(candidate) ** (1 / degree), abs(value)):
                root = sympy.root(sympy.Rational(candidate.numerator, candidate.denominator), degree)
                return root if value > 0 else -root
    return None


def _radicands(power: float, degree: int) -> Iterator[Fraction]:
    """Fractions near a square or a fourth power; near a square short decimals too."""
    most = SIMPLE if degree == 2 else SIMPLER
    best = Fraction(power).limit_denominator(math.isqrt(most))
    if 0 < best.numerator * best.denominator <= most:
        yield best
    if degree == 2:
        yield Fraction(f"{power:.{SHORT - 1}g}")


def _logarithm(value: float) -> sympy.Expr | None:
    """The logarithm of a simple fraction, half of one, or the reciprocal of one."""
    whole = _whole_logarithm(value)
    if whole is not None:
        return whole
    double = _whole_logarithm(2 * value)
    if double is not None:
        return double / 2
    inverse = _whole_logarithm(1 / value)
    return None if inverse is None else 1 / inverse


def _whole_logarithm(value: float) -> sympy.Expr | None:
    """The logarithm of a simple fraction, as Python computes it."""
    if abs(value) > math.log(SIMPLER):
        return None
    above = Fraction(math.exp(abs(value))).limit_denominator(math.isqrt(SIMPLER))
    if above == 1 or above.numerator * above.denominator > SIMPLER:
        return None
    fraction = above if value > 0 else 1 / above
    computed = math.log(fraction), -math.log(1 / fraction)  # which round differently, as the fraction does
    if not any(_next_to(each, value) for each in computed):
        return None
    return sympy.log(sympy.Rational(fraction.numerator, fraction.denominator))


def _left_over(value: float) -> sympy.Rational | None:
    """The simple fraction that a difference of numbers about 1 has missed."""
    if not CLEAR <= abs(value) < 1:
        return None
    return _simple_within(LEFT_OVER, value)


def _possible(value: float) -> sympy.Rational | None:
    """The simple fraction that a float which could not be read may stand for all the same."""
    slack = LEFT_OVER if DOUBTFUL <= abs(value) < 1 else 0.0
    return _simple_within(max(slack, DOUBT * abs(value)), value)


def _simple_within(distance: float, value: float) -> sympy.Rational | None:
    binary = Fraction(value)
    best = binary.limit_denominator(math.isqrt(SIMPLE))
    simple = [best] if 0 < abs(best.numerator) * best.denominator <= SIMPLE else []
    for candidate in (*simple, Fraction(f"{value:.{ROUGH}g}")):
        if abs(candidate - binary) <= distance:
            return sympy.Rational(candidate.numerator, candidate.denominator)
    return None


def _uncertainty(value: float) -> float:
    """How far the number that is meant may lie from a float that could not be read."""
    possible = _possible(value)
    missed = 0.0 if possible is None else abs(float(Fraction(possible.p, possible.q) - Fraction(value)))
    return max(ULPS * math.ulp(value), 2 * missed)


def _transcendental(value: float) -> sympy.Expr | None:
    """A small multiple of π, log 2 and the like or of a reciprocal, or the root of one."""
    for constant in _TRANSCENDENTAL:
        for base in (constant, 1 / constant):
            multiple = _multiple(value, base)
            if multiple is not None:
                return multiple
            square = _multiple(value * value, base)
            if square is not None:
                return sympy.sqrt(square) if value > 0 else -sympy.sqrt(square)
    return None


def _multiple(value: float, base: sympy.Expr) -> sympy.Expr | None:
    factor = Fraction(value / float(base)).limit_denominator(16)
    if factor and abs(factor.numerator) <= 16 and _next_to(float(factor) * float(base), value):
        return sympy.Rational(factor.numerator, factor.denominator) * base
    return None


def _next_to(candidate: float, value: float) -> bool:
    return abs(candidate - value) <= ULPS * math.ulp(value)


def _note(value: float) -> str:
    possible = _possible(value)
    if possible is not None:
        return f"the constant {value!r} may stand for {possible}, or for another number that is as near"
    near = read(float(f"{value:.6g}"))
    simple = isinstance(near, sympy.Rational) and abs(near.p) * near.q <= SIMPLE // 10
    told = f"; it is close to {near}, and differs from it by more than rounding in float64" if simple else ""
    return f"the constant {value!r} is no number that one would write down{told}"
