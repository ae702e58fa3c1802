"""Tests two large expressions for equality at a random point of a finite field (Schwartz 1980, Zippel 1979).

Expressions are quotients of polynomials in algebraically independent generators: variables, exponentials of monomials,
logarithms. Modulo a prime p every generator gets a random value (a root the root of what is under it); if two different
quotients have degree d, the chance that they agree is at most d / p. This is how Mirage (Wu et al., OSDI 2025) verifies
tensor programs, with values for the monomials in exponents of their own where it takes powers of a root of unity.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable, Sequence

import sympy
from flint import fmpz
from flint.utils.flint_exceptions import DomainError

from grader.symbolic.generators import Applied, Exponential, Generator, Logarithm, Root, Sign, Variable, monomial_of
from grader.symbolic.normal import NormalForms
from grader.symbolic.polynomials import Polynomial, Quotient, TooLargeError, key_of

PRIME = 2**255 + 22_414_721
"""2, 3, 5, … and 23 are fourth powers modulo this prime, so that they all have roots, and these have too. Its size
leaves 191 bits above the promised error of 2^-64 for degrees, roots and the number of elements compared."""

UNIT = 720720
"""Denominators in exponents have to divide it (it is the least common multiple of 1 … 16)."""

MOST_ATTEMPTS = 300
"""Each root is one of a square at half of the points only."""

HIGHEST_DEGREE = 2**120


class NotASquareError(Exception):
    """Some root does not exist at this point: take another."""


class IdentityTest:
    """Compares expressions whose arguments of exp, log and the like do have normal forms."""

    def __init__(self, forms: NormalForms) -> None:
        self._forms = forms

    def all_equal(self, pairs: Sequence[tuple[sympy.Expr, sympy.Expr]]) -> bool:
        """Whether all pairs agree at a random point; if any is different that has a chance below 2^-64.

        Raises:
            TooLargeError: degrees are too high for that bound, or no point was found.
            NoNormalFormError and the like: from the arguments of functions.
        """
        for _ in range(MOST_ATTEMPTS):
            point = _Point(self._forms)
            try:
                return all(point.value(given) == point.value(wanted) for given, wanted in pairs)
            except NotASquareError:
                continue
        raise TooLargeError("no point at which all roots exist")


class _Point:
    """Random values of generators modulo the prime, and of expressions in them."""

    def __init__(self, forms: NormalForms) -> None:
        self._forms = forms
        self._drawn: dict[Hashable, int] = {}
        self._known: dict[sympy.Expr, tuple[int, int]] = {}

    def value(self, expression: sympy.Expr) -> int:
        """The expression's value modulo the prime."""
        return self._of(expression)[0]

    def _of(self, expression: sympy.Expr) -> tuple[int, int]:
        """Value, and a bound on the degrees of numerator and denominator together."""
        known = self._known.get(expression)
        if known is None:
            known = self._known[expression] = self._computed(expression)
            if known[1] > HIGHEST_DEGREE:
                raise TooLargeError("the degree is too high for the identity test")
        return known

    def _computed(self, expression: sympy.Expr) -> tuple[int, int]:
        match expression:
            case sympy.Add():
                parts = [self._of(term) for term in expression.args]
                return sum(value for value, _ in parts) % PRIME, sum(degree for _, degree in parts)
            case sympy.Mul():
                total, degree = 1, 0
                for value, of_factor in map(self._of, expression.args):
                    total, degree = total * value % PRIME, degree + of_factor
                return total, degree
            case sympy.Pow() if expression.exp.is_Integer:
                value, degree = self._of(expression.base)
                exponent = int(expression.exp)
                if exponent < 0 and value == 0:
                    raise NotASquareError
                return pow(value, exponent, PRIME), degree * abs(exponent)
            case sympy.exp():
                return self._exponential(self._forms.of(expression.args[0]))
        form = self._forms.of(expression)
        return self._quotient(form), self._degree(form)

    def _exponential(self, argument: Quotient) -> tuple[int, int]:
        """exp of a normal form: the monomials' own values to the power of their coefficients."""
        total, degree = 1, 0
        for part, denominator in self._forms.field.exponents(argument):
            for exponents, coefficient in part.to_dict().items():
                power = coefficient * UNIT
                if power.q != 1:
                    raise TooLargeError(f"a fraction of 1/{coefficient.q} in an exponent")
                base = self._drawn_for(("exponential", monomial_of(exponents), key_of(denominator)))
                total = total * pow(base, int(power), PRIME) % PRIME
                degree += abs(int(power))
        return total, degree

    def _quotient(self, form: Quotient) -> int:
        below = self._polynomial(form.denominator)
        if below == 0:
            raise NotASquareError
        return self._polynomial(form.numerator) * pow(below, -1, PRIME) % PRIME

    def _polynomial(self, polynomial: Polynomial) -> int:
        total = 0
        for exponents, coefficient in polynomial.to_dict().items():
            term = int(coefficient.p) * pow(int(coefficient.q), -1, PRIME)
            for number, exponent in monomial_of(exponents):
                term = term * pow(self._generator(self._forms.field.generators[number]), exponent, PRIME) % PRIME
            total += term
        return total % PRIME

    def _generator(self, generator: Generator) -> int:
        match generator:
            case Variable(symbol):
                return self._drawn_for(("variable", symbol))
            case Exponential(monomial, denominator, unit):
                base = self._drawn_for(("exponential", monomial, key_of(denominator)))
                return pow(base, UNIT // unit, PRIME)
            case Logarithm(argument):
                return self._drawn_for(("logarithm", key_of(argument)))
            case Root(argument):
                self._require_independent(argument)
                return self._root(key_of(argument), lambda: self._polynomial(argument))
            case Sign(argument):
                return self._drawn_for(("sign", key_of(argument)))
            case Applied(function, argument):
                return self._drawn_for((function, argument))

    def _require_independent(self, argument: Polynomial) -> None:
        """√(xy) may be √x √y or not, as √(3 + 2√2) is 1 + √2: by chance a random sign would make them the same.

        Raises:
            TooLargeError: the root of this may depend on others.
        """
        field = self._forms.field
        if isinstance(field.single(argument), Root):
            return  # a fourth root
        nested = any(isinstance(field.generators[number], Root) for number in field.support(argument))
        if nested or len(field.ring.factors(argument)[1]) > 1:
            raise TooLargeError("roots that may depend on each other")

    def _root(self, key: str, square: Callable[[], int]) -> int:
        """A square root, of either sign: independent roots obey no rule that depends on it."""
        known = self._drawn.get(("root", key))
        if known is None:
            try:
                known = int(fmpz(square()).sqrtmod(fmpz(PRIME)))
            except DomainError:
                raise NotASquareError from None
            known = self._drawn[("root", key)] = secrets.choice((known, PRIME - known))
        return known

    def _degree(self, form: Quotient) -> int:
        degree = int(form.numerator.total_degree()) + int(form.denominator.total_degree())
        roots = sum(isinstance(generator, Root) for generator in self._forms.field.generators)
        return degree * UNIT << roots

    def _drawn_for(self, key: Hashable) -> int:
        if key not in self._drawn:
            self._drawn[key] = 1 + secrets.randbelow(PRIME - 1)  # a forged graph must not know the point
        return self._drawn[key]
