"""Solves the equation of a boundary, polynomial = 0, for one of its variables."""

from __future__ import annotations

import sympy

from grader.symbolic.field import Field
from grader.symbolic.generators import Variable, used_in
from grader.symbolic.polynomials import Polynomial, Quotient


def solved(field: Field, polynomial: Polynomial) -> dict[sympy.Symbol, Quotient] | None:
    """A variable with what it is at the polynomial's zeros, or None where no variable is met linearly.

    c₁ m₁ = c₂ m₂ with positive monomials is solved by its logarithm.
    """
    return _linear(field, polynomial) or _by_logarithm(field, polynomial)


def _by_logarithm(field: Field, polynomial: Polynomial) -> dict[sympy.Symbol, Quotient] | None:
    if len(polynomial) != 2 or not all(field.generators[k].is_positive for k in used_in(polynomial)):
        return None
    (first, c), (second, d) = polynomial.to_dict().items()
    if c * d > 0:
        return None
    ring = field.ring
    ratio = ring.quotient(ring.from_terms({first: c}), ring.from_terms({second: -d}))
    return _linear(field, field.logarithm(ratio).numerator)


def _linear(field: Field, polynomial: Polynomial) -> dict[sympy.Symbol, Quotient] | None:
    degrees = polynomial.degrees()
    for number in used_in(polynomial):
        generator = field.generators[number]
        if not isinstance(generator, Variable) or not generator.symbol.is_Symbol or degrees[number] != 1:
            continue
        slope = polynomial.derivative(number)
        rest = polynomial - slope * field.ring.generator(number)
        if slope.is_constant() and number not in field.support(rest):
            return {generator.symbol: field.ring.quotient(-rest, slope)}
    return None
