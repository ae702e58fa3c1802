"""Right answers are never refuted and wrong ones never proved, on hundreds of random rewritings and slips."""

from __future__ import annotations

import random
from collections import Counter

import mpmath
import pytest
import sympy

from grader.model.proof import Proved, Refuted, Undecided
from grader.symbolic.equality import decide
from tests.symbolic.rewriting import ALL, expression, perturbed, rewritten

BATCHES = 8
EACH = 50


def _rewritings(batch: int) -> list[tuple[sympy.Expr, sympy.Expr]]:
    found = []
    for k in range(EACH):
        source = random.Random(f"{batch} {k}")
        given = _built(lambda source=source: expression(source, 3))
        again = None if given is None else _built(lambda given=given, source=source: rewritten(given, source))
        if given is not None and again is not None:
            found.append((again, given))
    return found


def _built(make) -> sympy.Expr | None:
    """SymPy itself may fail to build an expression ("Invalid NaN comparison")."""
    try:
        return make()
    except TypeError:
        return None


@pytest.mark.parametrize("batch", range(BATCHES))
def test_an_expression_rewritten_by_true_identities_is_never_refuted(batch: int) -> None:
    outcomes = Counter()
    for again, given in _rewritings(batch):
        decision, _ = decide([(again, given)], ALL)
        assert not isinstance(decision, Refuted), (again, given, decision)
        outcomes[type(decision)] += 1
    assert outcomes[Proved] >= 0.95 * outcomes.total(), outcomes


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_slip_that_changes_the_values_is_never_proved(batch: int) -> None:
    outcomes = Counter()
    for _, given in _rewritings(batch):
        wrong = _built(lambda given=given: perturbed(given, random.Random(f"{batch} {given}")))
        if wrong is None or not _differ_somewhere(wrong, given):
            continue
        decision, _ = decide([(wrong, given)], ALL)
        assert not isinstance(decision, Proved), (wrong, given)
        outcomes[type(decision)] += 1
    assert outcomes[Refuted] >= 0.9 * outcomes.total() > 0.9 * EACH / 2, outcomes
    assert outcomes[Undecided] <= 0.1 * outcomes.total()


def _differ_somewhere(one: sympy.Expr, other: sympy.Expr) -> bool:
    """By another evaluator than the one that is tested, at points of its own."""
    functions = [sympy.lambdify(ALL, each, "mpmath") for each in (one, other)]
    source = random.Random(str(one))
    with mpmath.workdps(60):
        for _ in range(10):
            point = [mpmath.mpf(source.randint(-300, 300)) / 128 for _ in ALL]
            point[-1] = abs(point[-1]) + mpmath.mpf(1) / 64
            try:
                a, b = (function(*point) for function in functions)
            except (ValueError, ZeroDivisionError, TypeError):
                continue
            if mpmath.isfinite(a) and mpmath.isfinite(b) and abs(a - b) > mpmath.mpf(10) ** -40 * max(1, abs(a)):
                return True
    return False
