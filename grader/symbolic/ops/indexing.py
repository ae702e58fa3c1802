"""Entries picked and written by position."""

# ruff: noqa: ARG001 — the names and the number of the arguments are PyTorch's
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy

from grader.model.formula import Expressions
from grader.symbolic import conditions
from grader.symbolic.ops.arrays import allow, as_array, as_entry, axis_of, blank, each, filled, integers
from grader.symbolic.ops.choosing import gathered, is_piecewise
from grader.symbolic.ops.choosing import scattered as scattered_by_choice
from grader.symbolic.ops.registry import operation, overwrite
from grader.symbolic.ops.views import as_strided, diagonal, select, slice_of
from grader.symbolic.refusals import Unsupported
from grader.symbolic.scalars import ZERO, Scalar, add, multiply


def is_mask(index: Expressions) -> bool:
    """Whether it is a bool tensor."""
    return bool(index.size) and conditions.is_condition(index.flat[0])


def is_mask_alone(indices: Any) -> bool:
    """Whether a bool tensor is the only index; where one value is written there, the mask may be symbolic."""
    return len(indices) == 1 and indices[0] is not None and is_mask(indices[0])


def known_mask(index: Expressions) -> Any:
    """A bool tensor as NumPy has it.

    Raises:
        Unsupported: if it depends on symbolic values, which would decide over the shape of the result.
    """
    entries = index.reshape(-1).tolist()
    if not all(entry in (sympy.true, sympy.false) for entry in entries):
        raise Unsupported("it picks entries by a mask that depends on symbolic values")
    return np.array([entry is sympy.true for entry in entries], dtype=bool).reshape(index.shape)


def positions(indices: Any, x: Expressions) -> tuple[Any, ...]:
    """Indices as NumPy takes them: None is a whole dimension, and a mask is the positions where it is true."""
    found: list[Any] = []
    for index in indices:
        if index is None:
            found.append(slice(None))
        elif is_mask(index):
            mask = known_mask(index)
            if mask.shape != x.shape[len(found) : len(found) + mask.ndim]:
                raise IndexError(f"a mask of {mask.shape} for {x.shape}")
            found.extend(mask.nonzero())
        else:
            found.append(integers(index))
    return tuple(found)


def check_picked(x: Expressions, found: tuple[Any, ...]) -> None:
    """So large a result may be made."""
    lists = [index.shape for index in found if not isinstance(index, slice)]
    whole = [size for size, index in zip(x.shape, found, strict=False) if isinstance(index, slice)]
    allow((*np.broadcast_shapes(*lists), *whole, *x.shape[len(found) :]))


@operation("aten.index.Tensor", "aten._unsafe_index.Tensor", meaning="a[i, j, …]")
def index_by(x: Expressions, indices: Any) -> Expressions:
    found = positions(indices, x)
    check_picked(x, found)
    return np.asarray(x[found], dtype=object)


@operation(
    "aten.index_put.default",
    "aten._unsafe_index_put.default",
    "aten._index_put_impl.default",
    meaning="a with b written (or added) at [i, j, …]",
)
def index_put(x: Expressions, indices: Any, values: Any, accumulate: bool = False, unsafe: bool = False) -> Expressions:
    if not accumulate and as_array(values).size == 1 and is_mask_alone(indices):
        mask = indices[0].reshape(indices[0].shape + (1,) * (x.ndim - indices[0].ndim))
        return each(conditions.where, mask, as_array(values).reshape(()), x)
    found = positions(indices, x)
    check_picked(x, found)
    places = np.arange(x.size).reshape(x.shape)[found]
    return combined(x, places, values, add if accumulate else written)


Rule = Callable[[Scalar, Scalar], Scalar]


def written(_old: Scalar, new: Scalar) -> Scalar:
    return new


def combined(x: Expressions, places: Any, values: Any, rule: Rule) -> Expressions:
    """A copy of x in which values, broadcast to places in its row-major order, are combined with what is there."""
    allow(x.shape)
    allow(places.shape)
    entries = x.reshape(-1).tolist()
    source = np.broadcast_to(as_array(values), places.shape).reshape(-1).tolist()
    for place, value in zip(places.reshape(-1).tolist(), source, strict=True):
        entries[place] = rule(entries[place], value)
    return filled(x.shape, entries)


