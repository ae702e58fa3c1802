"""Traces to request frames, and the graphs in reply frames to data: rebuilt within bounds, or refused.

Every reference has to be to an earlier step, so that what comes out can be gone through once, from first to last.
"""

from __future__ import annotations

import math
import re
from typing import Any

from safetensors.torch import save

from grader.guest.frames import LARGEST_HEADER, MalformedFrameError
from grader.guest.graph_json import (
    DEEPEST_ARGUMENT,
    LARGEST_CONSTANT,
    LARGEST_INTEGER,
    LONGEST_LIST,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_ARGUMENTS,
    MOST_AXES,
    MOST_NAMES,
    MOST_NODES,
    MOST_RESULTS,
)
from grader.model.exchange import Precision, Raised, Trace, Traced, Untraceable
from grader.model.graph import CONSTANT, Argument, Graph, Node, Ref, cotangent_names
from grader.run.codec import Header, decode_raised, encode_inputs, rng_seed, text, whole_number

MOST_VALUES = LARGEST_HEADER // 2
"""Arguments and list elements of all nodes together; each takes two bytes of a header at least."""

_NAME = re.compile(r"[A-Za-z_]\w*(\.\w+)*", re.ASCII)

_FLOATS = ("torch.float64", "torch.float32", "torch.float16", "torch.bfloat16")
_INTEGERS = ("torch.int64", "torch.int32", "torch.int16", "torch.int8", "torch.uint8")


def encode_trace(trace: Trace, number: int) -> tuple[Header, bytes]:
    """The request for one trace; its tensors are copies in float64 or int64."""
    arguments, tensors = encode_inputs(trace.case, Precision.DOUBLE)
    header = {
        "kind": "trace",
        "id": number,
        "function": trace.function,
        "arguments": arguments,
        "symbolic": list(trace.symbolic),
        "differentiate": list(trace.differentiate),
        "results": trace.results,
        "default_dtype": Precision.DOUBLE.value,
        "strided": False,
        "device": "cpu",
        "rng": rng_seed(trace.function, trace.case),
    }
    return header, save(tensors) if tensors else b""


def decode_trace(header: Header, trace: Trace, number: int) -> Traced | Untraceable | Raised:
    """What a reply says that the function does.

    Raises:
        MalformedFrameError: the reply is for another request, or not built as replies are.
    """
    if header.get("id") != number:
        raise MalformedFrameError("it is not an answer to this request")
    match header.get("status"):
        case "raised":
            return decode_raised(header)
        case "untraceable":
            return Untraceable(
                text(header.get("reason")) or "it can't be followed",
                text(header.get("path")),
                whole_number(header.get("line")),
                text(header.get("code")),
                _calls(header),
            )
        case "traced":
            return _traced(header, trace)
        case _:
            raise MalformedFrameError("it neither follows the function nor says why not")


def _traced(header: Header, trace: Trace) -> Traced:
    cotangents = cotangent_names(trace.results) if trace.differentiate else ()
    inputs = (*trace.symbolic, *cotangents)
    decoder = _Decoder(len(inputs))
    nodes = tuple(decoder.node(node) for node in _list(header.get("nodes"), MOST_NODES))
    outputs = tuple(decoder.output(output) for output in _list(header.get("outputs"), 2 * MOST_RESULTS))
    if trace.differentiate and len(outputs) != trace.results + len(trace.differentiate):
        raise MalformedFrameError("it gives another number of results or gradients than was asked for")
    if None in (outputs[: trace.results] if trace.differentiate else outputs):
        raise MalformedFrameError("one of its results is none; only a gradient may be missing")
    return Traced(Graph(inputs, nodes, outputs), _calls(header))


def _calls(header: Header) -> tuple[str, ...]:
    return tuple(_name(name) for name in _list(header.get("calls"), MOST_NAMES))


