"""Extreme values with their positions, and sorting.

An extreme value has an expression, and its position a piecewise one; a list is sorted only if it is of numbers.
"""

# ruff: noqa: ARG001 — the names and the number of the arguments are PyTorch's
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from grader.model.formula import Expressions
from grader.symbolic import conditions
from grader.symbolic.ops.arrays import POSITION, along, as_array, as_entry, axis_of, each, filled, reduced, spend
from grader.symbolic.ops.reductions import largest, smallest
from grader.symbolic.ops.registry import operation
from grader.symbolic.refusals import Unsupported
from grader.symbolic.scalars import Scalar

Several = tuple[Expressions, Expressions]


def position(relation: Any) -> Callable[[list[Scalar]], Scalar]:
    """The first place whose entry is ≥ (or ≤) every other: a piecewise expression of integers."""

    def found(entries: list[Scalar]) -> Scalar:
        spend(len(entries) ** 2)
        chosen = as_entry(len(entries) - 1)
        for place in reversed(range(len(entries) - 1)):
            others = (conditions.compare(relation, entries[place], other) for other in entries)
            chosen = conditions.where(conditions.conjunction(*others), as_entry(place), chosen)
        return chosen

    return found


@operation("aten.max.dim", meaning="the maximum along a dimension, and its first position")
def maximum_with_position(x: Expressions, dim: int, keepdim: bool = False) -> Several:
    return reduced(largest, x, dim, keepdim), reduced(position(sympy.Ge), x, dim, keepdim)


@operation("aten.min.dim", meaning="the minimum along a dimension, and its first position")
def minimum_with_position(x: Expressions, dim: int, keepdim: bool = False) -> Several:
    return reduced(smallest, x, dim, keepdim), reduced(position(sympy.Le), x, dim, keepdim)


@operation("aten.argmax.default", meaning="the first position of the maximum")
def argmax(x: Expressions, dim: int | None = None, keepdim: bool = False) -> Expressions:
    return reduced(position(sympy.Ge), x, dim, keepdim)


@operation("aten.argmin.default", meaning="the first position of the minimum")
def argmin(x: Expressions, dim: int | None = None, keepdim: bool = False) -> Expressions:
    return reduced(position(sympy.Le), x, dim, keepdim)


@operation("aten.sort.default", meaning="sorted, and the positions before, of numbers")
def sort(x: Expressions, dim: int = -1, descending: bool = False) -> Several:
    def places(entries: list[Scalar]) -> list[int]:
        return conditions.ranks(entries, "sort", descending=descending)

    return (
        along(lambda entries: [entries[place] for place in places(entries)], x, dim),
        along(lambda entries: [as_entry(place) for place in places(entries)], x, dim),
    )


@operation("aten.sort.stable", meaning="sorted, and the positions before, of numbers")
def stable_sort(x: Expressions, *, stable: bool | None = None, dim: int = -1, descending: bool = False) -> Several:
    return sort(x, dim, descending)


@operation("aten.argsort.default", meaning="the positions in order, of numbers")
def argsort(x: Expressions, dim: int = -1, descending: bool = False) -> Expressions:
    return sort(x, dim, descending)[1]


@operation("aten.topk.default", meaning="the k greatest with their positions, of numbers")
def topk(x: Expressions, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Several:  # noqa: A002 — PyTorch's name
    values, positions = sort(x, dim, largest)
    axis = axis_of(dim, x.ndim)
    chosen = (slice(None),) * axis + (slice(0, k),)
    if k > x.shape[axis]:
        raise ValueError(f"{k} of {x.shape[axis]}")
    return values[chosen], positions[chosen]


def searched(entries: list[Scalar], value: Scalar, right: bool) -> int:
    """How many sorted numbers are before this value."""
    spend(len(entries))
    relation = sympy.Le if right else sympy.Lt
    before = [conditions.compare(relation, entry, value) for entry in entries]
    if not all(entry in (sympy.true, sympy.false) for entry in before):
        raise Unsupported("it uses `searchsorted` on symbolic values")
    return before.count(sympy.true)


@operation(
    "aten.searchsorted.Tensor",
    "aten.searchsorted.Scalar",
    meaning="how many of the sorted numbers come before, of numbers",
)
def searchsorted(
    boundaries: Expressions,
    values: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: None = None,
) -> Expressions:
    if boundaries.ndim != 1 or sorter is not None:
        raise Unsupported("it uses `searchsorted` with several rows or with a sorter")
    entries = boundaries.tolist()
    return each(lambda value: as_entry(searched(entries, value, right or side == "right")), values)


@operation(
    "aten.bucketize.Tensor", "aten.bucketize.Scalar", meaning="how many of the boundaries come before, of numbers"
)
def bucketize(values: Any, boundaries: Expressions, *, out_int32: bool = False, right: bool = False) -> Expressions:
    return searchsorted(boundaries, values, right=right)


def running(of: Callable[[list[Scalar]], Scalar]) -> Callable[[list[Scalar]], list[Scalar]]:
    """The extreme value up to each place."""
    return lambda entries: [of(entries[: place + 1]) for place in range(len(entries))]


def unknown_positions(x: Expressions) -> Expressions:
    """Positions that may not be used."""
    return filled(x.shape, [POSITION] * x.size)


@operation("aten.cummax.default", meaning="the maximum up to each place")
def cummax(x: Expressions, dim: int) -> Several:
    return along(running(largest), as_array(x), dim), unknown_positions(x)


@operation("aten.cummin.default", meaning="the minimum up to each place")
def cummin(x: Expressions, dim: int) -> Several:
    return along(running(smallest), as_array(x), dim), unknown_positions(x)
