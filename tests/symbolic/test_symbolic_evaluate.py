"""Values are exact where they can be, sure where they can't, and absent where there is none."""

from __future__ import annotations

import pytest
import sympy
from flint import arb, fmpq
from sympy import Abs, Heaviside, Max, Min, Piecewise, Rational, cos, exp, log, sign, sqrt, tanh

from grader.symbolic.evaluate import Evaluation, UnclearError, UndefinedError, precision

X, Y = sympy.symbols("x y", real=True)


def _at(expression: object, x: object = 0, y: object = 0, **options: bool):
    point = {X: fmpq(Rational(x).p, Rational(x).q), Y: fmpq(Rational(y).p, Rational(y).q)}
    return Evaluation(point, **options).value(sympy.sympify(expression))


def test_rational_expressions_are_exact() -> None:
    assert _at((X + Y) ** 2 / (1 + X**2), Rational(1, 3), 2) == fmpq(49, 10)
    assert _at(Max(X, Y) * Min(X, Y) + Abs(X), -2, 3) == fmpq(-4)
    assert _at(sqrt(X), Rational(9, 4)) == fmpq(3, 2)
    assert _at(Piecewise((1, X > Y), (2, sympy.And(sympy.Eq(X, Y), X > 0)), (3, True)), 1, 1) == fmpq(2)


@pytest.mark.parametrize("expression", [exp(X), log(1 + X**2), sqrt(2 + X), tanh(X), cos(X), sympy.pi * X, exp(X) ** X])
def test_a_ball_holds_the_value(expression: sympy.Expr) -> None:
    digits = str(expression.subs(X, Rational(7, 5)).evalf(60))
    with precision(170):
        ball = _at(expression, Rational(7, 5))
        assert isinstance(ball, arb)
        assert ball.overlaps(arb(digits))
        assert ball.rad() < arb("1e-45")


@pytest.mark.parametrize("expression", [1 / X, log(X), log(X - 1), sqrt(X - 1), X ** Rational(-1, 2)])
def test_what_has_no_value_says_so(expression: sympy.Expr) -> None:
    with pytest.raises(UndefinedError):
        _at(expression, 0)


def test_a_branch_that_is_not_taken_need_not_have_a_value() -> None:
    assert _at(Piecewise((log(X), X > 0), (0, True)), -1) == 0


def test_what_the_precision_does_not_show_is_unclear() -> None:
    tiny = exp(X) - exp(Y) * exp(X - Y)
    with pytest.raises(UnclearError):
        _at(sign(tiny), 1, Rational(1, 3))
    with pytest.raises(UnclearError):
        _at(sympy.Function("strange")(X))
    with pytest.raises(UnclearError):
        _at(exp(exp(exp(X))), 60)


def test_ties_are_unclear_where_they_are_to_be_left_out() -> None:
    step = Piecewise((1, X > Y), (0, True))
    assert _at(step, 1, 1) == 0
    for expression in (step, sign(X - Y), Heaviside(X - Y)):
        with pytest.raises(UnclearError):
            _at(expression, 1, 1, ties=False)


def test_long_rationals_go_on_as_balls() -> None:
    assert isinstance(_at((X + Rational(1, 3)) ** 5000, 1), arb)
