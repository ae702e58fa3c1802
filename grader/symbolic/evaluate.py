"""Rigorous evaluation at rational points: exact rationals as far as they go, then balls that hold the value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sympy
from flint import arb, fmpq, fmpz
from flint import ctx as flint_context
from sympy.core.relational import Relational

from grader.model.formula import Constant

Value = Any
"""`fmpq` where exact, `arb` (midpoint and radius) where not."""

LARGEST_EXACT = 4096
"""Bits of numerator and denominator together; longer rationals go on as balls."""


class UndefinedError(Exception):
    """The expression has no real value at the point: the logarithm of a negative number, a division by zero."""


class UnclearError(Exception):
    """The precision does not suffice to tell on which side of a comparison a value lies, or whether it is defined."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work with this many bits of mantissa."""
    before = flint_context.prec
    flint_context.prec = bits
    try:
        yield
    finally:
        flint_context.prec = before


class Evaluation:
    """Values of expressions at one point; shared subexpressions are evaluated once."""

    def __init__(self, point: Mapping[sympy.Symbol, Value], *, ties: bool = True, rounding: bool = False) -> None:
        self._values: dict[sympy.Basic, Value] = dict(point)
        self._ties = ties
        """Whether a comparison of equal values is decided; if not it is unclear."""

        self._rounding = rounding
        """Whether values that the precision does not tell apart are compared as equal."""

    def value(self, expression: sympy.Expr) -> Value:
        """The value of an expression.

        Raises:
            UndefinedError: it has none.
            UnclearError: a comparison in it can't be decided.
        """
        known = self._values.get(expression)
        if known is None:
            known = self._values[expression] = _bounded(self._computed(expression))
        return known

    def holds(self, condition: sympy.Basic) -> bool:
        """Whether a condition is true at the point; raises as `value` does."""
        if condition in (sympy.true, sympy.false):
            return bool(condition)
        match condition:
            case sympy.And():
                return all(self.holds(part) for part in condition.args)
            case sympy.Or():
                return any(self.holds(part) for part in condition.args)
            case sympy.Not():
                return not self.holds(condition.args[0])
            case sympy.ITE():
                first, then, otherwise = condition.args
                return self.holds(then if self.holds(first) else otherwise)
        if not isinstance(condition, Relational):
            raise UnclearError(f"{type(condition).__name__} is no condition that is known here")
        left, right = condition.args
        found = 0 if left == right else self._sign_of(self.value(left) - self.value(right))
        return _related(condition.rel_op, found)

    def _computed(self, expression: sympy.Expr) -> Value:
        handler = _HANDLERS.get(expression.func)
        if handler is not None:
            return handler(self, *expression.args)
        if isinstance(expression, sympy.Rational):
            return fmpq(int(expression.p), int(expression.q))
        if expression in _CONSTANTS:
            return _CONSTANTS[expression]()
        raise UnclearError(f"{expression.func.__name__} is not known here")

    def _piecewise(self, *branches: sympy.Tuple) -> Value:
        for value, condition in branches:
            if self.holds(condition):
                return self.value(value)
        raise UndefinedError("no branch applies")

    def _power(self, base: sympy.Expr, exponent: sympy.Expr) -> Value:
        if exponent.is_Integer:
            return _integer_power(self.value(base), int(exponent))
        if exponent == sympy.S.Half:
            return root(self.value(base))
        if exponent == -sympy.S.Half:
            return _integer_power(root(self.value(base)), -1)
        return exponential(logarithm(self.value(base)) * self.value(exponent))

    def _sign_of(self, value: Value) -> int:
        if self._rounding and abs(arb(value)) < arb(2) ** (-flint_context.prec // 2):
            return 0
        found = sign(value)
        if found == 0 and not self._ties:
            raise UnclearError("a tie")
        return found

    def _sign(self, argument: sympy.Expr) -> Value:
        return fmpq(self._sign_of(self.value(argument)))

    def _step(self, argument: sympy.Expr, *_at_zero: sympy.Expr) -> Value:
        found = sign(self.value(argument))
        if found == 0:
            raise UnclearError("a step right at its edge")
        return fmpq((1 + found) // 2)


def sign(value: Value) -> int:
    """−1, 0 or 1; raises UnclearError where the ball reaches over zero."""
    if isinstance(value, fmpq):
        return int(value > 0) - int(value < 0)
    if value > 0:
        return 1
    if value < 0:
        return -1
    raise UnclearError("the sign of a value can't be told")


def root(value: Value) -> Value:
    """The square root; raises for what is negative."""
    if sign(value) < 0:
        raise UndefinedError("the square root of a negative number")
    if isinstance(value, fmpq):
        exact = fmpz(value.p).isqrt(), fmpz(value.q).isqrt()
        if exact[0] ** 2 == value.p and exact[1] ** 2 == value.q:
            return fmpq(*exact)
    return arb(value).sqrt()


def logarithm(value: Value) -> Value:
    """The natural logarithm; raises for what is not positive."""
    if sign(value) <= 0:
        raise UndefinedError("the logarithm of a number that is not positive")
    return fmpq(0) if isinstance(value, fmpq) and value == 1 else arb(value).log()


def exponential(value: Value) -> Value:
    """e to a power."""
    return fmpq(1) if isinstance(value, fmpq) and value == 0 else arb(value).exp()


def as_float(value: Value) -> float:
    """The nearest float to a value's midpoint."""
    return float(arb(value))


def _bounded(value: Value) -> Value:
    if isinstance(value, fmpq):
        return arb(value) if value.p.bit_length() + value.q.bit_length() > LARGEST_EXACT else value
    if not value.is_finite():
        raise UnclearError("a value is too large")
    return value


def _integer_power(value: Value, exponent: int) -> Value:
    if exponent < 0:
        if sign(value) == 0:
            raise UndefinedError("a division by zero")
        return _integer_power(1 / value, -exponent)
    if isinstance(value, fmpq) and (value.p.bit_length() + value.q.bit_length()) * exponent > LARGEST_EXACT:
        value = arb(value)
    return value**exponent


def _related(operator: str, found: int) -> bool:
    match operator:
        case ">":
            return found > 0
        case ">=":
            return found >= 0
        case "<":
            return found < 0
        case "<=":
            return found <= 0
        case "==":
            return found == 0
        case _:
            return found != 0


def _sum(at: Evaluation, *terms: sympy.Expr) -> Value:
    total = fmpq(0)
    for term in terms:
        total = total + at.value(term)
    return total


def _product(at: Evaluation, *factors: sympy.Expr) -> Value:
    total = fmpq(1)
    for factor in factors:
        total = total * at.value(factor)
    return total


def _largest(at: Evaluation, *arguments: sympy.Expr) -> Value:
    first, *others = (at.value(argument) for argument in arguments)
    for other in others:
        exact = isinstance(first, fmpq) and isinstance(other, fmpq)
        first = (first if first > other else other) if exact else arb(first).max(arb(other))
    return first


def _smallest(at: Evaluation, *arguments: sympy.Expr) -> Value:
    first, *others = (at.value(argument) for argument in arguments)
    for other in others:
        exact = isinstance(first, fmpq) and isinstance(other, fmpq)
        first = (first if first < other else other) if exact else arb(first).min(arb(other))
    return first


def _absolute(at: Evaluation, argument: sympy.Expr) -> Value:
    return abs(at.value(argument))


def _through(method: str) -> Callable[..., Value]:
    def apply(at: Evaluation, argument: sympy.Expr) -> Value:
        return getattr(arb(at.value(argument)), method)()

    return apply


_HANDLERS: dict[type, Callable[..., Value]] = {
    sympy.Add: _sum,
    sympy.Mul: _product,
    sympy.Pow: Evaluation._power,
    sympy.exp: lambda at, argument: exponential(at.value(argument)),
    sympy.log: lambda at, argument: logarithm(at.value(argument)),
    sympy.Max: _largest,
    sympy.Min: _smallest,
    sympy.Abs: _absolute,
    sympy.sign: Evaluation._sign,
    sympy.Heaviside: Evaluation._step,
    sympy.Piecewise: Evaluation._piecewise,
    Constant: lambda at, argument: at.value(argument),
} | {getattr(sympy, name): _through(name) for name in ("sin", "cos", "tan", "tanh", "sinh", "cosh", "erf", "atan")}

_CONSTANTS: dict[sympy.Expr, Callable[[], Value]] = {sympy.pi: arb.pi, sympy.E: arb.const_e}
