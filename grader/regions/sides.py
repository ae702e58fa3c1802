"""The operations of PyTorch that treat one number differently from another, and the sides on which they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

Sides = Mapping[str, bool]
"""Every side of an operation, and whether some element was on it."""


def sides_of(operation: str, arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> Sides | None:
    """The sides that one call of an ATen operation (`minimum`, `clamp`) was on; None where it has but one."""
    name = operation.rstrip("_")
    if name in _LENGTHS:
        return _measured(result)
    return _BRANCHES[name](*arguments, **options) if name in _BRANCHES else None


def compared(first: Any, second: Any) -> Sides:
    """Which of two numbers, or of two tensors' elements, is the larger one."""
    return {
        "the first is smaller": _any(first < second),
        "both are equal": _any(first == second),
        "the first is larger": _any(first > second),
    }


def equated(first: Any, second: Any) -> Sides:
    """Whether they are equal."""
    return {"both are equal": _any(first == second), "they differ": _any(first != second)}


def _any(truth: Any) -> bool:
    return bool(truth.any()) if isinstance(truth, torch.Tensor) else bool(truth)


def _chosen(condition: torch.Tensor, *_values: Any) -> Sides:
    return {"true": _any(condition), "false": _any(~condition.bool())}


def _masked(_values: torch.Tensor, mask: torch.Tensor, _value: Any) -> Sides:
    return _chosen(mask)


def _clamped(values: torch.Tensor, min: Any = None, max: Any = None) -> Sides:  # noqa: A002 -- ATen names them so
    never = torch.zeros_like(values, dtype=torch.bool)
    under = never if min is None else values < min
    over = never if max is None else values > max
    sides = {"below": _any(under), "inside": _any(~under & ~over), "above": _any(over)}
    return {side: reached for side, reached in sides.items() if (side, None) not in (("below", min), ("above", max))}


def _signed(values: torch.Tensor, *_rest: Any, **_options: Any) -> Sides:
    """Of an operation with a kink at 0."""
    return {"negative": _any(values < 0), "zero": _any(values == 0), "positive": _any(values > 0)}


def _bent(values: torch.Tensor, *_rest: Any, **_options: Any) -> Sides:
    """Of an operation that is one function below 0 and another above it, and smooth between."""
    return {"negative": _any(values < 0), "positive": _any(values > 0)}


def _replaced(values: torch.Tensor, *_rest: Any, **_options: Any) -> Sides:
    return {"finite": _any(values.isfinite()), "NaN": _any(values.isnan()), "infinite": _any(values.isinf())}


def _measured(length: torch.Tensor) -> Sides:
    """Of a length, which has a kink at 0."""
    return {"zero": _any(length == 0), "positive": _any(length > 0)}


_LENGTHS = ("linalg_vector_norm", "norm")

_BRANCHES: Mapping[str, Callable[..., Sides]] = {
    **dict.fromkeys(("gt", "ge", "lt", "le", "minimum", "maximum", "fmin", "fmax"), compared),
    **dict.fromkeys(("eq", "ne"), equated),
    **dict.fromkeys(("abs", "sign", "sgn", "relu", "heaviside", "leaky_relu"), _signed),
    **dict.fromkeys(("clamp", "clamp_min", "hardtanh"), _clamped),
    "clamp_max": lambda values, bound: _clamped(values, max=bound),
    "elu": _bent,
    "where": _chosen,
    "masked_fill": _masked,
    "nan_to_num": _replaced,
}
"""By the name that ATen gives an operation."""
