"""Entries picked and written at positions that are piecewise: where a maximum is depends on symbolic values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sympy

from grader.model.formula import Expressions
from grader.symbolic import conditions
from grader.symbolic.ops.arrays import allow, blank, spend
from grader.symbolic.refusals import Unsupported
from grader.symbolic.scalars import Scalar


def is_piecewise(index: Expressions) -> bool:
    """Whether some position in it is not an integer, but one of several."""
    return any(isinstance(entry, sympy.Piecewise) for entry in index.reshape(-1))


def equals(position: Scalar, place: int) -> Scalar:
    """The condition under which a piecewise position is this place.

    Raises:
        Unsupported: if it is something else than integers on conditions.
    """
    if isinstance(position, sympy.Integer):
        return sympy.true if position == place else sympy.false
    if not isinstance(position, sympy.Piecewise):
        raise Unsupported("a size or a position in it is a symbolic value")
    (then, condition), (otherwise, _) = position.args
    return conditions.where(condition, equals(then, place), equals(otherwise, place))


def lines(index: Expressions, axis: int) -> Iterator[tuple[tuple[int, ...], tuple[Any, ...], Scalar]]:
    """For each place of an index: the place, the line along the axis that it picks from, the position in that line."""
    for place in np.ndindex(*index.shape):
        yield place, (*place[:axis], slice(None), *place[axis + 1 :]), index[place]


def gathered(x: Expressions, axis: int, index: Expressions) -> Expressions:
    """`gather` by piecewise positions."""
    given = blank(index.shape)
    for place, line, position in lines(index, axis):
        entries = x[line].tolist()
        spend(len(entries))
        chosen = entries[-1]
        for k, entry in enumerate(entries[:-1]):
            chosen = conditions.where(equals(position, k), entry, chosen)
        given[place] = chosen
    return given


def scattered(
    x: Expressions, axis: int, index: Expressions, source: Expressions, rule: Callable[[Scalar, Scalar], Scalar]
) -> Expressions:
    """`scatter` to piecewise positions."""
    allow(x.shape)
    given, values = x.copy(), np.broadcast_to(source, index.shape)
    for place, line, position in lines(index, axis):
        entries = given[line].tolist()
        spend(len(entries))
        for k, old in enumerate(entries):
            entries[k] = conditions.where(equals(position, k), rule(old, values[place]), old)
        given[line] = entries
    return given
