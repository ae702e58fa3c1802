"""Random expressions of the kind that occur in the problems, rewritten by true identities or made slightly wrong."""

from __future__ import annotations

import random
from collections.abc import Callable

import sympy
from sympy import Abs, Max, Min, Piecewise, Rational, exp, log, tanh

from grader.symbolic.scalars import choice

X, Y, Z = SYMBOLS = sympy.symbols("x y z", real=True)
P = sympy.Symbol("p", positive=True)
ALL = (*SYMBOLS, P)


def _power(base: sympy.Expr, exponent: sympy.Expr | int) -> sympy.Expr:
    """SymPy distributes powers over piecewise expressions and simplifies their conditions, which may take forever."""
    return sympy.Pow(base, exponent, evaluate=False)


def expression(source: random.Random, depth: int) -> sympy.Expr:
    """An expression of at most this depth, defined for all real x, y, z and positive p."""
    if depth == 0 or source.random() < 0.15:
        return source.choice((*ALL, Rational(source.randint(-3, 3), source.choice((1, 2, 3)))))
    make = source.choice(_OPERATIONS)
    return make(expression(source, depth - 1), expression(source, depth - 1))


_OPERATIONS: tuple[Callable[[sympy.Expr, sympy.Expr], sympy.Expr], ...] = (
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: a - b,
    lambda a, b: a * _power(1 + _power(b, 2), -1),
    lambda a, _: exp(a),
    lambda a, b: exp(a) * _power(exp(a) + exp(b), -1),
    lambda a, b: log(exp(a) + exp(b)),
    lambda a, _: log(1 + _power(a, 2)),
    lambda a, _: _power(1 + _power(a, 2), sympy.S.Half),
    lambda a, _: tanh(a),
    lambda a, b: Max(a, b, evaluate=False),
    lambda a, b: Min(a, b, evaluate=False),
    lambda a, _: Abs(a, evaluate=False),
    lambda a, b: choice(sympy.Gt(a, b, evaluate=False), a, b),
)


def rewritten(given: sympy.Expr, source: random.Random) -> sympy.Expr:
    """The same function, with some of its parts written differently."""
    if not given.args:
        return _wrapped(given, source)
    parts = [
        part if isinstance(part, sympy.Tuple) or source.random() < 0.4 else _part(part, source) for part in given.args
    ]
    rebuilt = _rebuilt(given, parts)
    rules = _RULES.get(given.func, ())
    if rules and source.random() < 0.7:
        return source.choice(rules)(*rebuilt.args) if rebuilt.func is given.func else rebuilt
    return _wrapped(rebuilt, source)


def _part(part: sympy.Basic, source: random.Random) -> sympy.Basic:
    return rewritten(part, source) if isinstance(part, sympy.Expr) else part


def _rebuilt(given: sympy.Expr, parts: list[sympy.Basic]) -> sympy.Expr:
    if isinstance(given, Piecewise):
        (then, condition), (otherwise, _) = parts
        return choice(condition, then, otherwise)
    if isinstance(given, Max | Min | Abs):
        return given.func(*parts, evaluate=False)
    if isinstance(
        given, sympy.Pow
    ):  # an exponent stays as it is: x ** (2 · …) is another function in floating point only
        return sympy.Pow(parts[0], given.exp, evaluate=False)
    return given.func(*parts)


def _wrapped(given: sympy.Expr, source: random.Random) -> sympy.Expr:
    return source.choice(_ANYWHERE)(given, source.choice(ALL)) if source.random() < 0.3 else given


_ANYWHERE: tuple[Callable[[sympy.Expr, sympy.Symbol], sympy.Expr], ...] = (
    lambda a, _: sympy.log(sympy.exp(a, evaluate=False), evaluate=False),
    lambda a, b: sympy.Mul(a, 1 + b**2, 1 / (b**2 + 1), evaluate=False),
    lambda a, b: Max(a, b, evaluate=False) + Min(a, b, evaluate=False) - b,
    lambda a, b: sympy.Add(sympy.Add(a, b, evaluate=False), -b, evaluate=False),
    lambda a, _: Max(a, 0, evaluate=False) - Max(-a, 0, evaluate=False),
    lambda a, b: choice(sympy.Lt(b, 0, evaluate=False), a, sympy.Mul(a, 2, Rational(1, 2), evaluate=False)),
)

_RULES: dict[type, tuple[Callable[..., sympy.Expr], ...]] = {
    exp: (
        lambda a: sympy.Pow(exp(a / 2), 2, evaluate=False),
        lambda a: sympy.Mul(exp(a - Y), exp(Y), evaluate=False),
        lambda a: 1 / exp(-a),
    ),
    log: (lambda a: log(_power(a, 2)) / 2, lambda a: log(3 * a) - log(3), lambda a: -log(_power(a, -1))),
    tanh: (
        lambda a: (1 - exp(-2 * a)) / (1 + exp(-2 * a)),
        lambda a: 2 / (1 + exp(-2 * a)) - 1,
    ),
    Max: (
        lambda a, b: (a + b + Abs(a - b, evaluate=False)) / 2,
        lambda a, b: -Min(-a, -b, evaluate=False),
        lambda a, b: choice(sympy.Ge(a, b, evaluate=False), a, b),
        lambda a, b: b + Max(a - b, 0, evaluate=False),
    ),
    Min: (
        lambda a, b: a + b - Max(a, b, evaluate=False),
        lambda a, b: choice(sympy.Lt(a, b, evaluate=False), a, b),
    ),
    Abs: (
        lambda a: Max(a, -a, evaluate=False),
        lambda a: _power(_power(a, 2), sympy.S.Half),
        lambda a: a * sympy.sign(a),
    ),
}


def perturbed(given: sympy.Expr, source: random.Random) -> sympy.Expr:
    """A slightly different expression; it may be the same function where the change doesn't reach the result."""
    if not given.args or source.random() < 0.25:
        return source.choice(_SLIPS)(given)
    place = source.choice([k for k, part in enumerate(given.args) if isinstance(part, sympy.Expr)] or [0])
    parts = list(given.args)
    if isinstance(parts[place], sympy.Expr):
        parts[place] = perturbed(parts[place], source)
    return _rebuilt(given, parts)


_SLIPS: tuple[Callable[[sympy.Expr], sympy.Expr], ...] = (
    lambda a: a * (1 + Rational(1, 10**12)),
    lambda a: a + Rational(1, 10**14),
    lambda a: -a,
    lambda a: a + P / 10**9,
    lambda a: a.subs(X, Y) if a.has(X) else a + 1,
)
