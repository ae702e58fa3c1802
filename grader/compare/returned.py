"""What a submission returned, as tensors that can be compared. Nothing that it returns may raise here."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from grader.model.exchange import Call, Observation, Opaque, Precision, Returned, Value


def kept_precision(call: Call, observation: Observation) -> Precision:
    """The precision to judge a result in: that it is float32 for float64 inputs is for the contract check to say."""
    value = observation.value if isinstance(observation, Returned) else None
    parts = value if isinstance(value, tuple) else (value,)
    if any(isinstance(part, torch.Tensor) and part.dtype is torch.float32 for part in parts):
        return Precision.SINGLE
    return call.precision


def as_value(result: Any) -> Value:
    """A function's result in the terms of an observation."""
    if isinstance(result, torch.Tensor):
        return result.detach().cpu()
    if type(result) in (bool, int, float, np.float64):  # the last one is a Python float too
        number: float = float(result) if type(result) is np.float64 else result
        return number
    if isinstance(result, tuple | list):
        return tuple(as_value(item) for item in result)
    return Opaque(type(result).__name__)


def as_tensors(value: Value) -> tuple[torch.Tensor, ...] | None:
    """The result as tensors (a Python number is a 0-dimensional one), or None where it holds anything else."""
    match value:
        case torch.Tensor():
            return None if value.is_complex() else (value,)
        case bool() | int() | float():
            return (_number(value),)
        case Opaque():
            return None
        case _:
            parts = [as_tensors(item) for item in value]
            if any(part is None or len(part) != 1 for part in parts):
                return None
            return tuple(part[0] for part in parts if part)


def _number(value: float) -> torch.Tensor:
    """A 0-dimensional tensor; an integer that int64 can't hold would raise, which would pass for our own failure."""
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        return torch.tensor(math.inf if value > 0 else -math.inf, dtype=torch.float64)
    return torch.tensor(value, dtype=None if isinstance(value, int) else torch.float64)
