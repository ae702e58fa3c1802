"""A recorded graph as JSON: how its parts are written, and the bounds that the host holds it to.

A node is `[operation, arguments, keywords]`. In arguments, `{"r": step}` and `{"r": [step, item]}` refer to earlier
results, `{"f": "nan"}` is a number that JSON has no word for, and dtypes, devices and the like are strings.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

MOST_NODES = 5000
MOST_ARGUMENTS = 64
MOST_RESULTS = 64
"""Results of one operation, or of the function."""

DEEPEST_ARGUMENT = 6
LONGEST_LIST = 4096
LARGEST_CONSTANT = 4096
"""Elements of a tensor whose contents are written into the graph; each of its axes counts at least once."""

MOST_AXES = 8
"""Of such a tensor."""

LONGEST_TEXT = 200
LONGEST_NAME = 100
MOST_NAMES = 500
LARGEST_INTEGER = 1 << 63

CONSTANT = "constant"
"""The operation that stands for a tensor's contents: shape, values in row-major order, dtype."""

Json = Any
Reference = Callable[[torch.Tensor], Json]
"""Writes a tensor: as what an earlier step gave."""

_TEXTS = (str, torch.dtype, torch.device, torch.layout, torch.memory_format)


class UntraceableError(BaseException):
    """What the function computes can't be followed; the message says why, as a clause about the function.

    Not an Exception, so that a student's `except Exception` doesn't take it for an error of the computation.
    """


def encoded(value: Any, reference: Reference, depth: int = 0) -> Json:
    """An argument of an operation.

    Raises:
        UntraceableError: it is of a kind or a size that a graph doesn't hold.
    """
    if isinstance(value, torch.Tensor):
        return reference(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, tuple | list):
        return _encoded_list(value, reference, depth)
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, _TEXTS):
        return _text(str(value))
    raise UntraceableError(f"it hands a {type(value).__name__[:LONGEST_NAME]} to an operation")


def _encoded_list(values: tuple[Any, ...] | list[Any], reference: Reference, depth: int) -> Json:
    if len(values) > LONGEST_LIST or depth == DEEPEST_ARGUMENT:
        raise UntraceableError(f"it hands a list of {len(values)}, {depth + 1} deep, to an operation")
    return [encoded(value, reference, depth + 1) for value in values]


def number(value: float) -> Json:
    """A Python number; floats that aren't finite are spelt out.

    Raises:
        UntraceableError: an integer that 64 bits don't hold.
    """
    if isinstance(value, int):
        if not -LARGEST_INTEGER <= value < LARGEST_INTEGER:
            raise UntraceableError("it computes with an integer of more than 64 bits")
        return int(value)
    return float(value) if math.isfinite(value) else {"f": repr(float(value))}


def _text(value: str) -> str:
    if len(value) > LONGEST_TEXT:
        raise UntraceableError(f"it hands a text of {len(value)} characters to an operation")
    return value


def constant(tensor: torch.Tensor) -> Json:
    """The node that holds a tensor's contents.

    Raises:
        UntraceableError: it is too large, or not made of real numbers.
    """
    shape = list(tensor.shape)
    if len(shape) > MOST_AXES or math.prod(max(size, 1) for size in shape) > LARGEST_CONSTANT:
        raise UntraceableError(f"it computes with a fixed tensor of shape {tuple(shape)}, which is too large to follow")
    if tensor.is_complex():
        raise UntraceableError("it computes with complex numbers")
    values = [value if isinstance(value, bool) else number(value) for value in tensor.flatten().tolist()]
    return [CONSTANT, [shape, values, str(tensor.dtype)], {}]
