"""Tensors put together, padded, repeated and cut to triangles."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.model.formula import Expressions
from grader.symbolic import conditions, scalars
from grader.symbolic.ops.arrays import allow, as_entry, axis_of, blank, each, integers
from grader.symbolic.ops.registry import operation
from grader.symbolic.scalars import ZERO


def one_kind(parts: list[Expressions]) -> list[Expressions]:
    """Numbers, unless all of them are conditions."""
    kinds = {conditions.is_condition(part.flat[0]) for part in parts if part.size}
    return [each(scalars.number, part) for part in parts] if len(kinds) == 2 else parts


@operation("aten.cat.default", "aten.concat.default", meaning="joined along a dimension")
def cat(tensors: Any, dim: int = 0) -> Expressions:
    parts = [part for part in tensors if part.shape != (0,)] or list(tensors[:1])
    axis = axis_of(dim, parts[0].ndim)
    length = sum(part.shape[axis] for part in parts)
    allow((*parts[0].shape[:axis], length, *parts[0].shape[axis + 1 :]))
    return np.concatenate(one_kind(parts), axis)


@operation("aten.stack.default", meaning="joined along a new dimension")
def stack(tensors: Any, dim: int = 0) -> Expressions:
    allow((len(tensors), *tensors[0].shape))
    return np.stack(one_kind(list(tensors)), axis_of(dim, tensors[0].ndim + 1))


@operation("aten.repeat.default", "aten.tile.default", meaning="repeated along dimensions")
def repeat(x: Expressions, repeats: Any) -> Expressions:
    times = (1,) * (x.ndim - len(repeats)) + tuple(repeats)
    shape = (1,) * (len(times) - x.ndim) + x.shape
    allow([size * count for size, count in zip(shape, times, strict=True)])
    return np.tile(x.reshape(shape), times)


@operation("aten.repeat_interleave.self_int", meaning="each entry repeated along a dimension")
def repeat_interleave(x: Expressions, repeats: int, dim: int | None = None, **_: Any) -> Expressions:
    flat = x.reshape(-1) if dim is None else x
    axis = axis_of(dim or 0, flat.ndim)
    allow((*flat.shape[:axis], flat.shape[axis] * repeats, *flat.shape[axis + 1 :]))
    return np.repeat(flat, repeats, axis)


@operation("aten.repeat_interleave.Tensor", meaning="each position as often as is said")
def repeated_positions(repeats: Expressions, **_: Any) -> Expressions:
    counts = integers(repeats)
    allow((sum(counts.tolist()),))
    return np.array(
        [as_entry(place) for place, count in enumerate(counts.tolist()) for _ in range(count)] or [], dtype=object
    )


@operation("aten.constant_pad_nd.default", meaning="padded with a value, or cut")
def constant_pad_nd(x: Expressions, pad: Any, value: Any = 0) -> Expressions:
    sides = list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    before = [(0, 0)] * (x.ndim - len(sides)) + sides
    if len(before) != x.ndim:
        raise ValueError(f"{len(sides)} dimensions of {x.shape} are padded")
    padded = blank([size + low + high for size, (low, high) in zip(x.shape, before, strict=True)], as_entry(value))
    target = tuple(
        slice(max(low, 0), size + low + high - max(high, 0)) for size, (low, high) in zip(x.shape, before, strict=True)
    )
    source = tuple(slice(max(-low, 0), size - max(-high, 0)) for size, (low, high) in zip(x.shape, before, strict=True))
    padded[target] = x[source]
    return padded


def triangle(x: Expressions, diagonal: int, upper: bool) -> Expressions:
    """Zeros on the other side of a diagonal."""
    zero = conditions.FALSE if x.size and conditions.is_condition(x.flat[0]) else ZERO
    rows, columns = np.indices(x.shape[-2:])
    kept = columns - rows >= diagonal if upper else columns - rows <= diagonal
    cut = blank(x.shape, zero)
    cut[..., kept] = x[..., kept]
    return cut


@operation("aten.tril.default", meaning="zeros above a diagonal")
def tril(x: Expressions, diagonal: int = 0) -> Expressions:
    return triangle(x, diagonal, upper=False)


@operation("aten.triu.default", meaning="zeros below a diagonal")
def triu(x: Expressions, diagonal: int = 0) -> Expressions:
    return triangle(x, diagonal, upper=True)


@operation("aten.diag_embed.default", meaning="matrices with these diagonals")
def diag_embed(x: Expressions, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Expressions:
    size = x.shape[-1] + abs(offset)
    matrices = blank((*x.shape[:-1], size, size), ZERO)
    places = np.arange(x.shape[-1])
    matrices[..., places + max(-offset, 0), places + max(offset, 0)] = x
    return np.moveaxis(matrices, (-2, -1), (dim1, dim2))


@operation("aten.block_diag.default", meaning="a matrix with these blocks on its diagonal")
def block_diag(tensors: Any) -> Expressions:
    blocks = [np.atleast_2d(block) for block in tensors]
    matrix = blank(tuple(sum(block.shape[axis] for block in blocks) for axis in (0, 1)), ZERO)
    row = column = 0
    for block in blocks:
        matrix[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return matrix
