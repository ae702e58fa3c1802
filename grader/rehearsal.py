"""Answers requests with a trusted function in this process: puts references and misconceptions through the checks.

It does what the guest does in the sandbox, so that a rehearsal and a real run see the same.
"""

from __future__ import annotations

from typing import Any, assert_never

import torch

from grader.compare.evaluate import default_dtype, in_precision, on_device
from grader.compare.returned import as_value
from grader.compare.sessions import played
from grader.compare.trainings import Pupil
from grader.grading import Ask, Prove
from grader.model.exchange import Acting, Answer, Call, Observation, Raised, Request, Returned, Session, Trace, Training
from grader.model.formula import Claim
from grader.model.problem import Function
from grader.model.timing import Recalling, Timing
from grader.symbolic.judge import judge
from grader.tracing import trace_own


def answering(function: Function, prove: Prove = judge) -> Ask:
    """An `ask` that calls and traces `function`; only for code we wrote ourselves."""

    pupil = Pupil(function)

    def ask(request: Request) -> Answer:
        match request:
            case Training():
                return pupil.train(request)
            case Acting():
                return pupil.act(request)
            case Call():
                return _observed(function, request)
            case Trace():
                return trace_own(request.own or function, request)
            case Session():
                return played(function, request)
            case Claim():
                return prove(request)
            case Timing() | Recalling():
                raise TypeError("no check asks for timings; `grader.bench` takes them in this process by itself")
            case _:
                assert_never(request)

    return ask


def _observed(function: Function, call: Call) -> Observation:
    try:
        return _called(function, call)
    except Exception as error:  # noqa: BLE001 -- a misconception may raise, which is an observation
        return Raised(type(error).__name__, str(error))


def _called(function: Function, call: Call) -> Returned:
    arguments = on_device(in_precision(call.case.inputs, call.precision), call.device)
    if call.strided:
        arguments = {name: strided(value) for name, value in arguments.items()}
    before = {name: v.clone() for name, v in arguments.items() if isinstance(v, torch.Tensor)}
    for name in call.differentiate:
        arguments[name].requires_grad_()
    with default_dtype(call.default_dtype.dtype), torch.enable_grad():
        result = function(**arguments)
        gradients, error = _gradients(result, call, arguments)
    modified = tuple(name for name, old in before.items() if not _same(old, arguments[name].detach()))
    return Returned(as_value(result), _device(result), gradients, error, modified)


def _device(result: Any) -> str:
    """Where the first tensor of a result is."""
    while isinstance(result, tuple | list) and result:
        result = result[0]
    return result.device.type if isinstance(result, torch.Tensor) else "cpu"


def _gradients(result: Any, call: Call, arguments: dict[str, Any]) -> tuple[dict[str, torch.Tensor | None], str | None]:
    absent: dict[str, torch.Tensor | None] = dict.fromkeys(call.differentiate)
    if not call.differentiate:
        return {}, None
    results = result if isinstance(result, tuple | list) else (result,)
    weights = call.cotangents() or (None,) * len(results)
    if len(results) != len(weights):
        return absent, f"{len(results)} of {len(weights)} results came back"
    pairs = zip(results, weights, strict=True)
    connected = [
        (part, None if weight is None else weight.to(part))
        for part, weight in pairs
        if isinstance(part, torch.Tensor) and part.requires_grad
    ]
    if not connected:
        return absent, "the result is not connected to the inputs by differentiable operations"
    parts, cotangents = zip(*connected, strict=True)
    inputs = [arguments[name] for name in call.differentiate]
    try:
        found = torch.autograd.grad(parts, inputs, cotangents, allow_unused=True)
    except RuntimeError as error:
        return absent, f"{type(error).__name__}: {error}"
    widened = (None if gradient is None else gradient.cpu().double() for gradient in found)
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
