"""Replies become graphs only if they are built as graphs are, within bounds; all else is refused, and quickly."""

from __future__ import annotations

import json
import time
from copy import deepcopy
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.guest import frames, graph_json
from grader.guest.frames import MalformedFrameError
from grader.guest.trace import followed
from grader.model import graph
from grader.model.case import Case
from grader.model.exchange import Raised, Trace, Traced, Untraceable
from grader.model.graph import Graph, Node, Ref
from grader.run.graph_codec import decode_trace, encode_trace
from tests.guest import functions

CASE = Case("a case", {"x": torch.ones(2, 3, dtype=torch.float64), "dones": torch.ones(2, dtype=torch.int64),
                       "eps": 0.5, "causal": True, "scale": None}, {})  # fmt: skip
TRACE = Trace("f", CASE, ("x",))
NEGATED = ["aten.neg.default", [{"r": 0}], {}]


def _reply(**changes: Any) -> dict[str, Any]:
    whole = {"id": 7, "status": "traced", "nodes": [NEGATED], "outputs": [{"r": 1}], "calls": ["neg"]}
    return {**whole, **changes}


def test_both_sides_use_the_same_words() -> None:
    assert graph_json.CONSTANT == graph.CONSTANT
    assert frames.COTANGENT == graph.COTANGENT


def test_a_trace_is_sent_in_double_precision() -> None:
    header, payload = encode_trace(Trace("f", CASE, ("x",), ("x",)), 7)
    assert header["arguments"] == [
        {"name": "x"}, {"name": "dones"}, {"name": "eps", "number": 0.5}, {"name": "causal", "number": True},
        {"name": "scale", "number": None},
    ]  # fmt: skip
    assert (header["kind"], header["symbolic"], header["differentiate"]) == ("trace", ["x"], ["x"])
    assert b"F64" in payload
    assert b"I64" in payload


def test_a_well_built_graph_is_rebuilt() -> None:
    nodes = [
        ["constant", [[2], [1.5, {"f": "-inf"}], "torch.float64"], {}],
        ["aten.max.dim", [{"r": 0}, -1], {"keepdim": True}],
        ["aten._to_copy.default", [{"r": [2, 0]}], {"dtype": "torch.float32", "layout": None}],
        ["aten.index.Tensor", [{"r": 1}, [None, {"r": [2, 1]}]], {}],
    ]
    found = decode_trace(_reply(nodes=nodes, outputs=[{"r": 4}, 2, {"f": "nan"}, False]), TRACE, 7)
    assert isinstance(found, Traced)
    assert found.graph.nodes == (
        Node("constant", ((2,), (1.5, float("-inf")), "torch.float64")),
        Node("aten.max.dim", (Ref(0), -1), {"keepdim": True}),
        Node("aten._to_copy.default", (Ref(2, 0),), {"dtype": "torch.float32", "layout": None}),
        Node("aten.index.Tensor", (Ref(1), (None, Ref(2, 1)))),
    )
    assert found.graph.outputs[:2] == (Ref(4), 2)
    assert found.graph.outputs[3] is False


def test_a_differentiated_trace_has_an_input_more_and_its_gradients() -> None:
    asked = Trace("f", CASE, ("x",), ("x",))
    found = decode_trace(_reply(nodes=[], outputs=[{"r": 0}, None]), asked, 7)
    assert found == Traced(Graph(("x", graph.COTANGENT), (), (Ref(0), None)), ("neg",))
    with pytest.raises(MalformedFrameError):
        decode_trace(_reply(nodes=[], outputs=[{"r": 0}]), asked, 7)


def test_why_a_function_can_not_be_followed_is_bounded() -> None:
    reply = {"id": 7, "status": "untraceable", "reason": "r" * 10**6, "path": "answers.py", "line": 3, "code": 5}
    reply["calls"] = ["layer_norm"]
    assert decode_trace(reply, TRACE, 7) == Untraceable("r" * 1000, "answers.py", 3, None, ("layer_norm",))
    assert isinstance(decode_trace({"id": 7, "status": "raised", "type": "ValueError"}, TRACE, 7), Raised)


def _node(*arguments: Any, **keywords: Any) -> dict[str, Any]:
    return {"nodes": [["aten.neg.default", list(arguments), keywords]]}


def _constant(*arguments: Any) -> dict[str, Any]:
    return {"nodes": [["constant", list(arguments), {}]]}


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


