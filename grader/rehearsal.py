"""Answers requests with a trusted function in this process: puts references and misconceptions through the checks.

It does what the guest does in the sandbox, so that a rehearsal and a real run see the same.
"""

from __future__ import annotations

from typing import Any, assert_never

import torch

from grader.compare.evaluate import default_dtype, in_precision
from grader.grading import Ask, Prove
from grader.model.exchange import Answer, Call, Observation, Opaque, Raised, Request, Returned, Trace, Value
from grader.model.formula import Claim
from grader.model.problem import Function
from grader.symbolic.judge import judge
from grader.tracing import trace_own


def answering(function: Function, prove: Prove = judge) -> Ask:
    """An `ask` that calls and traces `function`; only for code we wrote ourselves."""

    def ask(request: Request) -> Answer:
        match request:
            case Call():
                return _observed(function, request)
            case Trace():
                return trace_own(request.own or function, request)
            case Claim():
                return prove(request)
            case _:
                assert_never(request)

    return ask


def _observed(function: Function, call: Call) -> Observation:
    try:
        return _called(function, call)
    except Exception as error:  # noqa: BLE001 -- a misconception may raise, which is an observation
        return Raised(type(error).__name__, str(error))


def _called(function: Function, call: Call) -> Returned:
    arguments = in_precision(call.case.inputs, call.precision)
    if call.strided:
        arguments = {name: strided(value) for name, value in arguments.items()}
    before = {name: v.clone() for name, v in arguments.items() if isinstance(v, torch.Tensor)}
    for name in call.differentiate:
        arguments[name].requires_grad_()
    with default_dtype(call.default_dtype.dtype), torch.enable_grad():
        result = function(**arguments)
        gradients, error = _gradients(result, call, arguments)
    modified = tuple(name for name, old in before.items() if not _same(old, arguments[name].detach()))
    return Returned(as_value(result), gradients=gradients, gradient_error=error, modified=modified)


def _gradients(result: Any, call: Call, arguments: dict[str, Any]) -> tuple[dict[str, torch.Tensor | None], str | None]:
    absent: dict[str, torch.Tensor | None] = dict.fromkeys(call.differentiate)
    if not call.differentiate:
        return {}, None
    if not isinstance(result, torch.Tensor) or not result.requires_grad:
        return absent, "the result is not connected to the inputs by differentiable operations"
    weights = None if call.cotangent is None else call.cotangent.to(result)
    inputs = [arguments[name] for name in call.differentiate]
    try:
        found = torch.autograd.grad(result, inputs, weights, allow_unused=True)
    except RuntimeError as error:
        return absent, f"{type(error).__name__}: {error}"
    widened = (None if gradient is None else gradient.double() for gradient in found)
    return dict(zip(call.differentiate, widened, strict=True)), None


def _same(before: torch.Tensor, after: torch.Tensor) -> bool:
    """Bit for bit, so that NaN equals itself."""
    return before.shape == after.shape and torch.equal(before.nan_to_num(), after.nan_to_num())


def strided(value: Any) -> Any:
    """The same tensor with its axes in the opposite order in memory, or every other number of a vector.

    With two axes or more `view` can't flatten it; of an evenly strided buffer it could.
    """
    if not isinstance(value, torch.Tensor) or value.dim() == 0:
        return value
    if value.dim() == 1:
        return torch.stack((value, value), dim=-1)[..., 0]
    backwards = tuple(reversed(range(value.dim())))
    return value.permute(backwards).contiguous().permute(backwards)


def as_value(result: Any) -> Value:
    """A function's result in the terms of an observation."""
    if isinstance(result, torch.Tensor):
        return result.detach()
    if type(result) in (bool, int, float):  # a numpy scalar is none of these, though np.float64 is a float
        number: float = result
        return number
    if isinstance(result, tuple | list):
        return tuple(as_value(item) for item in result)
    return Opaque(type(result).__name__)
