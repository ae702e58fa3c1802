"""The field in which expressions are compared: quotients of polynomials in variables, exponentials, logarithms, roots.

Every rule is an identity wherever its left side is defined, so equal normal forms prove equality:

    exp(a + b) = exp(a) exp(b)      exp(n log f) = fⁿ           one generator for each monomial in an exponent
    log(a b) = log |a| + log |b|    log exp(a) = a              one generator for each irreducible factor or prime
    √(a² b) = |a| √b                (√b)² = b                   one generator for each part without squares
    |a| = sign(a) a                 sign(a b) = sign(a) sign(b)  one generator for each factor of unknown sign

Generators are algebraically independent but for the squares of roots and signs, which are replaced at once; so unequal
functions of this kind have unequal normal forms, save for relations between signs, which `cases` goes through.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from math import lcm
from typing import Any

import sympy
from flint import fmpq, fmpz
from sympy.core.relational import Relational

from grader.symbolic.arithmetic import Arithmetic, NoNormalFormError
from grader.symbolic.definite import Constraint, definite_sign, is_never_zero
from grader.symbolic.generators import (
    Applied,
    Exponential,
    Logarithm,
    Monomial,
    Root,
    Sign,
    Variable,
    monomial_of,
    used_in,
)
from grader.symbolic.polynomials import Polynomial, Quotient, key_of

MOST_BITS = 80
"""Of an integer that is factored into primes."""


class FinerUnitError(Exception):
    """An exponent has a denominator that the field's unit is no multiple of: begin again with a finer one."""

    def __init__(self, unit: int) -> None:
        super().__init__(f"exponents in units of 1/{unit}")
        self.unit = unit


