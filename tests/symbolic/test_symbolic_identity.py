"""The identity test: equal expressions agree at its point, different ones don't, however large they are."""

from __future__ import annotations

import random

import pytest
import sympy
from sympy import Max, exp, log, root, sqrt

from grader.model.formula import symbols
from grader.model.proof import Method, Proved, Refuted
from grader.symbolic.equality import decide
from grader.symbolic.field import Field
from grader.symbolic.identity import IdentityTest
from grader.symbolic.normal import NormalForms
from grader.symbolic.polynomials import TooLargeError


def _agree(given: sympy.Expr, wanted: sympy.Expr, *, opaque: bool = False) -> bool:
    return IdentityTest(NormalForms(Field(60, 1), opaque=opaque)).all_equal([(given, wanted)])


X, Y, Z = sympy.symbols("x y z", real=True)


def test_identities_of_every_kind_of_generator_agree() -> None:
    assert _agree(exp(X + Y) / exp(Y), exp(X))
    assert _agree(exp(X / 2) ** 2, exp(X))
    assert _agree((X + Y) ** 30, (X**2 + 2 * X * Y + Y**2) ** 15)
    assert _agree(log(X**2 + 1) * 2, log((X**2 + 1) ** 2))
    assert _agree(sqrt(X**2 + 2) ** 4, (X**2 + 2) ** 2)
    assert _agree(1 / (1 + sqrt(X**2 + 2)), (sqrt(X**2 + 2) - 1) / (X**2 + 1))
    assert _agree(sqrt(6) * X, sqrt(2) * sqrt(3) * X)
    assert _agree(root(6, 4) * X, root(2, 4) * root(3, 4) * X)
    assert _agree(sqrt(sqrt(X**2 + 2)) ** 4, X**2 + 2)


def test_different_expressions_disagree() -> None:
    source = random.Random(5)
    for _ in range(50):
        slip = sympy.Rational(1, 10 ** source.randint(1, 40))
        assert not _agree(exp(X + Y) + X**7 + slip, exp(X) * exp(Y) + X**7)
    assert not _agree(sqrt(X**2 + 2), -sqrt(X**2 + 2))
    assert not _agree(exp(X) ** 2, exp(X**2))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(sqrt(X * Y), -sqrt(X) * sqrt(Y)), (sqrt(X + 1 + 2 * sqrt(X)), -1 - sqrt(X))],
)
def test_roots_that_depend_on_each_other_are_left_open(given: sympy.Expr, wanted: sympy.Expr) -> None:
    for _ in range(10):  # a root of random sign would make them agree half of the time
        with pytest.raises(TooLargeError, match="depend on each other"):
            _agree(given, wanted)


def test_a_maximum_that_cancels_need_not_be_understood() -> None:
    highest = Max(X, Y, evaluate=False)
    assert _agree(exp(X - highest) / (exp(X - highest) + exp(Y - highest)), exp(X) / (exp(X) + exp(Y)), opaque=True)
    assert not _agree(highest, X + Y, opaque=True)


def _attention(x, w, heads: int, shift) -> list[sympy.Expr]:
    """Attention of each head with scores x W xᵀ, as sums of quotients with many monomials in the exponents."""
    length, width = x.shape
    results = []
    for head in range(heads):
        scores = x @ w[head] @ x.T
        for i in range(length):
            weights = [exp(scores[i, j] - shift(scores[i])) for j in range(length)]
            results += [sum(p * x[j, c] for j, p in enumerate(weights)) / sum(weights) for c in range(width)]
    return results


def test_attention_with_hundreds_of_products_in_its_exponents_is_decided_by_identity_tests() -> None:
    x, w = symbols("x", (3, 5)), symbols("w", (2, 5, 5))
    plain = _attention(x, w, 2, lambda _: 0)
    shifted = _attention(x, w, 2, lambda row: Max(*row, evaluate=False))
    every = [*x.flat, *w.flat]
    assert decide(list(zip(shifted, plain, strict=True)), every)[0] == Proved(Method.IDENTITY_TEST)
    plain[4] = plain[4] * (1 + sympy.Rational(1, 10**12))
    decision, pair = decide(list(zip(shifted, plain, strict=True)), every)
    assert isinstance(decision, Refuted)
    assert pair == 4