class _Decoder:
    """Reads the nodes in their order, and knows how many steps there are so far and how much was read."""

    def __init__(self, inputs: int) -> None:
        self._steps = inputs
        self._values = 0

    def node(self, node: Any) -> Node:
        match node:
            case [str(operation), list(arguments), dict(keywords)]:
                pass
            case _:
                raise MalformedFrameError("a node is not built as nodes are")
        if len(arguments) + len(keywords) > MOST_ARGUMENTS:
            raise MalformedFrameError(f"a node has more than {MOST_ARGUMENTS} arguments")
        found = Node(
            _name(operation, LONGEST_TEXT),
            tuple(self._argument(argument, 0) for argument in arguments),
            {_name(name): self._argument(argument, 0) for name, argument in keywords.items()},
        )
        if operation == CONSTANT:
            _check_constant(found)
        self._steps += 1
        return found

    def output(self, output: Any) -> Argument:
        if isinstance(output, str | list):
            raise MalformedFrameError("an output is neither a step nor a number")
        return self._argument(output, 0)

    def _argument(self, value: Any, depth: int) -> Argument:
        self._values += 1
        if self._values > MOST_VALUES:
            raise MalformedFrameError(f"its nodes hold more than {MOST_VALUES} values")
        if isinstance(value, list):
            if depth == DEEPEST_ARGUMENT:
                raise MalformedFrameError(f"a list is nested more than {DEEPEST_ARGUMENT} deep")
            return tuple(self._argument(item, depth + 1) for item in _list(value, LONGEST_LIST))
        if isinstance(value, dict):
            return self._marked(value)
        return _plain(value)

    def _marked(self, value: dict[str, Any]) -> Argument:
        match value:
            case {"r": int(step)} if len(value) == 1:
                return self._reference(step, None)
            case {"r": [int(step), int(item)]} if len(value) == 1:
                return self._reference(step, item)
            case {"f": ("inf" | "-inf" | "nan") as spelt} if len(value) == 1:
                return float(spelt)
            case _:
                raise MalformedFrameError("an argument is neither a step nor a number")

    def _reference(self, step: int, item: int | None) -> Ref:
        if isinstance(step, bool) or isinstance(item, bool) or not 0 <= step < self._steps:
            raise MalformedFrameError("it refers to a step that hasn't been")
        if item is not None and not 0 <= item < MOST_RESULTS:
            raise MalformedFrameError("it refers to a result that no step has")
        return Ref(step, item)


def _plain(value: Any) -> Argument:
    match value:
        case None | bool():
            return value
        case int() if -LARGEST_INTEGER <= value < LARGEST_INTEGER:
            return value
        case float() if math.isfinite(value):
            return value
        case str() if len(value) <= LONGEST_TEXT:
            return value
        case _:
            raise MalformedFrameError("an argument is too large, or of a kind that no argument is")


def _check_constant(node: Node) -> None:
    match node.arguments:
        case (tuple(shape), tuple(values), str(dtype)) if not node.keywords and len(shape) <= MOST_AXES:
            pass
        case _:
            raise MalformedFrameError("a constant is not built as constants are")
    sizes = [size for size in shape if type(size) is int and size >= 0]
    if len(sizes) < len(shape) or math.prod(sizes) != len(values) or _room(sizes) > LARGEST_CONSTANT:
        raise MalformedFrameError("a constant's values don't fill its shape, or it is too large")
    wanted = float if dtype in _FLOATS else int if dtype in _INTEGERS else bool if dtype == "torch.bool" else None
    if any(type(value) is not wanted for value in values) or wanted is None:
        raise MalformedFrameError("a constant's values are not of its dtype")


def _room(sizes: list[int]) -> int:
    """What an array takes, and one that is empty in one axis only may."""
    return math.prod(max(size, 1) for size in sizes)


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise MalformedFrameError(f"it has no list where one belongs, or one of more than {most}")
    return value


def _name(value: Any, longest: int = LONGEST_NAME) -> str:
    if not isinstance(value, str) or len(value) > longest or not _NAME.fullmatch(value):
        raise MalformedFrameError("a name is not built as names are")
    return value
