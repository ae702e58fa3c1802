"""Traces functions in this process, and carries a graph out again with PyTorch on other inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import torch

from grader.model.case import Case
from grader.model.exchange import Raised, Trace, Traced, Untraceable
from grader.model.graph import CONSTANT, Graph, Ref
from grader.tracing import trace_own


def trace(
    function: Callable[..., Any], inputs: Mapping[str, Any], *differentiate: str
) -> Traced | Untraceable | Raised:
    """Trace with every floating tensor as an input of the graph."""
    symbolic = tuple(n for n, v in inputs.items() if isinstance(v, torch.Tensor) and v.is_floating_point())
    return trace_own(function, Trace("f", Case("a case", inputs, {}), symbolic, differentiate))


def traced(function: Callable[..., Any], inputs: Mapping[str, Any], *differentiate: str) -> Traced:
    """The same, of a function that can be followed."""
    found = trace(function, inputs, *differentiate)
    assert isinstance(found, Traced), found
    return found


def untraceable(function: Callable[..., Any], inputs: Mapping[str, Any], *differentiate: str) -> Untraceable:
    """The same, of a function that can't be followed."""
    found = trace(function, inputs, *differentiate)
    assert isinstance(found, Untraceable), found
    return found


def replayed(graph: Graph, inputs: Mapping[str, Any]) -> list[Any]:
    """The graph's outputs at these inputs, by PyTorch's own operations."""
    steps: list[Any] = [inputs[name].clone() for name in graph.inputs]
    for node in graph.nodes:
        arguments = [_value(argument, steps) for argument in node.arguments]
        keywords = {name: _value(argument, steps) for name, argument in node.keywords.items()}
        steps.append(_function(node.operation)(*arguments, **keywords))
    return [_value(output, steps) for output in graph.outputs]


def _function(operation: str) -> Callable[..., Any]:
    if operation == CONSTANT:
        return lambda shape, values, dtype: torch.tensor(values, dtype=dtype).reshape(shape)
    return reduce(getattr, operation.split("."), torch.ops)


def _value(argument: Any, steps: list[Any]) -> Any:
    match argument:
        case Ref(step, None):
            return steps[step]
        case Ref(step, item):
            return steps[step][item]
        case tuple():
            return [_value(part, steps) for part in argument]
        case str() if argument.startswith("torch.") and hasattr(torch, argument.removeprefix("torch.")):
            return getattr(torch, argument.removeprefix("torch."))
        case _:
            return argument