REFUSED: dict[str, dict[str, Any]] = {
    "another question": {"id": 8},
    "another status": {"status": "proved"},
    "no nodes": {"nodes": None},
    "too many nodes": {"nodes": [NEGATED] * 5001},
    "a node of two parts": {"nodes": [["aten.neg.default", []]]},
    "a node as an object": {"nodes": [{"operation": "aten.neg.default"}]},
    "an operation that is no name": {"nodes": [["aten.neg; import os", [], {}]]},
    "an operation of any length": {"nodes": [["a" * 201, [], {}]]},
    "a keyword that is no name": {"nodes": [["aten.neg.default", [], {"a b": 1}]]},
    "too many arguments": _node(*[0] * 65),
    "itself": _node({"r": 1}),
    "a later step": _node({"r": 2}),
    "a negative step": _node({"r": -1}),
    "a step that is a flag": _node({"r": False}),
    "a step that is a fraction": _node({"r": 0.0}),
    "a negative item": _node({"r": [0, -1]}),
    "an item beyond": _node({"r": [0, 64]}),
    "an item that is a flag": _node({"r": [0, True]}),
    "three numbers": _node({"r": [0, 1, 2]}),
    "an unknown mark": _node({"q": 0}),
    "two marks": _node({"r": 0, "f": "nan"}),
    "an unknown number": _node({"f": "1e9"}),
    "deep nesting": _node(_nested(7)),
    "a long list": _node([0] * 4097),
    "a long text": _node("t" * 201),
    "a large integer": _node(1 << 63),
    "infinity as a number": _node(float("inf")),
    "not a number": _node(float("nan")),
    "an output of text": {"outputs": ["x"]},
    "an output of a list": {"outputs": [[{"r": 0}]]},
    "an output that was no step": {"outputs": [{"r": 2}]},
    "no outputs": {"outputs": None},
    "an output that is none": {"outputs": [None]},
    "many outputs": {"outputs": [1] * 200},
    "calls of numbers": {"calls": [3]},
    "calls of text": {"calls": ["import os"]},
    "many calls": {"calls": ["f"] * 501},
    "a constant without values": _constant([1]),
    "a constant of too few values": _constant([3], [1.0], "torch.float64"),
    "a constant of too many values": _constant([4097], [1.0] * 4097, "torch.float64"),
    "a constant of another type": _constant([1], [1], "torch.float64"),
    "a constant of text": _constant([1], ["1"], "torch.float64"),
    "a constant of references": _constant([1], [{"r": 0}], "torch.float64"),
    "a constant of an unknown dtype": _constant([1], [1.0], "torch.complex128"),
    "a constant of flags as numbers": _constant([1], [1], "torch.bool"),
    "a constant of a negative shape": _constant([-1, -1], [1.0], "torch.float64"),
    "a constant of a shape of flags": _constant([True], [1.0], "torch.float64"),
    "a constant of many axes": _constant([1] * 9, [1.0], "torch.float64"),
    "an empty constant that is huge": _constant([0, 1 << 40], [], "torch.float64"),
    "a constant with keywords": {"nodes": [["constant", [[], [1.0], "torch.float64"], {"pin": True}]]},
}


@pytest.mark.parametrize("what", REFUSED)
def test_graphs_built_otherwise_are_refused(what: str) -> None:
    with pytest.raises(MalformedFrameError):
        decode_trace(_reply(**REFUSED[what]), TRACE, 7)


def test_the_values_of_all_nodes_together_are_bounded() -> None:
    nodes = [["aten.neg.default", [[0] * 4096] * 64, {}]] * 5000
    started = time.monotonic()
    with pytest.raises(MalformedFrameError):
        decode_trace(_reply(nodes=nodes), TRACE, 7)
    assert time.monotonic() - started < 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = ["status", "nodes", "outputs", "calls", "reason", "path", "line", "code", "type", "message"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON), st.sampled_from(["traced", "untraceable", "raised"]))
def test_arbitrary_replies_are_an_answer_or_refused(header: dict, status: str) -> None:
    _decoded_or_refused({"status": status, **header})


def _decoded_or_refused(header: dict[str, Any]) -> None:
    try:
        found = decode_trace({**header, "id": 7}, TRACE, 7)
    except MalformedFrameError:
        return
    if isinstance(found, Traced):
        _check_order(found.graph)


def _check_order(found: Graph) -> None:
    for position, node in enumerate(found.nodes):
        for ref in _refs((node.arguments, tuple(node.keywords.values()))):
            assert 0 <= ref.step < len(found.inputs) + position


def _refs(argument: Any) -> list[Ref]:
    if isinstance(argument, Ref):
        return [argument]
    return [ref for part in argument for ref in _refs(part)] if isinstance(argument, tuple) else []


def _real() -> dict[str, Any]:
    x, g = torch.ones(2, 3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    header = followed(lambda: functions.indexed(x, g), {"x": x}, (), "no folder")
    assert header["status"] == "traced"
    return json.loads(json.dumps(header))


REAL = _real()


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every position in a JSON value that can be replaced: what holds it, and its key there."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in [(value, key), *_places(value[key])]]


def test_a_real_trace_is_rebuilt() -> None:
    assert isinstance(decode_trace({**REAL, "id": 7}, TRACE, 7), Traced)


@given(st.data())
def test_mutated_traces_are_an_answer_or_refused(data: st.DataObject) -> None:
    mutated = deepcopy(REAL)
    places = _places(mutated)
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = places[data.draw(st.integers(0, len(places) - 1))]
        _, other = places[data.draw(st.integers(0, len(places) - 1))]
        holder[key] = data.draw(JSON | st.just(other) | st.builds(lambda step: {"r": step}, st.integers(-1, 40)))
    _decoded_or_refused(mutated)
