"""What the generators of a ring stand for: variables, exponentials, logarithms, roots, signs, other functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from grader.symbolic.polynomials import Polynomial, Quotient

Monomial = tuple[tuple[int, int], ...]
"""Pairs of a generator's number and its exponent; () is the number 1."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A symbol, or a constant that is algebraically independent of the rest (π)."""

    symbol: sympy.Expr

    @property
    def is_positive(self) -> bool:
        """Whether every value is."""
        return bool(self.symbol.is_positive)


@dataclass(frozen=True, slots=True)
class Exponential:
    """exp(monomial / denominator / unit)."""

    monomial: Monomial
    denominator: Polynomial
    unit: int

    is_positive = True


@dataclass(frozen=True, slots=True)
class Logarithm:
    """log |argument|, of an irreducible polynomial or a prime."""

    argument: Polynomial

    @property
    def is_positive(self) -> bool:
        """A prime's is."""
        return bool(self.argument.is_constant())


@dataclass(frozen=True, slots=True)
class Root:
    """The square root of a polynomial without square factors; its square is that polynomial."""

    argument: Polynomial

    is_positive = True


@dataclass(frozen=True, slots=True)
class Sign:
    """The sign of an irreducible polynomial; its square is 1."""

    argument: Polynomial

    is_positive = False


@dataclass(frozen=True, slots=True)
class Applied:
    """Another function (sin, erf, …) of a quotient, of which nothing is known but what it is applied to."""

    function: str
    argument: Quotient

    is_positive = False


Generator = Variable | Exponential | Logarithm | Root | Sign | Applied


def monomial_of(exponents: tuple[Any, ...]) -> Monomial:
    """FLINT's exponent vector without its zeros."""
    return tuple((k, int(e)) for k, e in enumerate(exponents) if e)


def inside(generator: Generator) -> list[int]:
    """Numbers of the generators in what a generator is applied to."""
    match generator:
        case Variable():
            return []
        case Exponential(monomial, denominator):
            return [number for number, _ in monomial] + used_in(denominator)
        case Applied(_, argument):
            return used_in(argument.numerator) + used_in(argument.denominator)
        case _:
            return used_in(generator.argument)


def used_in(polynomial: Polynomial) -> list[int]:
    """Numbers of the generators in a polynomial."""
    return [number for number, degree in enumerate(polynomial.degrees()) if degree > 0]
