"""Answers calls with a trusted function in this process: how references and misconceptions are put through the checks."""

from __future__ import annotations

from typing import Any

import torch

from grader.compare.evaluate import default_dtype, differentiate, in_precision
from grader.grading import Ask
from grader.model.exchange import Call, Observation, Opaque, Raised, Returned, Value
from grader.model.problem import Function


def answering(function: Function) -> Ask:
    """An `ask` that calls `function`; only for code we wrote ourselves."""

    def ask(call: Call) -> Observation:
        try:
            return _called(function, call)
        except Exception as error:  # noqa: BLE001 -- a misconception may raise, which is an observation
            return Raised(type(error).__name__, str(error))

    return ask


def _called(function: Function, call: Call) -> Returned:
    arguments = in_precision(call.case.inputs, call.precision)
    if call.strided:
        arguments = {name: strided(value) for name, value in arguments.items()}
    before = {name: v.clone() for name, v in arguments.items() if isinstance(v, torch.Tensor)}
    with default_dtype(call.default_dtype.dtype):
        value = as_value(function(**arguments))
    modified = tuple(name for name, v in before.items() if not torch.equal(v, arguments[name]))
    gradients = {}
    if call.differentiate:
        gradients = dict(
            differentiate(function, call.case.inputs, call.precision, call.differentiate, call.cotangent)
        )
    return Returned(value, gradients=gradients, modified=modified)


def strided(value: Any) -> Any:
    """The same tensor as a non-contiguous view of a larger buffer."""
    if not isinstance(value, torch.Tensor) or value.dim() == 0:
        return value
    return torch.stack((value, value), dim=-1)[..., 0]


def as_value(result: Any) -> Value:
    """A function's result in the terms of an observation."""
    if isinstance(result, torch.Tensor):
        return result.detach()
    if isinstance(result, bool | int | float):
        return result
    if isinstance(result, tuple | list):
        return tuple(as_value(item) for item in result)
    return Opaque(type(result).__name__)
