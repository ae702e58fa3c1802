"""Sums, means, products and extreme values along dimensions."""

from __future__ import annotations

from typing import Any

from grader.model.formula import Expressions
from grader.symbolic import conditions, scalars
from grader.symbolic.ops.arrays import as_entry, reduced
from grader.symbolic.ops.integers import cast
from grader.symbolic.ops.registry import operation
from grader.symbolic.scalars import Scalar, add, divide, multiply


def total(entries: list[Scalar]) -> Scalar:
    """The sum."""
    return add(*entries)


def average(entries: list[Scalar]) -> Scalar:
    """The mean; of nothing it is NaN."""
    return divide(add(*entries), as_entry(len(entries)))


def product(entries: list[Scalar]) -> Scalar:
    """The product."""
    return multiply(*entries)


@operation("aten.sum.default", meaning="the sum of all entries")
def sum_of_all(x: Expressions, *, dtype: str | None = None) -> Expressions:
    return cast(reduced(total, x), dtype)


@operation("aten.sum.dim_IntList", meaning="the sum along dimensions")
def sum_along(x: Expressions, dim: Any, keepdim: bool = False, *, dtype: str | None = None) -> Expressions:
    return cast(reduced(total, x, dim, keepdim), dtype)


@operation("aten.mean.default", meaning="the mean of all entries")
def mean_of_all(x: Expressions, *, dtype: str | None = None) -> Expressions:
    return cast(reduced(average, x), dtype)


@operation("aten.mean.dim", meaning="the mean along dimensions")
def mean_along(x: Expressions, dim: Any, keepdim: bool = False, *, dtype: str | None = None) -> Expressions:
    return cast(reduced(average, x, dim, keepdim), dtype)


@operation("aten.prod.default", meaning="the product of all entries")
def product_of_all(x: Expressions, *, dtype: str | None = None) -> Expressions:
    return cast(reduced(product, x), dtype)


@operation("aten.prod.dim_int", meaning="the product along a dimension")
def product_along(x: Expressions, dim: int, keepdim: bool = False, *, dtype: str | None = None) -> Expressions:
    return cast(reduced(product, x, dim, keepdim), dtype)


@operation("aten.logsumexp.default", meaning="log ∑ exp a along dimensions")
def logsumexp(x: Expressions, dim: Any, keepdim: bool = False) -> Expressions:
    return reduced(scalars.log_sum_exp, x, dim, keepdim)


def largest(entries: list[Scalar]) -> Scalar:
    """The maximum of one entry or more."""
    if not entries:
        raise ValueError("no entries")
    return entries[0] if len(entries) == 1 else conditions.greatest(*entries)


def smallest(entries: list[Scalar]) -> Scalar:
    """The minimum of one entry or more."""
    if not entries:
        raise ValueError("no entries")
    return entries[0] if len(entries) == 1 else conditions.least(*entries)


@operation("aten.amax.default", "aten.max.default", meaning="the maximum, of all entries or along dimensions")
def maximum_along(x: Expressions, dim: Any = (), keepdim: bool = False) -> Expressions:
    return reduced(largest, x, dim, keepdim)


@operation("aten.amin.default", "aten.min.default", meaning="the minimum, of all entries or along dimensions")
def minimum_along(x: Expressions, dim: Any = (), keepdim: bool = False) -> Expressions:
    return reduced(smallest, x, dim, keepdim)


@operation("aten.any.default", "aten.any.dim", "aten.any.dims", meaning="whether any entry is true")
def any_along(x: Expressions, dim: Any = None, keepdim: bool = False) -> Expressions:
    return reduced(lambda entries: conditions.disjunction(*entries), x, dim, keepdim)


@operation(
    "aten.all.default",
    "aten.all.dim",
    "aten.all.dims",
    "aten._is_all_true.default",
    meaning="whether all entries are true",
)
def all_along(x: Expressions, dim: Any = None, keepdim: bool = False) -> Expressions:
    return reduced(lambda entries: conditions.conjunction(*entries), x, dim, keepdim)
