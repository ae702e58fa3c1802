"""Decides a claim: interprets the graph, replays it, and compares what it computes with what is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from flint import fmpq

from grader.model.formula import Claim, Expressions
from grader.model.graph import Graph
from grader.model.proof import Decision, DifferentShape, Judged, Refuted, Undecided
from grader.symbolic.constants import Constants
from grader.symbolic.depth import deep_recursion
from grader.symbolic.equality import decide
from grader.symbolic.evaluate import Evaluation, UnclearError, UndefinedError, as_float, precision
from grader.symbolic.interpret import interpret
from grader.symbolic.refusals import InterpretationError

REPLAY_BITS = 120
INFINITE = (sympy.oo, -sympy.oo)

Outputs = tuple[Expressions | None, ...]


def judge(claim: Claim) -> Judged:
    """Decide a claim; whatever the graph holds, this returns."""
    constants = Constants()
    with deep_recursion():
        try:
            given = interpret(claim.graph, claim.inputs, constants)
            wanted = claim.wanted
            if isinstance(wanted, Graph):
                wanted = interpret(wanted, claim.inputs, constants)
        except InterpretationError as error:
            return Judged(Undecided(str(error)), constants.notes())
        replayed = tuple(_replayed(given, claim.inputs, point, constants) for point in claim.points)
        return Judged(_decided(claim, given, wanted, constants), constants.notes(), replayed)


def _decided(claim: Claim, given: Outputs, wanted: Outputs, constants: Constants) -> Decision:
    if len(given) != len(wanted):
        return Undecided(f"there are {len(given)} results in place of {len(wanted)}")
    for ours, theirs in zip(given, wanted, strict=True):
        if ours is not None and theirs is not None and ours.shape != theirs.shape:
            return DifferentShape(theirs.shape, ours.shape)
    places = [(index, a, b) for index, a, b in _places(given, wanted) if not (a == b and a in INFINITE)]
    for index, a, b in places:
        if not claim.inputs and (a in INFINITE or b in INFINITE):
            return _infinite(index, a, b)
    symbols = [symbol for array in claim.inputs.values() for symbol in array.flat]
    pairs = [(a, b) for _, a, b in places]
    decision, number = decide(pairs, symbols, uncertain=constants.balls(), almost_everywhere=claim.almost_everywhere)
    if isinstance(decision, Refuted):
        point = {name: _nested(array, decision.point) for name, array in claim.inputs.items()}
        return replace(decision, point=point, index=places[number][0])
    return decision


def _infinite(index: tuple[int, ...], given: sympy.Expr, wanted: sympy.Expr) -> Refuted:
    """One of two constants is infinite and the other is not, or in the other direction."""
    expected, got = (str(side).replace("oo", "inf") for side in (wanted, given))
    return Refuted({}, index, expected, got, float(wanted), float(given), expected, got, difference="")


def _places(given: Outputs, wanted: Outputs) -> Iterator[tuple[tuple[int, ...], sympy.Expr, sympy.Expr]]:
    """Index, given and wanted entry of every element of every result; a missing gradient is one of zeros."""
    several = len(given) > 1
    for number, (ours, theirs) in enumerate(zip(given, wanted, strict=True)):
        shape = ours.shape if ours is not None else () if theirs is None else theirs.shape
        for index in np.ndindex(*shape):
            a, b = (sympy.S.Zero if array is None else as_number(array[index]) for array in (ours, theirs))
            yield ((number, *index) if several else index), a, b


def as_number(entry: sympy.Basic) -> sympy.Expr:
    """An entry of a bool tensor as 1 or 0, any other as it is."""
    if isinstance(entry, sympy.Expr):
        return entry
    return sympy.Piecewise((sympy.S.One, entry), (sympy.S.Zero, True), evaluate=False)


def _replayed(
    given: Outputs, inputs: Mapping[str, Expressions], point: Mapping[str, Any], constants: Constants
) -> tuple[Any, ...]:
    """The graph's results at a point, as nested lists of floats; NaN where there is none."""
    values: dict[sympy.Symbol, Any] = dict(constants.balls())
    for name, array in inputs.items():
        numbers = np.asarray(point[name], dtype=float)
        for symbol, number in zip(array.flat, numbers.flat, strict=True):
            exactly = Fraction(float(number))
            values[symbol] = fmpq(exactly.numerator, exactly.denominator)
    with precision(REPLAY_BITS):
        at = Evaluation(values, rounding=True)
        return tuple(None if array is None else _floats(array, at) for array in given)


def _floats(array: Expressions, at: Evaluation) -> Any:
    numbers = np.empty(array.shape, dtype=float)
    for index in np.ndindex(*array.shape):
        numbers[index] = _float(as_number(array[index]), at)
    return numbers.tolist()


def _float(entry: sympy.Expr, at: Evaluation) -> float:
    if entry in (sympy.oo, -sympy.oo):
        return float(entry)
    try:
        return as_float(at.value(entry))
    except (UndefinedError, UnclearError):
        return float("nan")


def _nested(array: Expressions, point: Mapping[str, Any]) -> Any:
    texts = np.empty(array.shape, dtype=object)
    for index in np.ndindex(*array.shape):
        texts[index] = point[array[index].name]
    return texts.tolist()
