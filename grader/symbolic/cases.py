"""Proves that two expressions are equal: one normal form, if need be in every consistent case of signs.

A comparison of normal forms leaves signs of polynomials as unknowns. Where the difference still depends on some, they
are gone through one by one; groups of signs that don't meet in any term are gone through apart. Conditions also change
right at the zeros of their polynomials: there the comparison is repeated with a variable eliminated.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from grader.model.proof import Method
from grader.symbolic.arithmetic import SplitError
from grader.symbolic.boundary import solved
from grader.symbolic.definite import Constraint
from grader.symbolic.field import Field, FinerUnitError
from grader.symbolic.generators import Sign
from grader.symbolic.identity import IdentityTest
from grader.symbolic.normal import NormalForms
from grader.symbolic.polynomials import (
    MOST_GENERATORS,
    MoreGeneratorsError,
    Polynomial,
    Quotient,
    TooLargeError,
    key_of,
)

MOST_CASES = 600
FIRST_SIZE = 24
MOST_VARIABLES = 800
MOST_RESTARTS = 20
FINEST_UNIT = 10_000
DEEPEST_BOUNDARY = 3

Case = tuple[Constraint, ...]
Pair = tuple[sympy.Expr, sympy.Expr]


class DifferentError(Exception):
    """The normal forms differ in a case: a counterexample lies there, or the case is empty."""

    def __init__(self, field: Field, case: Case) -> None:
        super().__init__("the normal forms differ")
        self.field = field
        self.case = case
        self.bindings = dict(field.bindings)


def prove(pairs: Sequence[Pair], *, almost_everywhere: bool) -> Method:
    """Prove all pairs equal; `almost_everywhere` leaves out the boundaries of conditions.

    Raises:
        DifferentError: the normal forms of a pair differ.
        TooLargeError, NoNormalFormError, InfiniteError: no decision.
    """
    size, unit = FIRST_SIZE, 1
    for _ in range(MOST_RESTARTS):
        try:
            return _Comparison(Field(size, unit), almost_everywhere).all_equal(pairs)
        except MoreGeneratorsError:
            size *= 2
            if size > MOST_GENERATORS:
                return _by_identity_tests(pairs)
        except FinerUnitError as finer:
            unit = finer.unit
            if unit > FINEST_UNIT:
                break
    raise TooLargeError("ever finer fractions in exponents")


def _by_identity_tests(pairs: Sequence[Pair]) -> Method:
    """Where there would be too many generators for normal forms: arguments of functions need a few of them only."""
    size = len(_unknowns(pairs))
    if size > MOST_VARIABLES:
        raise TooLargeError(f"more than {MOST_VARIABLES} inputs and functions of them")
    forms = NormalForms(Field(size, 1), opaque=True)
    try:
        if IdentityTest(forms).all_equal(pairs):
            return Method.IDENTITY_TEST
    except (MoreGeneratorsError, FinerUnitError):
        pass
    raise TooLargeError(f"more than {MOST_GENERATORS} different functions of the inputs")


def _unknowns(pairs: Sequence[Pair]) -> set[sympy.Basic]:
    """Every part of the expressions that needs a generator, unless it is an exponential."""
    found, seen = set[sympy.Basic](), set[sympy.Basic]()
    waiting: list[sympy.Basic] = [side for pair in pairs for side in pair]
    while waiting:
        part = waiting.pop()
        if part not in seen:
            seen.add(part)
            waiting += part.args
            if not isinstance(part, sympy.Add | sympy.Mul | sympy.exp | sympy.Rational):
                found.add(part)
    return found


class _Comparison:
    """Compares pairs in one field."""

    def __init__(self, field: Field, almost_everywhere: bool) -> None:
        self._field = field
        self._almost_everywhere = almost_everywhere
        self._method = Method.EXACT
        self._cases = 0
        self._same: dict[tuple[str, ...], Case] = {}
        """Parts of a difference that were the same in all cases of their signs, with one of these cases."""

        self._unassuming = NormalForms(field)

    def all_equal(self, pairs: Sequence[Pair]) -> Method:
        for pair in pairs:
            if not self._almost_everywhere:
                self._unassuming.forget_conditions()
            self._equal(pair)
        return self._method

    def _equal(self, pair: Pair, depth: int = 0, done: frozenset[str] = frozenset()) -> None:
        self._field.boundaries = {}
        self._vanishes(pair, ())
        if self._almost_everywhere:
            return
        for key, polynomial in tuple(self._field.boundaries.items()):
            if key not in done:
                done |= {key}
                self._equal_at(pair, polynomial, depth, done)

    def _equal_at(self, pair: Pair, polynomial: Polynomial, depth: int, done: frozenset[str]) -> None:
        """Equality where the polynomial is 0; where one that is done is 0 as well, that has been looked at."""
        if depth == DEEPEST_BOUNDARY:
            raise TooLargeError("conditions that meet in too many ways")
        binding = solved(self._field, polynomial)
        if binding is None:
            self._vanishes(pair, (Constraint(polynomial, 0),), modulo=polynomial)
            return
        before, unassuming = self._field.bindings, self._unassuming
        self._field.bindings = {**before, **binding}
        self._unassuming = NormalForms(self._field, unassuming)
        self._equal(pair, depth + 1, done)
        self._field.bindings, self._unassuming = before, unassuming

    def _vanishes(self, pair: Pair, case: Case, modulo: Polynomial | None = None) -> None:
        """The difference is 0 in all consistent cases within this one."""
        try:
            difference = self._difference(pair, case)
        except SplitError as split:
            for sub in self._split(case, split.polynomial):
                self._vanishes(pair, sub, modulo)
            return
        if difference is None or difference.is_zero or _divisible(difference, modulo):
            return
        groups = self._groups(difference)
        if not groups:
            raise DifferentError(self._field, case)
        first, *others = groups
        if not others:
            for sub in self._split(case, first[0]):
                self._vanishes(pair, sub, modulo)
            return
        self._vanishes(pair, self._same_in_all(pair, case, difference, first, others), modulo)

    def _same_in_all(
        self, pair: Pair, case: Case, difference: Quotient, group: list[Polynomial], others: list[list[Polynomial]]
    ) -> Case:
        """One of the cases of a group of signs, once the difference is seen to be the same in all of them."""
        key = (*self._part(difference, group), *self._assumed_about(group, case))
        known = self._same.get(key)
        if known is not None:
            return (*case, *known)
        kept = {key_of(polynomial) for other in others for polynomial in other}
        found: list[tuple[Case, Quotient]] = []
        waiting = self._split(case, group[0])
        while waiting:
            sub = waiting.pop()
            there = self._difference(pair, sub)
            if there is None:
                raise TooLargeError("a case of a sum")
            left = [p for p in self._field.undecided(there) if key_of(p) not in kept]
            if left:
                waiting += self._split(sub, left[0])
            else:
                found.append((sub, there))
        for sub, there in found:
            if there != found[0][1]:
                raise DifferentError(self._field, sub)
        self._same[key] = found[0][0][len(case) :]
        return found[0][0]

    def _part(self, difference: Quotient, group: list[Polynomial]) -> tuple[str, str]:
        """The terms of a difference that a group of signs belongs to, as a key."""
        keys = {key_of(polynomial) for polynomial in group}
        terms = {}
        for exponents, coefficient in difference.numerator.to_dict().items():
            monomial = tuple(map(int, exponents))
            signs = self._field.undecided(Quotient(self._field.ring.from_terms({monomial: 1}), self._field.ring.one))
            if keys & {key_of(polynomial) for polynomial in signs}:
                terms[monomial] = coefficient
        return key_of(self._field.ring.from_terms(terms)), key_of(difference.denominator)

    def _assumed_about(self, group: list[Polynomial], case: Case) -> list[str]:
        """What a case assumes about variables of a group of signs: it rules out some combinations of these."""
        support = self._field.support
        own = set().union(*map(support, group))
        related = (each for each in case if own & support(each.polynomial))
        return sorted(f"{key_of(each.polynomial)}: {each.sign}" for each in related)

    def _split(self, case: Case, polynomial: Polynomial) -> list[Case]:
        self._cases += 2
        if self._cases > MOST_CASES:
            raise TooLargeError(f"more than {MOST_CASES} cases")
        return [(*case, Constraint(polynomial, sign)) for sign in (1, -1)]

    def _difference(self, pair: Pair, case: Case) -> Quotient | None:
        """Given minus wanted in a case; None where both are too large, but pass the identity test."""
        self._field.signs = {key_of(constraint.polynomial): constraint for constraint in case}
        forms = NormalForms(self._field, self._unassuming) if case else self._unassuming
        given, wanted = pair
        try:
            return self._field.subtract(forms.of(given), forms.of(wanted))
        except TooLargeError:
            tested = forms if case else NormalForms(self._field, opaque=True)
            if not IdentityTest(tested).all_equal([pair]):
                raise
            self._method = Method.IDENTITY_TEST
            return None

    def _groups(self, difference: Quotient) -> list[list[Polynomial]]:
        """Unknown signs, in groups that meet in no term and share no variable; those inside of others come first."""
        groups = [self._conditions(difference.denominator)]
        for exponents in difference.numerator.monoms():
            monomial = self._field.ring.from_terms({tuple(map(int, exponents)): 1})
            groups = _merged(groups, self._conditions(monomial))
        signs = [[g for k in sorted(group) if isinstance(g := self._field.generators[k], Sign)] for group in groups]
        return sorted(([sign.argument for sign in group] for group in signs if group), key=lambda g: key_of(g[0]))

    def _conditions(self, polynomial: Polynomial) -> set[int]:
        """Numbers of the signs in a polynomial, and of the generators that they are signs of."""
        support = self._field.support(polynomial)
        signs = {k: g for k in support if isinstance(g := self._field.generators[k], Sign)}
        arguments = (self._field.support(sign.argument) for sign in signs.values())
        return set(signs).union(*arguments)


def _merged(groups: list[set[int]], new: set[int]) -> list[set[int]]:
    apart = [group for group in groups if not group & new]
    return [*apart, new.union(*(group for group in groups if group & new))]


def _divisible(difference: Quotient, modulo: Polynomial | None) -> bool:
    if modulo is None:
        return False
    return bool(difference.numerator % modulo == 0 and difference.denominator % modulo != 0)
