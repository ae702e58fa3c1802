"""Values of normal forms at a point."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, fmpq

from grader.symbolic.evaluate import Evaluation, UndefinedError, Value, sign
from grader.symbolic.generators import (
    Applied,
    Exponential,
    Generator,
    Logarithm,
    Root,
    Sign,
    Variable,
    monomial_of,
)
from grader.symbolic.polynomials import Polynomial, Quotient


class Numbers:
    """Values of polynomials at a point, from what their generators stand for."""

    def __init__(self, generators: Sequence[Generator], at: Evaluation) -> None:
        self._generators = generators
        self._at = at
        self._known: dict[int, Value] = {}

    def quotient(self, quotient: Quotient) -> Value:
        """The value of a quotient."""
        below = self.polynomial(quotient.denominator)
        if sign(below) == 0:
            raise UndefinedError("a division by zero")
        return self.polynomial(quotient.numerator) / below

    def polynomial(self, polynomial: Polynomial) -> Value:
        """The value of a polynomial."""
        total: Value = fmpq(0)
        for exponents, coefficient in polynomial.to_dict().items():
            term = coefficient
            for number, exponent in monomial_of(exponents):
                term = term * self._generator(number) ** exponent
            total = total + term
        return total

    def _generator(self, number: int) -> Value:
        if number not in self._known:
            self._known[number] = self._value(self._generators[number])
        return self._known[number]

    def _value(self, generator: Generator) -> Value:
        match generator:
            case Variable(symbol):
                return self._at.value(symbol)
            case Exponential(monomial, denominator, unit):
                above: Value = fmpq(1, unit)
                for number, exponent in monomial:
                    above = above * self._generator(number) ** exponent
                return arb(above / self.polynomial(denominator)).exp()
            case Logarithm(argument):
                return abs(arb(self.polynomial(argument))).log()
            case Root(argument):
                return arb(self.polynomial(argument)).sqrt()
            case Sign(argument):
                return fmpq(sign(self.polynomial(argument)))
            case Applied(function, argument):
                return getattr(arb(self.quotient(argument)), function)()
