"""New tensors, of constants."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from grader.model.formula import Expressions
from grader.symbolic.conditions import FALSE, TRUE
from grader.symbolic.ops.arrays import UNDEFINED, allow, as_array, as_entry, blank, filled, integer
from grader.symbolic.ops.integers import cast
from grader.symbolic.ops.registry import operation
from grader.symbolic.scalars import ONE, ZERO, Scalar, power

LONGEST_NUMBER = 10**9
"""No size or bound of a sequence is larger."""


def shape_of(size: Any) -> tuple[int, ...]:
    """Sizes, or the single size of a vector."""
    return tuple(integer(length) for length in (size if isinstance(size, tuple) else (size,)))


def constant_entry(value: Any, dtype: str | None) -> Scalar:
    """A fill value in a dtype."""
    return cast(as_array(value), dtype)[()]


def zero(dtype: str | None) -> Scalar:
    return FALSE if dtype == "torch.bool" else ZERO


def one(dtype: str | None) -> Scalar:
    return TRUE if dtype == "torch.bool" else ONE


@operation("aten.full.default", meaning="a new tensor of one value")
def full(size: Any, value: Any, *, dtype: str | None = None, **_: Any) -> Expressions:
    return blank(shape_of(size), constant_entry(value, dtype))


@operation("aten.full_like.default", meaning="one value in the shape of a")
def full_like(x: Expressions, value: Any, *, dtype: str | None = None, **_: Any) -> Expressions:
    return blank(x.shape, constant_entry(value, dtype))


@operation("aten.new_full.default", meaning="a new tensor of one value")
def new_full(_x: Expressions, size: Any, value: Any, *, dtype: str | None = None, **_: Any) -> Expressions:
    return blank(shape_of(size), constant_entry(value, dtype))


@operation("aten.zeros.default", "aten._efficientzerotensor.default", meaning="zeros")
def zeros(size: Any, *, dtype: str | None = None, **_: Any) -> Expressions:
    return blank(shape_of(size), zero(dtype))


@operation("aten.zeros_like.default", "aten.zero.default", meaning="zeros in the shape of a")
def zeros_like(x: Expressions, *, dtype: str | None = None, **_: Any) -> Expressions:
    return blank(x.shape, zero(dtype))


@operation("aten.new_zeros.default", meaning="zeros")
def new_zeros(_x: Expressions, size: Any, *, dtype: str | None = None, **_: Any) -> Expressions:
    return blank(shape_of(size), zero(dtype))


@operation("aten._new_zeros_with_same_feature_meta.default", meaning="zeros in the shape of b")
def zeros_for_tangent(_x: Expressions, like: Expressions, **_: Any) -> Expressions:
    return blank(like.shape, ZERO)


@operation("aten.ones.default", meaning="ones")
def ones(size: Any, *, dtype: str | None = None, **_: Any) -> Expressions:
    return blank(shape_of(size), one(dtype))


@operation("aten.ones_like.default", meaning="ones in the shape of a")
def ones_like(x: Expressions, *, dtype: str | None = None, **_: Any) -> Expressions:
    return blank(x.shape, one(dtype))


@operation("aten.new_ones.default", meaning="ones")
def new_ones(_x: Expressions, size: Any, *, dtype: str | None = None, **_: Any) -> Expressions:
    return blank(shape_of(size), one(dtype))


@operation(
    "aten.empty.memory_format",
    "aten.empty_strided.default",
    "aten.empty_permuted.default",
    meaning="memory that has to be written before it is read",
)
def empty(size: Any, _layout: Any = None, **_: Any) -> Expressions:
    return blank(shape_of(size), UNDEFINED)


@operation("aten.empty_like.default", meaning="memory in the shape of a that has to be written before it is read")
def empty_like(x: Expressions, **_: Any) -> Expressions:
    return blank(x.shape, UNDEFINED)


@operation(
    "aten.new_empty.default",
    "aten.new_empty_strided.default",
    meaning="memory that has to be written before it is read",
)
def new_empty(_x: Expressions, size: Any, _stride: Any = None, **_: Any) -> Expressions:
    return blank(shape_of(size), UNDEFINED)


@operation("aten.scalar_tensor.default", meaning="a number as a tensor")
def scalar_tensor(value: Any, *, dtype: str | None = None, **_: Any) -> Expressions:
    return cast(as_array(value), dtype)


def sequence(start: Scalar, end: Scalar, step: Scalar) -> Expressions:
    """start, start + step, … before end."""
    if not all(bound.is_number and bound.is_finite for bound in (start, end, step)) or step == 0:
        raise ValueError(f"from {start} to {end} by {step}")
    count = max(0, int(sympy.ceiling((end - start) / step)))
    allow((min(count, LONGEST_NUMBER),))
    return filled((count,), [start + place * step for place in range(count)])


@operation("aten.arange.default", meaning="0, 1, … before the end")
def arange(end: Any, *, dtype: str | None = None, **_: Any) -> Expressions:
    return cast(sequence(ZERO, as_entry(end), ONE), dtype)


@operation("aten.arange.start", "aten.arange.start_step", meaning="start, start + step, … before the end")
def arange_from(start: Any, end: Any, step: Any = 1, *, dtype: str | None = None, **_: Any) -> Expressions:
    return cast(sequence(as_entry(start), as_entry(end), as_entry(step)), dtype)


@operation("aten.linspace.default", meaning="numbers at equal distances from start to end")
def linspace(start: Any, end: Any, steps: int, *, dtype: str | None = None, **_: Any) -> Expressions:
    (count,) = allow((steps,))
    first, last = as_entry(start), as_entry(end)
    distance = (last - first) / max(count - 1, 1)
    return cast(filled((count,), [first + place * distance for place in range(count)]), dtype)


@operation("aten.logspace.default", meaning="base to the power of numbers at equal distances")
def logspace(start: Any, end: Any, steps: int, base: Any = 10, *, dtype: str | None = None, **_: Any) -> Expressions:
    exponents = linspace(start, end, steps).tolist()
    return cast(filled((len(exponents),), [power(as_entry(base), exponent) for exponent in exponents]), dtype)


@operation("aten.eye.default", "aten.eye.m", meaning="ones on the diagonal, zeros elsewhere")
def eye(n: int, m: int | None = None, *, dtype: str | None = None, **_: Any) -> Expressions:
    matrix = blank((n, n if m is None else m), zero(dtype))
    for place in range(min(matrix.shape)):
        matrix[place, place] = one(dtype)
    return matrix


@operation("aten.tril_indices.default", meaning="the positions on and below a diagonal")
def tril_indices(row: int, col: int, offset: int = 0, **_: Any) -> Expressions:
    return positions(row, col, lambda i, j: j - i <= offset)


@operation("aten.triu_indices.default", meaning="the positions on and above a diagonal")
def triu_indices(row: int, col: int, offset: int = 0, **_: Any) -> Expressions:
    return positions(row, col, lambda i, j: j - i >= offset)


def positions(row: int, col: int, wanted: Any) -> Expressions:
    """Rows and columns, as two rows."""
    allow((row, col))
    places = [(i, j) for i, j in np.ndindex(row, col) if wanted(i, j)]
    entries = [sympy.Integer(place[axis]) for axis in (0, 1) for place in places]
    return filled((2, len(places)), entries)
