"""Writes a difference down so that a person can check it by hand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from math import comb, prod

import sympy
from flint import fmpq

from grader.model.proof import Refuted
from grader.symbolic.cases import Pair
from grader.symbolic.evaluate import Evaluation, UnclearError, UndefinedError, Value, as_float, precision, sign
from grader.symbolic.refute import Difference

LONGEST = 300
"""Characters of a formula that is shown."""

LARGEST = 120
"""Nodes of an expression that is simplified or has a point put in."""

MOST_TERMS = 60
"""Of a difference that is expanded."""

SHORT = 60
"""Characters of an exact value; a longer one is given in digits."""

DIGITS = 170
"""Bits with which choices are made where a point is put in."""


def refuted(pair: Pair, found: Difference) -> Refuted:
    """The evidence: point, both values as exact expressions and as numbers, both formulas."""
    given, wanted = pair
    return Refuted(
        point={symbol.name: _digits(value) for symbol, value in found.point.items()},
        index=(),
        expected=_value(wanted, found.point, found.wanted),
        got="undefined" if found.given is None else _value(given, found.point, found.given),
        expected_value=as_float(found.wanted),
        got_value=float("nan") if found.given is None else as_float(found.given),
        expected_formula=written(wanted),
        got_formula=written(given),
        difference=_difference(given, wanted),
    )


def written(expression: sympy.Expr) -> str:
    """An expression as text, cut where it is long."""
    if size(expression) > LONGEST:
        return f"an expression of {size(expression)} terms"
    text = str(sympy.sstr(expression))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def size(expression: sympy.Basic) -> int:
    """Nodes of the tree that would be printed; shared parts count as often as they are met."""
    known: dict[sympy.Basic, int] = {}

    def count(node: sympy.Basic) -> int:
        if node not in known:
            known[node] = 1 + sum(count(part) for part in node.args)
        return known[node]

    return count(expression)


def _digits(value: Value) -> str:
    return str(value) if isinstance(value, fmpq) else f"{as_float(value):.17g}"


def _value(expression: sympy.Expr, point: Mapping[sympy.Symbol, Value], value: Value) -> str:
    """`sqrt(3)/2` where that is short, else fifteen digits."""
    if isinstance(value, fmpq):
        text = str(value)
        return text if len(text) <= SHORT else f"{as_float(value):.15g}"
    if size(expression) <= LARGEST and all(isinstance(coordinate, fmpq) for coordinate in point.values()):
        # what can't be told apart or built by SymPy is given in digits, which are sure
        with precision(DIGITS), suppress(UnclearError, UndefinedError, ValueError, TypeError):
            text = str(sympy.sstr(_exactly(expression, Evaluation(point))))
            if len(text) <= SHORT:
                return text
    return f"{as_float(value):.15g}"


def _exactly(expression: sympy.Basic, at: Evaluation) -> sympy.Expr:
    """The expression with the point put in; choices and extreme values are made, so that SymPy compares nothing."""
    value = at.value(expression)
    if isinstance(value, fmpq):
        return sympy.Rational(int(value.p), int(value.q))
    match expression:
        case sympy.Piecewise():
            return _exactly(next(branch for branch, condition in expression.args if at.holds(condition)), at)
        case sympy.Max() | sympy.Min():
            direction = 1 if isinstance(expression, sympy.Max) else -1
            return _exactly(max(expression.args, key=lambda part: direction * as_float(at.value(part))), at)
        case sympy.Abs():
            inner = _exactly(expression.args[0], at)
            return inner if sign(at.value(expression.args[0])) >= 0 else -inner
    return expression.func(*(_exactly(part, at) for part in expression.args))


def _difference(given: sympy.Expr, wanted: sympy.Expr) -> str:
    """got − expected, simplified, where both are smooth and it is short then."""
    if given.has(*_NOT_SMOOTH) or wanted.has(*_NOT_SMOOTH) or _terms(given) + _terms(wanted) > MOST_TERMS:
        return ""
    text = sympy.sstr(sympy.factor_terms(sympy.expand(given - wanted)))
    return text if len(text) <= LONGEST // 2 else ""


def _terms(expression: sympy.Basic) -> int:
    """A bound on the terms that expanding gives, in the expression and in what its functions are applied to."""
    inner = [_terms(part) for part in expression.args]
    if max(inner, default=1) > MOST_TERMS:
        return max(inner)
    match expression:
        case sympy.Add():
            return sum(inner)
        case sympy.Mul():
            return prod(inner)
        case sympy.Pow() if expression.exp.is_Integer and abs(expression.exp) < MOST_TERMS:
            return comb(inner[0] + abs(int(expression.exp)) - 1, abs(int(expression.exp)))
    return max(inner, default=1)


_NOT_SMOOTH = (sympy.Piecewise, sympy.Max, sympy.Min, sympy.Abs, sympy.sign, sympy.Heaviside)