@operation("aten.index_select.default", meaning="places of a dimension")
def index_select(x: Expressions, dim: int, index: Expressions) -> Expressions:
    axis = axis_of(dim, x.ndim)
    if not x.ndim:
        return x.copy()
    return index_by(x, (None,) * axis + (index.reshape(-1),))


@operation("aten.embedding.default", meaning="rows of a table")
def embedding(weight: Expressions, indices: Expressions, *_: Any, **__: Any) -> Expressions:
    return index_by(weight, (indices,))


@operation("aten.take.default", meaning="entries by their position in row-major order")
def take(x: Expressions, index: Expressions) -> Expressions:
    return index_by(x.reshape(-1), (index,))


@operation("aten.masked_select.default", meaning="the entries where a mask holds")
def masked_select(x: Expressions, mask: Expressions) -> Expressions:
    shape = allow(np.broadcast_shapes(x.shape, mask.shape))
    return np.broadcast_to(x, shape)[np.broadcast_to(known_mask(mask), shape)]


@operation("aten.nonzero.default", meaning="the positions of what isn't zero, of numbers")
def nonzero(x: Expressions) -> Expressions:
    places = np.argwhere(known_mask(each(conditions.condition, x)))
    return filled(places.shape, [as_entry(place) for place in places.reshape(-1).tolist()])


def places_along(x: Expressions, dim: int, index: Expressions) -> Any:
    """Where `gather` reads and `scatter` writes, in row-major order."""
    axis = axis_of(dim, x.ndim)
    where = integers(index)
    if not x.ndim or where.ndim != x.ndim:
        return np.zeros(where.shape, dtype=np.int64) if x.size == 1 else x.shape[where.ndim]
    if where.size and not (where.min() >= 0 and where.max() < x.shape[axis]):
        raise IndexError(f"an index beyond {x.shape[axis]}")
    grid = list(np.indices(allow(where.shape)))
    grid[axis] = where
    return np.arange(x.size).reshape(x.shape)[tuple(grid)]


@operation("aten.gather.default", meaning="for each place the entry of a dimension that an index names")
def gather(x: Expressions, dim: int, index: Expressions, *, sparse_grad: bool = False) -> Expressions:
    if is_piecewise(index):
        return gathered(x, axis_of(dim, x.ndim), index)
    return np.asarray(x.reshape(-1)[places_along(x, dim, index)], dtype=object).reshape(index.shape)


def source_for(index: Expressions, source: Any) -> Expressions:
    """The part of the source that belongs to an index."""
    values = as_array(source)
    return values[tuple(slice(0, size) for size in index.shape)] if values.ndim else values


def scattered(x: Expressions, dim: int, index: Expressions, source: Any, rule: Rule) -> Expressions:
    """Entries combined with the source where an index says."""
    values = source_for(index, source)
    if is_piecewise(index):
        return scattered_by_choice(x, axis_of(dim, x.ndim), index, values, rule)
    return combined(x, places_along(x, dim, index), values, rule)


REDUCTIONS: dict[str, Rule] = {
    "add": add,
    "sum": add,
    "multiply": multiply,
    "prod": multiply,
    "amax": conditions.greatest,
    "amin": conditions.least,
}


@operation("aten.scatter.src", "aten.scatter.value", meaning="a with b written where an index says")
def scatter(x: Expressions, dim: int, index: Expressions, source: Any = None, *, value: Any = None) -> Expressions:
    return scattered(x, dim, index, value if source is None else source, written)


@operation("aten.scatter.reduce", "aten.scatter.value_reduce", meaning="a combined with b where an index says")
def scatter_with(x: Expressions, dim: int, index: Expressions, source: Any, *, reduce: str) -> Expressions:
    return scattered(x, dim, index, source, REDUCTIONS[reduce])


@operation("aten.scatter_add.default", meaning="a with b added where an index says")
def scatter_add(x: Expressions, dim: int, index: Expressions, source: Expressions) -> Expressions:
    return scattered(x, dim, index, source, add)


