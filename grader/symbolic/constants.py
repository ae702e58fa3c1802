"""Reads the floats of a traced function as the numbers that were meant: 0.1 is 1/10, 0.7071067811865476 is 1/√2.

A float is read as a simple number if it lies within a few units in the last place of it: Python's own arithmetic may
have rounded once or twice on the way (`1 / math.sqrt(3)`). Simple numbers are so far apart that none lies there by
chance. What is no simple number is taken as it is, with that uncertainty, and noted.
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

LARGEST = (sys.float_info.max, 3.4028234663852886e38)
"""`torch.finfo(dtype).max` of float64 and float32, which stands for ∞: nothing lies beyond."""

SIMPLE = 10**7
"""Most that numerator times denominator of a simple fraction may be: two of these are 1e-14 apart or more."""

SHORT = 9
"""Significant digits of a decimal that a person may have written."""

DYADIC = 1 << 20
"""Most that the numerator of a product of halves and quarters may be; numbers rounded to float32 have more."""

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
        return {symbol: arb(value, ULPS * math.ulp(value)) for symbol, value in self.unread.items()}

    def notes(self) -> tuple[str, ...]:
        """One sentence for each that could not be read."""
        return tuple(_note(value) for value in self.unread.values())


def read(value: float) -> sympy.Expr | None:
    """The simple number next to a float, or None."""
    if math.isinf(value) or abs(value) in LARGEST:
        return sympy.oo if value > 0 else -sympy.oo
    if value == 0:
        return sympy.S.Zero
    found = _rational(value)
    if found is None and 1e-30 < abs(value) < 1e30:
        found = _root(value) or _transcendental(value)
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
    """The square root of a simple fraction."""
    square = Fraction(value * value).limit_denominator(math.isqrt(SIMPLE))
    decimal = Fraction(f"{value * value:.{SHORT - 1}g}")
    for candidate in (square, decimal):
        small = candidate == decimal or candidate.numerator * candidate.denominator <= SIMPLE
        if candidate > 0 and small and _next_to(math.sqrt(candidate), abs(value)):
            root = sympy.sqrt(sympy.Rational(candidate.numerator, candidate.denominator))
            return root if value > 0 else -root
    return None


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
    near = read(float(f"{value:.6g}"))
    simple = isinstance(near, sympy.Rational) and abs(near.p) * near.q <= SIMPLE // 10
    told = f"; it is close to {near}, and differs from it by more than rounding in float64" if simple else ""
    return f"the constant {value!r} is no number that one would write down{told}"
