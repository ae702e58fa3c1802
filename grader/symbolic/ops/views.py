"""Views: other shapes of the same memory, through which an in-place operation writes."""

# ruff: noqa: ARG001 — the names and the number of the arguments are PyTorch's
from __future__ import annotations

import math
from itertools import accumulate
from typing import Any

import numpy as np

from grader.model.formula import Expressions, Shape
from grader.symbolic.ops.arrays import LARGEST_ARRAY, allow, axes_of, axis_of, integer, spend
from grader.symbolic.ops.registry import operation
from grader.symbolic.refusals import TooLarge, Unsupported

Pieces = tuple[Expressions, ...]


def strided(x: Expressions, shape: Shape, strides: tuple[int, ...]) -> Expressions:
    """A writable view with these strides in bytes, all of whose entries the caller knows to be in the array."""
    return np.lib.stride_tricks.as_strided(x, allow(shape), strides, writeable=x.flags.writeable)


def complete(shape: Any, size: int) -> Shape:
    """A shape whose −1 is put in."""
    sizes = [integer(length) for length in shape]
    if sizes.count(-1) > 1 or any(length < -1 for length in sizes):
        raise ValueError(f"the shape {sizes}")
    if -1 in sizes:
        rest = math.prod(length for length in sizes if length != -1)
        sizes[sizes.index(-1)] = size // rest
    return allow(sizes)


@operation("aten.view.default", meaning="a view in another shape")
def view(x: Expressions, shape: Any) -> Expressions:
    given = x.reshape(complete(shape, x.size))
    if x.size and not np.may_share_memory(x, given):
        raise Unsupported("it looks at memory in a way that NumPy arrays can't")
    return given


@operation(
    "aten._unsafe_view.default",
    "aten.reshape.default",
    "aten._reshape_alias.default",
    meaning="another shape: a view where that is possible",
)
def reshape(x: Expressions, shape: Any, strides: Any = None) -> Expressions:
    return x.reshape(complete(shape, x.size))


@operation("aten.flatten.using_ints", meaning="some dimensions made one")
def flatten(x: Expressions, start_dim: int = 0, end_dim: int = -1) -> Expressions:
    if not x.ndim:
        return x.reshape(1)
    start, end = axis_of(start_dim, x.ndim), axis_of(end_dim, x.ndim)
    return x.reshape((*x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :]))


@operation("aten.view_as.default", "aten.reshape_as.default", meaning="a view in the shape of another tensor")
def view_as(x: Expressions, like: Expressions) -> Expressions:
    return reshape(x, like.shape)


@operation("aten.unflatten.int", meaning="one dimension made several")
def unflatten(x: Expressions, dim: int, sizes: Any) -> Expressions:
    axis = axis_of(dim, x.ndim)
    return x.reshape((*x.shape[:axis], *complete(sizes, x.shape[axis]), *x.shape[axis + 1 :]))


@operation("aten.expand.default", meaning="repeated along dimensions of size 1, without copying")
def expand(x: Expressions, shape: Any, *, implicit: bool = False) -> Expressions:
    sizes = [integer(size) for size in shape]
    new = len(sizes) - x.ndim
    if new < 0:
        raise ValueError(f"{x.shape} to {sizes}")
    old = (*((1,) * new), *x.shape)
    strides = (*((0,) * new), *x.strides)
    target = tuple(had if size == -1 else size for size, had in zip(sizes, old, strict=True))
    if any(had not in (1, size) for size, had in zip(target, old, strict=True)):
        raise ValueError(f"{x.shape} to {sizes}")
    stepped = tuple(stride if had == size else 0 for size, had, stride in zip(target, old, strides, strict=True))
    return strided(x, target, stepped)


@operation("aten.expand_as.default", meaning="repeated to the shape of another tensor")
def expand_as(x: Expressions, like: Expressions) -> Expressions:
    return expand(x, like.shape)


@operation("aten.permute.default", meaning="dimensions in another order")
def permute(x: Expressions, dims: Any) -> Expressions:
    return x.transpose(tuple(axis_of(dim, x.ndim) for dim in dims))


@operation("aten.transpose.int", "aten.transpose_.default", "aten.swapaxes.default", meaning="two dimensions exchanged")
def transpose(x: Expressions, first: int, second: int) -> Expressions:
    return x.swapaxes(axis_of(first, x.ndim), axis_of(second, x.ndim)) if x.ndim else x[...]


@operation("aten.t.default", "aten.t_.default", "aten.numpy_T.default", meaning="a matrix transposed")
def t(x: Expressions) -> Expressions:
    return x.T


@operation("aten.mT.default", meaning="the last two dimensions exchanged")
def matrix_transpose(x: Expressions) -> Expressions:
    return x.swapaxes(-1, -2)


@operation("aten.movedim.int", "aten.movedim.intlist", meaning="dimensions moved")
def movedim(x: Expressions, source: Any, destination: Any) -> Expressions:
    return np.moveaxis(x, source, destination)


@operation("aten.unsqueeze.default", "aten.unsqueeze_.default", meaning="a new dimension of size 1")
def unsqueeze(x: Expressions, dim: int) -> Expressions:
    return x[(slice(None),) * axis_of(dim, x.ndim + 1) + (None,)]


@operation(
    "aten.squeeze.default",
    "aten.squeeze.dim",
    "aten.squeeze.dims",
    "aten.squeeze_.default",
    "aten.squeeze_.dim",
    "aten.squeeze_.dims",
    meaning="without dimensions of size 1",
)
def squeeze(x: Expressions, dim: Any = None) -> Expressions:
    axes = tuple(range(x.ndim)) if dim is None else axes_of(dim, x.ndim) if dim != () else ()
    return x.squeeze(tuple(axis for axis in axes if x.shape[axis] == 1))[...]


