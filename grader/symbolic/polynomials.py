"""Quotients of polynomials over ℚ, in generators that are made as they are needed.

The arithmetic is FLINT's (`fmpq_mpoly`); bounds on the number of terms keep every operation short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import Ordering, fmpq_mpoly_ctx

Polynomial = Any
"""`flint.fmpq_mpoly`; it has no hash, so `key_of` stands for it in dictionaries."""

MOST_TERMS = 20_000
"""Of a product, before terms of equal monomials are collected."""

MOST_TERMS_OF_DIVISOR = 1_500
"""Of the polynomials of which a greatest common divisor or a factorisation is taken."""

MOST_GENERATORS = 400


class TooLargeError(Exception):
    """The exact normal form would have more terms than is reasonable."""


class MoreGeneratorsError(Exception):
    """The ring is full: begin again with a larger one."""


@dataclass(frozen=True, slots=True)
class Quotient:
    """A numerator over a monic denominator without a common divisor."""

    numerator: Polynomial
    denominator: Polynomial

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quotient):
            return NotImplemented
        return bool(self.numerator == other.numerator and self.denominator == other.denominator)

    def __hash__(self) -> int:
        return hash((key_of(self.numerator), key_of(self.denominator)))

    @property
    def is_zero(self) -> bool:
        """Whether it is the number 0."""
        return bool(self.numerator == 0)


def key_of(polynomial: Polynomial) -> str:
    """A text that is the same for equal polynomials of one ring."""
    return str(polynomial)


class Ring:
    """Polynomials in up to `size` generators."""

    def __init__(self, size: int) -> None:
        self._context = fmpq_mpoly_ctx.get([f"g{k}" for k in range(size)], Ordering.degrevlex)
        self._size = size
        self._factors: dict[str, tuple[Any, list[tuple[Polynomial, int]]]] = {}
        self.used = 0
        self.one = self._context.constant(1)
        self.zero = self._context.constant(0)

    def new_generator(self) -> int:
        """The number of a generator that has not been used yet.

        Raises:
            MoreGeneratorsError: all have been.
        """
        if self.used == self._size:
            raise MoreGeneratorsError
        self.used += 1
        return self.used - 1

    def generator(self, number: int) -> Polynomial:
        """A generator as a polynomial."""
        return self._context.gen(number)

    def constant(self, value: Any) -> Polynomial:
        """A rational number as a polynomial."""
        return self._context.constant(value)

    def from_terms(self, terms: dict[tuple[int, ...], Any]) -> Polynomial:
        """The polynomial with these coefficients of the monomials with these exponents."""
        return self._context.from_dict(terms)

    def multiply(self, a: Polynomial, b: Polynomial) -> Polynomial:
        """The product.

        Raises:
            TooLargeError: it may have too many terms.
        """
        if len(a) * len(b) > MOST_TERMS:
            raise TooLargeError(f"a product of {len(a)} by {len(b)} terms")
        return a * b

    def quotient(self, numerator: Polynomial, denominator: Polynomial) -> Quotient:
        """Cancelled, with a monic denominator.

        Raises:
            ZeroDivisionError: the denominator is 0.
            TooLargeError: the greatest common divisor would take too long.
        """
        if denominator == 0:
            raise ZeroDivisionError("a denominator is identically 0")
        if numerator == 0:
            return Quotient(self.zero, self.one)
        if not denominator.is_constant():
            numerator, denominator = self._cancelled(numerator, denominator)
        leading = denominator.leading_coefficient()
        return Quotient(numerator / leading, denominator / leading)

    def _cancelled(self, numerator: Polynomial, denominator: Polynomial) -> tuple[Polynomial, Polynomial]:
        if min(len(numerator), len(denominator)) > 1:
            bounded(numerator)
            bounded(denominator)
        divisor = numerator.gcd(denominator)
        if divisor.is_constant():
            return numerator, denominator
        return numerator / divisor, denominator / divisor

    def factors(self, polynomial: Polynomial) -> tuple[Any, list[tuple[Polynomial, int]]]:
        """The rational content, and irreducible factors with integer coefficients and their exponents.

        Raises:
            TooLargeError: it has too many terms.
        """
        key = key_of(bounded(polynomial))
        if key not in self._factors:
            self._factors[key] = _factored(polynomial)
        return self._factors[key]


def _factored(polynomial: Polynomial) -> tuple[Any, list[tuple[Polynomial, int]]]:
    content, found = polynomial.factor()
    factors = []
    for factor, exponent in found:
        if factor.leading_coefficient() < 0:
            factor, content = -factor, content * (-1) ** int(exponent)
        factors.append((factor, int(exponent)))
    return content, sorted(factors, key=lambda pair: key_of(pair[0]))


def bounded(polynomial: Polynomial) -> Polynomial:
    """The polynomial itself; raises TooLargeError where divisors of it can't be looked for in reasonable time."""
    if len(polynomial) > MOST_TERMS_OF_DIVISOR:
        raise TooLargeError(f"a polynomial of {len(polynomial)} terms")
    return polynomial
