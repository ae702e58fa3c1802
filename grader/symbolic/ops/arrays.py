"""NumPy arrays of expressions: sizes are checked before memory is taken, and work is counted before it is done.

A graph comes from a sandbox that a submission may have taken over, so that no shape in it is to be trusted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import sympy

from grader.model.formula import Expressions, Shape
from grader.symbolic.refusals import TooLarge, Unsupported
from grader.symbolic.scalars import Scalar

LARGEST_ARRAY = 20_000
MOST_WORK = 200_000
"""Entries calculated in one interpretation, and terms added up; about ten seconds."""

MOST_DIMENSIONS = 24
UNDEFINED = sympy.Dummy("undefined")
"""The contents of memory that was not written to."""

POSITION = sympy.Dummy("position")
"""Where an extreme value is, when that depends on symbolic values."""

_left: ContextVar[list[int]] = ContextVar("work left in this interpretation")


@contextmanager
def limited_work(amount: int = MOST_WORK) -> Iterator[None]:
    """Within it, operations do no more than this amount of work together."""
    token = _left.set([amount])
    try:
        yield
    finally:
        _left.reset(token)


def spend(amount: int) -> None:
    """Announce work.

    Raises:
        TooLarge: before it is done, if that is too much.
    """
    left = _left.get(None)
    if left is None:
        return
    left[0] -= amount
    if left[0] < 0:
        raise TooLarge("it takes too many operations on single numbers")


def allow(shape: Sequence[int]) -> Shape:
    """The shape, if an array of that shape may be made.

    Raises:
        TooLarge: if not.
    """
    sizes = tuple(int(size) for size in shape)
    if any(size < 0 for size in sizes):
        raise ValueError(f"a negative size in {sizes}")
    if len(sizes) > MOST_DIMENSIONS or math.prod(size for size in sizes if size) > LARGEST_ARRAY:
        raise TooLarge(f"it makes an array of more than {LARGEST_ARRAY:,} numbers")
    spend(math.prod(sizes))
    return sizes


def blank(shape: Sequence[int], entry: Scalar = UNDEFINED) -> Expressions:
    """A new array that holds this entry everywhere."""
    array = np.empty(allow(shape), dtype=object)
    array[...] = entry
    return array


def filled(shape: Sequence[int], entries: Sequence[Scalar]) -> Expressions:
    """A new array with these entries in row-major order."""
    array = np.empty(allow(shape), dtype=object)
    if array.size != len(entries):
        raise ValueError(f"{len(entries)} entries for the shape {shape}")
    array.reshape(-1)[:] = entries if len(entries) else None
    return array


def as_entry(value: Any) -> Scalar:
    """A Python number as an entry."""
    if isinstance(value, bool):
        return sympy.true if value else sympy.false
    if isinstance(value, int):
        return sympy.Integer(value)
    if isinstance(value, sympy.Basic):
        return value
    raise TypeError(f"no number: {value!r}")


def as_array(value: Any) -> Expressions:
    """A tensor or number argument as an array."""
    if isinstance(value, np.ndarray):
        return value
    array = np.empty((), dtype=object)
    array[()] = as_entry(value)
    return array


def each(function: Callable[..., Scalar], *operands: Any) -> Expressions:
    """`function` of the entries of operands that are broadcast to one shape."""
    arrays = [as_array(operand) for operand in operands]
    allow(np.broadcast_shapes(*(array.shape for array in arrays)))
    given = np.frompyfunc(function, len(arrays), 1)(*arrays)
    return given if isinstance(given, np.ndarray) else as_array(given)


def axis_of(dim: int, dimensions: int) -> int:
    """A dimension counted from the front; a 0-dimensional tensor has one for this purpose."""
    bound = max(dimensions, 1)
    if isinstance(dim, bool) or not isinstance(dim, int) or not -bound <= dim < bound:
        raise IndexError(f"dimension {dim} of {dimensions}")
    return dim % bound


def axes_of(dims: Any, dimensions: int) -> tuple[int, ...]:
    """Dimensions counted from the front; None and () are all of them."""
    if dims is None or dims == ():
        return tuple(range(dimensions))
    given = (dims,) if isinstance(dims, int) else tuple(dims)
    axes = tuple(axis_of(dim, dimensions) for dim in given)
    if len(set(axes)) != len(axes):
        raise ValueError(f"dimensions {given} name one twice")
    return axes if dimensions else ()


def rows(array: Expressions, axes: tuple[int, ...]) -> tuple[Shape, list[list[Scalar]]]:
    """The shape of the other axes, and for each place in them the entries along these."""
    kept = [axis for axis in range(array.ndim) if axis not in axes]
    shape = tuple(array.shape[axis] for axis in kept)
    count = math.prod(array.shape[axis] for axis in axes)
    return shape, array.transpose([*kept, *axes]).reshape(math.prod(shape), count).tolist()


def reduced(
    function: Callable[[list[Scalar]], Scalar], array: Expressions, dims: Any = None, keepdim: bool = False
) -> Expressions:
    """`function` of the entries along these dimensions."""
    axes = axes_of(dims, array.ndim)
    spend(array.size)
    shape, entries = rows(array, axes)
    given = filled(shape, [function(row) for row in entries])
    if not keepdim:
        return given
    return given.reshape(tuple(1 if axis in axes else size for axis, size in enumerate(array.shape)))


def along(function: Callable[[list[Scalar]], list[Scalar]], array: Expressions, dim: int) -> Expressions:
    """`function`, which gives as many entries as it takes, of the entries along one dimension."""
    axis = axis_of(dim, array.ndim)
    if not array.ndim:
        return filled((), function([array[()]]))
    shape, entries = rows(array, (axis,))
    given = filled((*shape, array.shape[axis]), [entry for row in entries for entry in function(row)])
    return np.moveaxis(given, -1, axis)


def integer(value: Any) -> int:
    """A size, dimension or position.

    Raises:
        Unsupported: if it is a symbolic value.
    """
    if isinstance(value, np.ndarray):
        value = value.item()
    if isinstance(value, int):
        return int(value)
    if isinstance(value, sympy.Integer):
        return int(value)
    if isinstance(value, sympy.Expr) and not value.is_number:
        raise Unsupported("a size or a position in it is a symbolic value")
    raise TypeError(f"no integer: {value!r}")


def integers(array: Expressions) -> Any:
    """A tensor of indices as a NumPy array of integers."""
    return np.array([integer(entry) for entry in array.reshape(-1).tolist()], dtype=np.int64).reshape(array.shape)


def same_kind(arrays: Sequence[Expressions]) -> bool:
    """Whether all hold conditions."""
    return all(array.size and not isinstance(array.flat[0], sympy.Expr) for array in arrays)