@operation("aten.select.int", meaning="one place of a dimension")
def select(x: Expressions, dim: int, index: Any) -> Expressions:
    return x[(slice(None),) * axis_of(dim, x.ndim) + (integer(index), ...)]


@operation("aten.slice.Tensor", meaning="a range of a dimension")
def slice_of(
    x: Expressions, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Expressions:
    if step < 1:
        raise ValueError(f"a step of {step}")
    return x[(slice(None),) * axis_of(dim, x.ndim) + (slice(start, end, step), ...)]


@operation("aten.narrow.default", meaning="a range of a dimension")
def narrow(x: Expressions, dim: int, start: Any, length: int) -> Expressions:
    first = integer(start)
    first += x.shape[dim] if first < 0 else 0
    return slice_of(x, dim, first, first + length)


@operation("aten.diagonal.default", meaning="a diagonal")
def diagonal(x: Expressions, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Expressions:
    given = x.diagonal(offset, axis_of(dim1, x.ndim), axis_of(dim2, x.ndim))
    return strided_like(x, given)


def strided_like(base: Expressions, given: Expressions) -> Expressions:
    """NumPy's own view of a diagonal is read-only."""
    given.flags.writeable = base.flags.writeable
    return given


@operation("aten.unbind.int", meaning="the places of a dimension")
def unbind(x: Expressions, dim: int = 0) -> Pieces:
    axis = axis_of(dim, x.ndim)
    spend(x.shape[axis])
    return tuple(x[(slice(None),) * axis + (place, ...)] for place in range(x.shape[axis]))


def pieces(x: Expressions, dim: int, ends: list[int]) -> Pieces:
    """Cut before these places."""
    spend(len(ends))
    before = (slice(None),) * axis_of(dim, x.ndim)
    return tuple(x[(*before, slice(start, end))] for start, end in zip([0, *ends[:-1]], ends, strict=True))


@operation("aten.split_with_sizes.default", "aten.split.sizes", meaning="pieces of these sizes")
def split_with_sizes(x: Expressions, sizes: Any, dim: int = 0) -> Pieces:
    if sum(sizes) != x.shape[axis_of(dim, x.ndim)]:
        raise ValueError(f"{x.shape} in {sizes}")
    return pieces(x, dim, list(accumulate(sizes)))


@operation("aten.split.Tensor", meaning="pieces of one size, the last maybe smaller")
def split(x: Expressions, size: int, dim: int = 0) -> Pieces:
    length = x.shape[axis_of(dim, x.ndim)]
    return pieces(x, dim, [min(end, length) for end in range(size, max(length, 1) + size, size)])


@operation("aten.chunk.default", meaning="so many pieces of one size")
def chunk(x: Expressions, chunks: int, dim: int = 0) -> Pieces:
    return split(x, max(1, -(-x.shape[axis_of(dim, x.ndim)] // chunks)), dim)


@operation("aten.tensor_split.sections", meaning="so many pieces, as equal as possible")
def tensor_split(x: Expressions, sections: int, dim: int = 0) -> Pieces:
    if not 1 <= sections <= LARGEST_ARRAY:
        raise TooLarge(f"it cuts a tensor into {sections} pieces")
    size, larger = divmod(x.shape[axis_of(dim, x.ndim)], sections)
    sizes = [size + 1] * larger + [size] * (sections - larger)
    return split_with_sizes(x, tuple(sizes), dim)


@operation("aten.tensor_split.indices", meaning="pieces, cut before these places")
def tensor_split_at(x: Expressions, indices: Any, dim: int = 0) -> Pieces:
    starts = (0, *indices)
    ends = (*indices, x.shape[axis_of(dim, x.ndim)])
    return tuple(slice_of(x, dim, start, end) for start, end in zip(starts, ends, strict=True))


@operation("aten.unfold.default", meaning="windows along a dimension")
def unfold(x: Expressions, dim: int, size: int, step: int) -> Expressions:
    axis = axis_of(dim, x.ndim)
    if not 0 <= size <= x.shape[axis] or step < 1:
        raise ValueError(f"windows of {size} at steps of {step} in {x.shape}")
    count = (x.shape[axis] - size) // step + 1
    strides = (*x.strides[:axis], x.strides[axis] * step, *x.strides[axis + 1 :], x.strides[axis])
    return strided(x, (*x.shape[:axis], count, *x.shape[axis + 1 :], size), strides)


@operation("aten.as_strided.default", meaning="a view with these strides")
def as_strided(x: Expressions, size: Any, stride: Any, storage_offset: int | None = None) -> Expressions:
    if not x.flags.c_contiguous or (x.base is not None and x.base.size != x.size):
        raise Unsupported("it uses `as_strided` on a view")
    if min(stride, default=0) < 0 or min(size, default=1) < 0:
        raise ValueError(f"sizes {size} and strides {stride}")
    flat = x.reshape(-1)[storage_offset or 0 :]
    if math.prod(size) and sum((length - 1) * step for length, step in zip(size, stride, strict=True)) >= flat.size:
        raise IndexError(f"sizes {size} and strides {stride} in {x.size} entries")
    return strided(flat, tuple(size), tuple(step * x.itemsize for step in stride))


@operation(
    "aten.alias.default",
    "aten.detach.default",
    "aten.detach_.default",
    "aten.lift_fresh.default",
    "aten.lift.default",
    "aten.conj.default",
    "aten.resolve_conj.default",
    "aten.resolve_neg.default",
    meaning="the same tensor",
)
def alias(x: Any) -> Any:
    return x
