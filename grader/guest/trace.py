"""Carries out one trace of a student's function: its operations, results and gradients as a graph in JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import torch
from safetensors.torch import load
from torch.distributions import Distribution

from .call import Answer, argument, fresh_world
from .frames import LARGEST_HEADER
from .graph_json import MOST_NAMES, MOST_RESULTS, Json, UntraceableError, number
from .load import Workspace
from .recorder import Recorder
from .trouble import described
from .watch import Watch

ROOM = 1 << 12
"""Bytes of a header kept for what isn't the graph."""


def carry_out_trace(workspace: Workspace, request: dict[str, Any], payload: bytes) -> Answer:
    """Trace the function; the answer's header."""
    function = workspace.found[request["function"]]
    tensors = load(payload) if payload else {}
    arguments = {spec["name"]: argument(spec, tensors, request) for spec in request["arguments"]}
    inputs = {name: arguments[name] for name in request["symbolic"]}
    try:
        with fresh_world(request):
            run = partial(function, *arguments.values())
            return followed(run, inputs, request["differentiate"], workspace.folder, request["results"]), b""
    except BaseException as error:
        return {"status": "raised", **described(error, workspace.folder)}, b""


def followed(
    run: Callable[[], Any], inputs: dict[str, torch.Tensor], differentiate: Sequence[str], folder: str, results: int = 1
) -> dict[str, Any]:
    """Run a function whose arguments are bound already, and describe what it did with its inputs.

    Where it is differentiated the graph has more inputs, the last: for each of its `results` the weights of its
    elements.
    `folder` is where the code of interest lies, for the lines of exceptions.

    Raises:
        BaseException: what the function raises that is no Exception, such as SystemExit or an interrupt.
    """
    recorder = Recorder(len(inputs) + (results if differentiate else 0))
    for step, tensor in enumerate(inputs.values()):
        recorder.add_input(step, tensor)
    try:
        with _unvalidated_distributions(), _uncompiled():
            outputs = _outputs(recorder, run, [inputs[name] for name in differentiate], results)
        return _traced(recorder, outputs)
    except (Exception, UntraceableError) as error:
        if recorder.stopped is not None or isinstance(error, UntraceableError):
            calls = sorted(recorder.calls)[:MOST_NAMES]
            return {**_untraceable(recorder.stopped or error, error, folder), "calls": calls}
        return {"status": "raised", **described(error, folder)}


@contextmanager
def _unvalidated_distributions() -> Iterator[None]:
    """Distributions check their parameters by branching on values."""
    before = Distribution._validate_args
    Distribution.set_default_validate_args(False)
    try:
        yield
    finally:
        Distribution.set_default_validate_args(before)


@contextmanager
def _uncompiled() -> Iterator[None]:
    """A function under torch.compile runs as it was written; else the recorder would be compiled with it."""
    if "torch._dynamo" not in sys.modules or not hasattr(torch.compiler, "set_stance"):
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


def _outputs(recorder: Recorder, run: Callable[[], Any], differentiate: list[torch.Tensor], results: int) -> list[Json]:
    with recorder, Watch(recorder):
        result = run()
    calls = set(recorder.calls)
    if recorder.stopped is not None:
        raise recorder.stopped
    outputs = _results(recorder, result)
    if differentiate:
        outputs += _gradients(recorder, result, differentiate, results)
    recorder.calls = calls  # without what differentiating it took
    return outputs


def _results(recorder: Recorder, result: Any) -> list[Json]:
    results = result if isinstance(result, tuple | list) else (result,)
    if len(results) > MOST_RESULTS:
        raise UntraceableError(f"it returns {len(results)} values")
    return [_result(recorder, part) for part in islice(results, MOST_RESULTS)]


def _result(recorder: Recorder, result: Any) -> Json:
    if isinstance(result, np.generic):
        result = result.item()
    if isinstance(result, bool):
        return result
    if isinstance(result, int | float):
        return number(result)
    if isinstance(result, torch.Tensor):
        return recorder.encoded(result)
    raise UntraceableError(f"what it returns is a {type(result).__name__[:100]}, neither a tensor nor a number")


def _gradients(recorder: Recorder, result: Any, inputs: list[torch.Tensor], results: int) -> list[Json]:
    """The gradient of Σ cotangent · result over all results, with respect to each input; None where there is none."""
    parts = result if isinstance(result, tuple | list) else (result,)
    if len(parts) != results:
        raise UntraceableError(f"it returns {len(parts)} values, and not {results}")
    first = recorder.inputs - results
    connected = [(k, p) for k, p in enumerate(parts, first) if isinstance(p, torch.Tensor) and p.requires_grad]
    if not connected:
        return [None] * len(inputs)
    cotangents = [_cotangent(recorder, step, part) for step, part in connected]
    try:
        with torch.enable_grad(), recorder:
            terms = [(part * weight).sum() for (_, part), weight in zip(connected, cotangents, strict=True)]
            found = torch.autograd.grad(sum(terms[1:], terms[0]), inputs, allow_unused=True)
    except Exception as error:
        raise UntraceableError(f"autograd can't differentiate it ({error})"[:400]) from None
    return [recorder.encoded(gradient) for gradient in found]


def _cotangent(recorder: Recorder, step: int, result: torch.Tensor) -> torch.Tensor:
    """Weights of a result's elements, as the input of that number."""
    weights = torch.rand(result.shape, dtype=result.dtype, generator=torch.Generator().manual_seed(step))
    recorder.add_input(step, weights)
    return weights


def _traced(recorder: Recorder, outputs: list[Json]) -> dict[str, Any]:
    calls = sorted(recorder.calls)[:MOST_NAMES]
    header = {"status": "traced", "nodes": recorder.nodes, "outputs": outputs, "calls": calls}
    if len(json.dumps(header)) > LARGEST_HEADER - ROOM:
        raise UntraceableError("its operations take more room than can be sent")
    return header


def _untraceable(reason: BaseException, last: BaseException, folder: str) -> dict[str, Any]:
    """The reason, with the line where it arose; where PyTorch lost that, the line of what came out in the end."""
    told = described(reason, folder)
    place = told if told["path"] is not None else described(last, folder)
    where = {key: place[key] for key in ("path", "line", "code")}
    return {"status": "untraceable", "reason": told["message"], **where}
