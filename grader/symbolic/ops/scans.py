"""Running sums and products, and entries moved along a dimension."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np

from grader.model.formula import Expressions
from grader.symbolic import scalars
from grader.symbolic.ops.arrays import allow, along, axes_of, axis_of, spend
from grader.symbolic.ops.integers import cast
from grader.symbolic.ops.registry import operation
from grader.symbolic.scalars import Scalar, add, multiply


def spend_on_scan(x: Expressions, dim: int) -> None:
    """A running sum of n entries adds up n²/2 terms."""
    if x.ndim:
        spend(x.size * x.shape[axis_of(dim, x.ndim)] // 2)


@operation("aten.cumsum.default", meaning="the sum up to each place")
def cumsum(x: Expressions, dim: int, *, dtype: str | None = None) -> Expressions:
    spend_on_scan(x, dim)
    return cast(along(lambda entries: list(accumulate(numbers(entries), add)), x, dim), dtype)


@operation("aten.cumprod.default", meaning="the product up to each place")
def cumprod(x: Expressions, dim: int, *, dtype: str | None = None) -> Expressions:
    spend_on_scan(x, dim)
    return cast(along(lambda entries: list(accumulate(numbers(entries), multiply)), x, dim), dtype)


@operation("aten.logcumsumexp.default", meaning="log ∑ exp a up to each place")
def logcumsumexp(x: Expressions, dim: int) -> Expressions:
    def running(entries: list[Scalar]) -> list[Scalar]:
        sums = accumulate([scalars.exponential(entry) for entry in entries], add)
        return [scalars.logarithm(partial) for partial in sums]

    spend_on_scan(x, dim)
    return along(running, x, dim)


def numbers(entries: list[Scalar]) -> list[Scalar]:
    """Conditions as 0 and 1."""
    return [scalars.number(entry) for entry in entries]


@operation("aten.flip.default", meaning="in reverse order along dimensions")
def flip(x: Expressions, dims: Any) -> Expressions:
    allow(x.shape)
    return np.flip(x, axes_of(dims, x.ndim) if dims else ()).copy()


@operation("aten.roll.default", meaning="moved along dimensions, around the end")
def roll(x: Expressions, shifts: Any, dims: Any = ()) -> Expressions:
    allow(x.shape)
    steps = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    axes = (dims,) if isinstance(dims, int) else tuple(dims)
    if not axes:
        (step,) = steps
        return np.roll(x, step)
    return np.roll(x, steps, tuple(axis_of(dim, x.ndim) for dim in axes))