@operation("aten.scatter_reduce.two", meaning="a combined with b where an index says")
def scatter_reduce(
    x: Expressions, dim: int, index: Expressions, source: Expressions, reduce: str, *, include_self: bool = True
) -> Expressions:
    if not include_self:
        raise Unsupported("it uses `scatter_reduce` without the entries that were there")
    return scattered(x, dim, index, source, REDUCTIONS[reduce])


def whole_slices(x: Expressions, dim: int, index: Expressions) -> Any:
    """The places of the slices that an index names."""
    return np.take(np.arange(x.size).reshape(x.shape), integers(index.reshape(-1)), axis_of(dim, x.ndim))


@operation("aten.index_add.default", meaning="a with b added at places of a dimension")
def index_add(x: Expressions, dim: int, index: Expressions, source: Expressions, *, alpha: Any = 1) -> Expressions:
    return combined(x, whole_slices(x, dim, index), each(multiply, alpha, source), add)


@operation("aten.index_copy.default", meaning="a with b written at places of a dimension")
def index_copy(x: Expressions, dim: int, index: Expressions, source: Expressions) -> Expressions:
    return combined(x, whole_slices(x, dim, index), source, written)


@operation(
    "aten.index_fill.int_Scalar", "aten.index_fill.int_Tensor", meaning="a with one value at places of a dimension"
)
def index_fill(x: Expressions, dim: int, index: Expressions, value: Any) -> Expressions:
    return combined(x, whole_slices(x, dim, index), value, written)


def embedded(x: Expressions, view: Callable[..., Expressions], source: Any, *where: Any) -> Expressions:
    """A copy of x in which a view of it is overwritten."""
    allow(x.shape)
    copy = x.copy()
    overwrite(view(copy, *where), source)
    return copy


@operation("aten.slice_scatter.default", meaning="a with b written over a range of a dimension")
def slice_scatter(
    x: Expressions, source: Expressions, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Expressions:
    return embedded(x, slice_of, source, dim, start, end, step)


@operation("aten.select_scatter.default", meaning="a with b written over one place of a dimension")
def select_scatter(x: Expressions, source: Expressions, dim: int, index: int) -> Expressions:
    return embedded(x, select, source, dim, index)


@operation("aten.diagonal_scatter.default", meaning="a with b written over a diagonal")
def diagonal_scatter(x: Expressions, source: Expressions, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Expressions:
    return embedded(x, diagonal, source, offset, dim1, dim2)


@operation("aten.as_strided_scatter.default", meaning="a with b written through strides")
def as_strided_scatter(
    x: Expressions, source: Expressions, size: Any, stride: Any, offset: int | None = None
) -> Expressions:
    return embedded(x, as_strided, source, size, stride, offset)


@operation("aten.select_backward.default", meaning="zeros, with the gradient at one place of a dimension")
def select_backward(gradient: Expressions, sizes: Any, dim: int, index: int) -> Expressions:
    return embedded(blank(sizes, ZERO), select, gradient, dim, index)


@operation("aten.slice_backward.default", meaning="zeros, with the gradient on a range of a dimension")
def slice_backward(gradient: Expressions, sizes: Any, dim: int, start: int, end: int, step: int) -> Expressions:
    return embedded(blank(sizes, ZERO), slice_of, gradient, dim, start, end, step)


@operation("aten.diagonal_backward.default", meaning="zeros, with the gradient on a diagonal")
def diagonal_backward(gradient: Expressions, sizes: Any, offset: int, dim1: int, dim2: int) -> Expressions:
    return embedded(blank(sizes, ZERO), diagonal, gradient, offset, dim1, dim2)


@operation("aten.embedding_dense_backward.default", meaning="the gradients of rows, added up for the table")
def embedding_dense_backward(
    gradient: Expressions, indices: Expressions, rows: int, padding_idx: int, scale_grad_by_freq: bool
) -> Expressions:
    if scale_grad_by_freq:
        raise Unsupported("it uses `embedding` with gradients scaled by frequency")
    where = integers(indices)
    table = blank((rows, gradient.shape[-1]), ZERO)
    kept = [place for place in np.ndindex(*where.shape) if where[place] != padding_idx]
    for place in kept:
        row = int(where[place])
        table[row] = each(add, table[row], gradient[place])
    return table
