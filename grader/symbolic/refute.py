"""Looks for a rational point at which two expressions differ, with error bounds that leave no doubt."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy
from flint import arb, fmpq

from grader.symbolic.cases import Case, Pair
from grader.symbolic.evaluate import Evaluation, UnclearError, UndefinedError, Value, precision, sign
from grader.symbolic.field import Field
from grader.symbolic.numbers import Numbers
from grader.symbolic.polynomials import Quotient

BITS = 170
"""Fifty decimal digits."""

SMALLEST = arb(2) ** -130
"""Relative to the values: a smaller difference is none (a mask of −1e9 instead of −∞)."""

Point = dict[sympy.Symbol, Value]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two expressions differ, and what they are there."""

    pair: int
    point: Point
    given: Value | None
    """None where it is undefined."""

    wanted: Value


class Search:
    """Evaluates pairs at points; remembers which of them were ever defined."""

    def __init__(
        self,
        pairs: Sequence[Pair],
        symbols: Sequence[sympy.Symbol],
        fixed: Mapping[sympy.Symbol, arb],
        *,
        ties: bool,
    ) -> None:
        self._pairs = [(k, *pair) for k, pair in enumerate(pairs) if pair[0] != pair[1]]
        self._symbols = symbols
        self._fixed = dict(fixed)
        self._ties = ties
        self._met: set[int] = set()

    def never_met(self) -> bool:
        """Whether some pair had no point yet at which both sides could be compared."""
        return len(self._met) < len(self._pairs)

    def difference_at(self, point: Point) -> Difference | None:
        """The first pair that differs at a point."""
        with precision(BITS):
            at = Evaluation({**self._fixed, **point}, ties=self._ties)
            for number, given, wanted in self._pairs:
                found = self._compared(at, number, given, wanted, point)
                if found is not None:
                    return found
        return None

    def _compared(
        self, at: Evaluation, number: int, given: sympy.Expr, wanted: sympy.Expr, point: Point
    ) -> Difference | None:
        try:
            expected = at.value(wanted)
            try:
                got = at.value(given)
            except UndefinedError:
                return Difference(number, point, None, expected)
        except (UndefinedError, UnclearError):
            return None
        self._met.add(number)
        return Difference(number, point, got, expected) if _differ(got, expected) else None

    def among(self, points: Iterable[Point]) -> Difference | None:
        """The first difference at any of these points, made simpler where it stays one."""
        for point in points:
            found = self.difference_at(point)
            if found is not None:
                return self._simplified(found)
        return None

    def _simplified(self, found: Difference) -> Difference:
        """The same with as many coordinates as possible 0 or 1."""
        for symbol in self._symbols:
            for simple in (fmpq(0), fmpq(1)):
                if found.point[symbol] == simple or (simple == 0 and symbol.is_positive):
                    continue
                simpler = self.difference_at({**found.point, symbol: simple})
                if simpler is not None and simpler.given is not None:
                    found = simpler
                    break
        return found

    def in_case(
        self, field: Field, case: Case, bindings: Mapping[sympy.Symbol, Quotient], count: int
    ) -> Difference | None:
        """A difference at a random point where the signs are those of the case, and bound symbols what they are."""
        for drawn in points(self._symbols, count, "case"):
            with precision(BITS):
                try:
                    point = _bound(field, bindings, drawn, self._fixed)
                    numbers = Numbers(field.generators, Evaluation({**self._fixed, **point}))
                    inside = all(sign(numbers.polynomial(part.polynomial)) == part.sign for part in case)
                except (UndefinedError, UnclearError):
                    continue
            found = self.difference_at(point) if inside else None
            if found is not None:
                return found
        return None


def points(symbols: Sequence[sympy.Symbol], count: int, label: str) -> Iterator[Point]:
    """Random rational points, the first ones with small integers and halves."""
    source = random.Random(label)  # noqa: S311 -- nothing secret: the same claim gives the same counterexample
    for k in range(count):
        simple = k < count // 2
        yield {symbol: _coordinate(source, simple=simple, positive=bool(symbol.is_positive)) for symbol in symbols}


def _coordinate(source: random.Random, *, simple: bool, positive: bool) -> fmpq:
    below = source.choice((1, 1, 2)) if simple else source.randint(3, 97)
    above = source.randint(1, 3 * below) if positive else source.randint(-3 * below, 3 * below)
    return fmpq(above, below)


def _differ(given: Value, wanted: Value) -> bool:
    if isinstance(given, fmpq) and isinstance(wanted, fmpq):
        return bool(given != wanted)
    gap = arb(given) - arb(wanted)
    scale = abs(arb(given)).max(abs(arb(wanted))).max(arb(1))
    return bool(abs(gap) > SMALLEST * scale)


def _bound(
    field: Field, bindings: Mapping[sympy.Symbol, Quotient], drawn: Point, fixed: Mapping[sympy.Symbol, arb]
) -> Point:
    """A point with bound symbols computed from the others; a later binding holds none of the earlier symbols."""
    point = dict(drawn)
    for symbol in reversed(bindings):
        point[symbol] = Numbers(field.generators, Evaluation({**fixed, **point})).quotient(bindings[symbol])
    return point