class Field(Arithmetic):
    """One ring with the meaning of its generators, and what is assumed about signs at the moment."""

    def __init__(self, size: int, unit: int) -> None:
        super().__init__(size)
        self._unit = unit
        """Generators of exponentials stand for exp(monomial / unit)."""

        self._conditional: dict[sympy.Basic, bool] = {}
        self.signs: dict[str, Constraint] = {}
        """By key of the polynomial: the sign that is assumed in the present case; 0 on a boundary."""

        self.boundaries: dict[str, Polynomial] = {}
        """Polynomials at whose zeros a condition that was met changes."""

        self.bindings: Mapping[sympy.Symbol, Quotient] = {}
        """Symbols that stand for something else in the present case."""

    def variable(self, symbol: sympy.Expr) -> Quotient:
        """A symbol, or what it is bound to."""
        bound = self.bindings.get(symbol)
        return self._generator(("variable", symbol), Variable(symbol)) if bound is None else bound

    def exponential(self, a: Quotient) -> Quotient:
        """exp(a): a product with one generator for each monomial."""
        result = self.rational(1)
        for part, denominator in self.exponents(a):
            for exponents, coefficient in part.to_dict().items():
                factor = self._exponential_of(monomial_of(exponents), denominator, coefficient)
                result = self.multiply(result, factor)
        return result

    def exponents(self, a: Quotient) -> tuple[tuple[Polynomial, Polynomial], ...]:
        """a as a polynomial and a proper fraction: y + 1/d has one generator for y, whatever d is."""
        whole, rest = divmod(a.numerator, a.denominator)
        return (whole, self.ring.one), (rest, a.denominator)

    def _exponential_of(self, monomial: Monomial, denominator: Polynomial, coefficient: Any) -> Quotient:
        if denominator.is_constant() and len(monomial) == 1 and monomial[0][1] == 1:
            generator = self.generators[monomial[0][0]]
            if isinstance(generator, Logarithm) and coefficient.q in (1, 2, 4):
                return self._rooted(self.absolute(Quotient(generator.argument, self.ring.one)), coefficient)
        if self._unit % coefficient.q:
            raise FinerUnitError(lcm(self._unit, int(coefficient.q)))
        key = ("exponential", monomial, key_of(denominator))
        exponential = self._generator(key, Exponential(monomial, denominator, self._unit))
        return self.power(exponential, int(coefficient * self._unit))

    def _rooted(self, base: Quotient, exponent: Any) -> Quotient:
        """A power whose exponent's denominator is a power of two: a fourth root is a root of a root."""
        if exponent.q == 1:
            return self.power(base, int(exponent))
        return self._rooted(self.root(base), 2 * exponent)

    def logarithm(self, a: Quotient) -> Quotient:
        """log a: a sum over prime factors.

        Raises:
            NoNormalFormError: a is 0.
        """
        if a.is_zero:
            raise NoNormalFormError("it takes the logarithm of something that is always 0")
        result = self._logarithm_of(a.numerator)
        return self.add(result, self.negate(self._logarithm_of(a.denominator)))

    def _logarithm_of(self, polynomial: Polynomial) -> Quotient:
        content, factors = self.ring.factors(polynomial)
        result = self.rational(0)
        for prime, exponent in self._primes(content):
            key = ("logarithm", str(prime))
            term = self._generator(key, Logarithm(self.ring.constant(prime)))
            result = self.add(result, self.multiply(self.rational(exponent), term))
        for factor, exponent in factors:
            result = self.add(result, self.multiply(self.rational(exponent), self._logarithm_of_factor(factor)))
        return result

    def _logarithm_of_factor(self, factor: Polynomial) -> Quotient:
        match self.single(factor):
            case Exponential(monomial, denominator, unit):
                term = self.ring.one
                for number, exponent in monomial:
                    term = term * self.ring.generator(number) ** exponent
                return self.ring.quotient(term * fmpq(1, unit), denominator)
            case Root(argument):
                return self.multiply(self.rational(fmpq(1, 2)), self._logarithm_of(argument))
            case Sign():
                return self.rational(0)
        return self._generator(("logarithm", key_of(factor)), Logarithm(factor))

    def root(self, a: Quotient) -> Quotient:
        """√a."""
        if a.is_zero:
            return a
        content, factors = self.ring.factors(self.ring.multiply(a.numerator, a.denominator))
        outside = self.invert(self.absolute(Quotient(a.denominator, self.ring.one)))
        negative = content < 0
        for prime, exponent in self._primes(content):
            outside = self.multiply(outside, self.power(self.rational(prime), exponent // 2))
            if exponent % 2:
                outside = self.multiply(outside, self._root_of(self.ring.constant(prime)))
        rest = self.ring.one
        for factor, exponent in factors:
            base = Quotient(factor, self.ring.one)
            outside = self.multiply(outside, self.power(self.absolute(base), exponent // 2))
            if exponent % 2 and self._definite(factor) is not None:
                negative ^= self._definite(factor) == -1
                outside = self.multiply(outside, self._root_of(self.absolute(base).numerator))
            elif exponent % 2:
                rest = self.ring.multiply(rest, factor)
        if rest.is_constant() and negative:
            raise NoNormalFormError("it takes the root of something that is always negative")
        return outside if rest.is_constant() else self.multiply(outside, self._root_of(-rest if negative else rest))

    def _root_of(self, polynomial: Polynomial) -> Quotient:
        single = self.single(polynomial)
        if isinstance(single, Exponential):
            half = Quotient(self._logarithm_of_factor(polynomial).numerator / 2, single.denominator)
            return self.exponential(half)
        return self._generator(("root", key_of(polynomial)), Root(polynomial))

    def sign(self, a: Quotient) -> Quotient:
        """The sign of a: known ones as numbers, a generator for each factor of unknown sign."""
        if a.is_zero:
            return a
        content, factors = self.ring.factors(self.ring.multiply(a.numerator, a.denominator))
        result = self.rational(-1 if content < 0 else 1)
        for factor, exponent in factors:
            if exponent % 2 or self._assumed_zero(factor):
                result = self.multiply(result, self._sign_of(factor))
        return result

    def absolute(self, a: Quotient) -> Quotient:
        """|a|."""
        return self.multiply(self.sign(a), a)

    def applied(self, function: str, a: Quotient) -> Quotient:
        """Another function of a."""
        return self._generator((function, a), Applied(function, a))

    def assumed(self, polynomial: Polynomial) -> int | None:
        """The sign of an irreducible polynomial in the present case, or None."""
        constraint = self.signs.get(key_of(polynomial))
        return constraint.sign if constraint is not None else self._definite(polynomial)

    def note_boundary(self, factor: Polynomial) -> None:
        """Remember that a condition depends on the sign of an irreducible polynomial, unless that never changes."""
        if not is_never_zero(factor, self.generators):
            self.boundaries[key_of(factor)] = factor

    def always_signed(self, factor: Polynomial) -> bool:
        """Whether a polynomial has one sign without any assumption."""
        return definite_sign(factor, self.generators) is not None

    def has_one_sign(self, a: Quotient) -> bool:
        """Whether a has one sign without any assumption, but where it is 0: x² and sign(x) x do."""
        assumed, self.signs = self.signs, {}
        try:
            sign = self.sign(a)
        finally:
            self.signs = assumed
        return bool(sign.numerator.is_constant() and sign.denominator.is_constant())

    def still_holds(self, a: Quotient, bound: set[sympy.Symbol]) -> bool:
        """Whether a normal form made before is one under the present assumptions too: no sign in it is known now."""
        for polynomial in (a.numerator, a.denominator):
            for number in self.support(polynomial):
                match self.generators[number]:
                    case Variable(symbol) if symbol in bound:
                        return False
                    case Sign(argument) if self.assumed(argument) is not None:
                        return False
        return True

    def boundary(self) -> frozenset[Hashable]:
        """Where among the zeros of conditions the present case lies: bound symbols, and polynomials that are 0."""
        zeros = (key for key, constraint in self.signs.items() if constraint.sign == 0)
        return frozenset((*self.bindings, *zeros))

    def has_conditions(self, expression: sympy.Basic) -> bool:
        """Whether there is anything in an expression that changes at once where the sign of something does."""
        known = self._conditional.get(expression)
        if known is None:
            own = isinstance(expression, Relational | sympy.sign | sympy.Heaviside)
            known = self._conditional[expression] = own or any(map(self.has_conditions, expression.args))
        return known

    def undecided(self, a: Quotient) -> list[Polynomial]:
        """The polynomials whose unknown signs a depends on; those inside of others come first."""
        numbers = self.support(a.numerator) | self.support(a.denominator)
        generators = (self.generators[number] for number in sorted(numbers))
        return [generator.argument for generator in generators if isinstance(generator, Sign)]

    def _assumed_zero(self, factor: Polynomial) -> bool:
        constraint = self.signs.get(key_of(factor))
        return constraint is not None and constraint.sign == 0

    def _sign_of(self, factor: Polynomial) -> Quotient:
        single = self.single(factor)
        if isinstance(single, Sign):
            return Quotient(factor, self.ring.one)
        known = self.assumed(factor)
        if known is not None:
            return self.rational(known)
        if self._compares_exponentials(factor):
            (first, c), (second, d) = factor.to_dict().items()
            ratio = self.ring.quotient(self.ring.from_terms({first: c}), self.ring.from_terms({second: -d}))
            larger = self.sign(self.logarithm(ratio))
            return larger if c > 0 else self.negate(larger)
        return self._generator(("sign", key_of(factor)), Sign(factor))

    def _compares_exponentials(self, factor: Polynomial) -> bool:
        """Whether it is c₁ m₁ − c₂ m₂ with positive monomials, which has the sign of log (c₁ m₁) − log (c₂ m₂)."""
        if len(factor) != 2 or len({coefficient > 0 for coefficient in factor.coeffs()}) != 2:
            return False
        used = [self.generators[k] for k in used_in(factor)]
        return all(g.is_positive for g in used) and any(isinstance(g, Exponential) for g in used)

    def _definite(self, polynomial: Polynomial) -> int | None:
        return definite_sign(polynomial, self.generators, self.signs.values())

    def _primes(self, value: Any) -> list[tuple[int, int]]:
        """Prime factors of a rational number's size with their exponents; a long factor is left whole."""
        found: list[tuple[int, int]] = []
        for integer, direction in ((abs(value.p), 1), (value.q, -1)):
            if integer == 1:
                continue
            whole = fmpz(integer).bit_length() > MOST_BITS
            pairs = [(integer, 1)] if whole else fmpz(integer).factor()
            found += [(int(prime), direction * int(exponent)) for prime, exponent in pairs]
        return found
