"""Quotients of polynomials in generators that mean something: arithmetic that knows the squares of roots and signs."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from grader.symbolic.generators import Generator, Root, Sign, inside, monomial_of, used_in
from grader.symbolic.polynomials import Polynomial, Quotient, Ring, TooLargeError

MOST_EXPONENT = 64
"""Of a quotient; a larger power has a normal form only if it has few terms."""


class NoNormalFormError(Exception):
    """The expression is outside what the normal form covers; the message says why."""


class SplitError(Exception):
    """Nothing can be said before the sign of a polynomial is known."""

    def __init__(self, polynomial: Polynomial) -> None:
        super().__init__("the sign of a polynomial decides")
        self.polynomial = polynomial


class Arithmetic:
    """One ring with the meaning of its generators."""

    def __init__(self, size: int) -> None:
        self.ring = Ring(size)
        self.generators: list[Generator] = []
        self._supports: list[frozenset[int]] = []
        """For each generator, its number and those of the generators in what it stands for."""

        self._numbers: dict[Hashable, int] = {}
        self._squared: list[int] = []
        """Roots and signs, the latest first."""

    def rational(self, value: Any) -> Quotient:
        """A rational number."""
        return Quotient(self.ring.constant(value), self.ring.one)

    def add(self, a: Quotient, b: Quotient) -> Quotient:
        """The sum."""
        multiply = self.ring.multiply
        if a.denominator == b.denominator:
            return self.ring.quotient(a.numerator + b.numerator, a.denominator)
        numerator = multiply(a.numerator, b.denominator) + multiply(b.numerator, a.denominator)
        return self.ring.quotient(numerator, multiply(a.denominator, b.denominator))

    def subtract(self, a: Quotient, b: Quotient) -> Quotient:
        """a − b."""
        return self.add(a, self.negate(b))

    def multiply(self, a: Quotient, b: Quotient) -> Quotient:
        """The product."""
        numerator = self._reduced(self.ring.multiply(a.numerator, b.numerator))
        return self.ring.quotient(numerator, self.ring.multiply(a.denominator, b.denominator))

    def negate(self, a: Quotient) -> Quotient:
        """−a."""
        return Quotient(-a.numerator, a.denominator)

    def invert(self, a: Quotient) -> Quotient:
        """1 / a, without roots and signs in the denominator.

        Raises:
            NoNormalFormError: a is 0.
        """
        if a.is_zero:
            raise NoNormalFormError("it divides by something that is always 0")
        numerator, denominator = a.denominator, a.numerator
        for number in self._algebraic(denominator):
            conjugate = self._conjugate(denominator, number)
            if conjugate == denominator:
                continue
            norm = self._reduced(self.ring.multiply(denominator, conjugate))
            if norm == 0:
                self._split_at(number)
            numerator = self._reduced(self.ring.multiply(numerator, conjugate))
            denominator = norm
        return self.ring.quotient(numerator, denominator)

    def power(self, a: Quotient, exponent: int) -> Quotient:
        """An integer power."""
        if exponent < 0:
            return self.power(self.invert(a), -exponent)
        if exponent > MOST_EXPONENT and len(a.numerator) + len(a.denominator) > 2:
            raise TooLargeError(f"a power of {exponent}")
        result, square = self.rational(1), a
        while exponent:
            if exponent & 1:
                result = self.multiply(result, square)
            exponent >>= 1
            square = self.multiply(square, square) if exponent else square
        return result

    def support(self, polynomial: Polynomial) -> set[int]:
        """Numbers of the generators in a polynomial, and in what these stand for."""
        return set().union(*(self._supports[number] for number in used_in(polynomial)))

    def _generator(self, key: Hashable, generator: Generator) -> Quotient:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self.ring.new_generator()
            self.generators.append(generator)
            self._supports.append(frozenset({number}).union(*(self._supports[k] for k in inside(generator))))
            if isinstance(generator, Root | Sign):
                self._squared.insert(0, number)
        return Quotient(self.ring.generator(number), self.ring.one)

    def single(self, polynomial: Polynomial) -> Generator | None:
        """The generator that a polynomial consists of, or None."""
        if len(polynomial) != 1 or polynomial.leading_coefficient() != 1:
            return None
        monomial = monomial_of(polynomial.monoms()[0])
        return self.generators[monomial[0][0]] if len(monomial) == 1 and monomial[0][1] == 1 else None

    def _algebraic(self, polynomial: Polynomial) -> list[int]:
        """Numbers of the roots and signs in a polynomial, the latest first: an earlier one may be inside it."""
        degrees = polynomial.degrees()
        return [k for k in self._squared if degrees[k] > 0]

    def _reduced(self, polynomial: Polynomial) -> Polynomial:
        """The polynomial with the squares of roots and signs replaced."""
        degrees = polynomial.degrees()
        for number in self._squared:
            if degrees[number] > 1:
                even, odd = self._parts(polynomial, number)
                polynomial = even + odd * self.ring.generator(number)
                degrees = polynomial.degrees()
        return polynomial

    def _parts(self, polynomial: Polynomial, number: int) -> tuple[Polynomial, Polynomial]:
        """A and B in A + B g for a root or sign g."""
        generator = self.generators[number]
        square = generator.argument if isinstance(generator, Root) else self.ring.one
        parts: dict[tuple[int, int], dict[tuple[int, ...], Any]] = {}
        for exponents, coefficient in polynomial.to_dict().items():
            half, rest = divmod(int(exponents[number]), 2)
            without = (*exponents[:number], 0, *exponents[number + 1 :])
            parts.setdefault((half, rest), {})[without] = coefficient
        sums = [self.ring.zero, self.ring.zero]
        for (half, rest), terms in parts.items():
            factor = square**half
            sums[rest] = sums[rest] + self.ring.multiply(self.ring.from_terms(terms), factor)
        return sums[0], sums[1]

    def _conjugate(self, polynomial: Polynomial, number: int) -> Polynomial:
        even, odd = self._parts(polynomial, number)
        return even - odd * self.ring.generator(number)

    def _split_at(self, number: int) -> None:
        """A denominator is 0 for one sign of a generator: that sign has to be known first."""
        generator = self.generators[number]
        if isinstance(generator, Sign):
            raise SplitError(generator.argument)
        raise NoNormalFormError("a denominator vanishes")
