"""Constants of a formula: they are what stands in them, but where the formula is differentiated."""

from __future__ import annotations

import pytest
import sympy
from flint import fmpq

from grader.model.formula import Constant, constant, symbols
from grader.model.proof import Proved, Refuted
from grader.symbolic.equality import decide
from grader.symbolic.evaluate import Evaluation

X, Y = sympy.symbols("x y", real=True)


def test_nothing_flows_through_a_constant_and_everything_past_it() -> None:
    assert constant(X**2).diff(X) == 0
    assert (constant(X**2) * X).diff(X) == constant(X**2)
    assert sympy.exp(constant(X) + X).diff(X) == sympy.exp(constant(X) + X)


def test_an_array_is_one_of_constants() -> None:
    array = constant(symbols("x", (2, 3)) * 2)
    assert array.shape == (2, 3)
    assert all(isinstance(entry, Constant) for entry in array.flat)


def test_numbers_and_constants_are_constants_already() -> None:
    assert constant(sympy.Rational(3, 4)) == sympy.Rational(3, 4)
    assert constant(constant(X)) == constant(X)
    assert constant(X).subs(X, 2) == 2


@pytest.mark.parametrize(
    ("expression", "text", "latex"),
    [
        (constant(X), "x", "x"),
        (constant(X + Y) * Y, "y*(x + y)", r"y \left(x + y\right)"),
        (constant(X + Y) ** 2, "(x + y)**2", r"{\left(x + y\right)}^{2}"),
        (constant(sympy.exp(X)), "exp(x)", "e^{x}"),
    ],
)
def test_it_is_shown_as_what_stands_in_it(expression: sympy.Expr, text: str, latex: str) -> None:
    assert str(expression) == text
    assert sympy.latex(expression) == latex
    assert "Constant" not in sympy.pretty(expression)


def test_it_keeps_its_sign() -> None:
    assert constant(sympy.exp(X)).is_positive
    assert constant(X).is_real
    assert constant(-sympy.exp(X)).is_negative


@pytest.mark.parametrize("inside", [X + Y, sympy.Max(X, Y), sympy.exp(X) / (1 + Y**2), sympy.Abs(X)])
def test_proofs_and_values_take_it_for_what_stands_in_it(inside: sympy.Expr) -> None:
    decision, _ = decide([(constant(inside) * X, inside * X)], [X, Y])
    assert isinstance(decision, Proved)
    decision, _ = decide([(constant(inside) * X, inside * Y)], [X, Y])
    assert isinstance(decision, Refuted)
    point = {X: fmpq(-3, 2), Y: fmpq(1)}
    values = [Evaluation(point).value(each) for each in (constant(inside) + 1, inside + 1)]
    assert str(values[0]) == str(values[1])
