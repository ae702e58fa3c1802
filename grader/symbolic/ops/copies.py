"""Copies, casts, and questions about a tensor that are answered without its values."""

# ruff: noqa: ARG001 — the names and the number of the arguments are PyTorch's
from __future__ import annotations

from typing import Any

import sympy

from grader.model.formula import Expressions
from grader.symbolic.conditions import compare, conjunction
from grader.symbolic.ops.arrays import allow, as_array, each
from grader.symbolic.ops.integers import cast
from grader.symbolic.ops.registry import operation, overwrite
from grader.symbolic.refusals import depends_on_values


def copied(x: Expressions, memory_format: str | None = None) -> Expressions:
    """New memory with the same contents, its dimensions in memory as they were unless a format is asked for."""
    allow(x.shape)
    return x.copy(order="K" if memory_format in (None, "torch.preserve_format") else "C")


@operation(
    "aten.clone.default",
    "aten.lift_fresh_copy.default",
    "aten.detach_copy.default",
    "aten.alias_copy.default",
    meaning="a copy",
)
def clone(x: Expressions, *, memory_format: str | None = None) -> Expressions:
    return copied(x, memory_format)


@operation("aten.contiguous.default", meaning="a copy, or the tensor itself where it is contiguous")
def contiguous(x: Expressions, *, memory_format: str | None = None) -> Expressions:
    return x if x.flags.c_contiguous else copied(x, "torch.contiguous_format")


@operation("aten.conj_physical.default", meaning="a, which is real")
def conj_physical(x: Expressions) -> Expressions:
    return copied(x)


@operation("aten.copy.default", meaning="b in the shape of a")
def copy(x: Expressions, source: Any, non_blocking: bool = False) -> Expressions:
    return overwrite(copied(x), source)


@operation("aten.fill.Scalar", "aten.fill.Tensor", meaning="one value in the shape of a")
def fill(x: Expressions, value: Any) -> Expressions:
    return overwrite(copied(x), as_array(value))


@operation("aten._to_copy.default", meaning="a copy in another dtype: exact for floats, truncated for integers")
def to_copy(x: Expressions, *, dtype: str | None = None, memory_format: str | None = None, **_: Any) -> Expressions:
    return copied(cast(x, dtype), memory_format)


@operation("prims.convert_element_type.default", meaning="a copy in another dtype")
def convert_element_type(x: Expressions, dtype: str) -> Expressions:
    return copied(cast(x, dtype))


@operation("aten.to.dtype", meaning="the tensor in another dtype, itself if it has it")
def to_dtype(
    x: Expressions, dtype: str, non_blocking: bool = False, copy: bool = False, *_: Any, **__: Any
) -> Expressions:
    return changed(x, dtype, copy)


@operation("aten.to.dtype_layout", meaning="the tensor in another dtype, itself if it has it")
def to_dtype_layout(x: Expressions, *, dtype: str | None = None, copy: bool = False, **_: Any) -> Expressions:
    return changed(x, dtype, copy)


@operation("aten.to.device", meaning="the tensor on a device in another dtype, itself if it has it")
def to_device(
    x: Expressions, _device: Any, dtype: str, non_blocking: bool = False, copy: bool = False, *_: Any, **__: Any
) -> Expressions:
    return changed(x, dtype, copy)


@operation("aten.to.other", "aten.type_as.default", meaning="the tensor in the dtype of another")
def to_other(
    x: Expressions, _like: Expressions, non_blocking: bool = False, copy: bool = False, *_: Any, **__: Any
) -> Expressions:
    return copied(x) if copy else x


def changed(x: Expressions, dtype: str | None, copy: bool) -> Expressions:
    """The tensor itself where no entry changes, as PyTorch gives it where the dtype is the same."""
    given = cast(x, dtype)
    same = all(before is after for before, after in zip(x.reshape(-1), given.reshape(-1), strict=True))
    return x if same and not copy else given


@operation("aten.is_same_size.default", meaning="whether two shapes are the same")
def is_same_size(left: Expressions, right: Expressions) -> bool:
    return bool(left.shape == right.shape)


@operation("aten._has_same_storage_numel.default", meaning="whether two tensors have equally much memory")
def has_same_storage_numel(left: Expressions, right: Expressions) -> bool:
    return bool(left.size == right.size)


@operation("aten._linalg_check_errors.default", meaning="nothing: a singular matrix is found when it is solved")
def check_errors(info: Any, name: str, *, is_matrix: bool) -> None:
    return None


@operation(
    "aten._local_scalar_dense.default",
    "aten.item.default",
    "aten.is_nonzero.default",
    meaning="the number in a tensor, if it is one",
)
def local_scalar(x: Expressions) -> Expressions:
    if not known(x.reshape(1)[0]):
        raise depends_on_values("item")
    return x.reshape(())


@operation("aten.equal.default", meaning="whether two tensors are equal, of numbers")
def equal(left: Expressions, right: Expressions) -> Expressions:
    if left.shape != right.shape:
        return as_array(False)
    answer = conjunction(*each(lambda a, b: compare(sympy.Eq, a, b), left, right).reshape(-1).tolist())
    if not known(answer):
        raise depends_on_values("equal")
    return as_array(answer)


def known(entry: Any) -> bool:
    """Whether no symbol is needed to say what it is."""
    return entry in (sympy.true, sympy.false) or bool(getattr(entry, "is_number", False))
