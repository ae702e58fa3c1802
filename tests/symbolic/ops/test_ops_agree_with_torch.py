"""Every operation gives what PyTorch gives, for rational numbers and for symbols that are replaced by them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
import torch

from grader.model.formula import exact, symbols
from grader.model.graph import CONSTANT, Graph, Node, Ref
from grader.symbolic.interpret import interpret
from grader.symbolic.ops import OPERATIONS
from grader.symbolic.refusals import Unsupported
from tests.symbolic.ops.records import ELSEWHERE, RECORDS
from tests.symbolic.ops.samples import Record

EVERY_RECORD = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.operation)


class Call:
    """A record as a graph of one operation: float tensors are inputs, others are held by the graph."""

    def __init__(self, record: Record) -> None:
        self.inputs: dict[str, torch.Tensor] = {}
        self.constants: list[Node] = []
        self.count = len(floats((record.arguments, record.keywords)))
        arguments = tuple(self.encoded(value) for value in record.arguments)
        keywords = {name: self.encoded(value) for name, value in record.keywords.items()}
        self.nodes = (*self.constants, Node(record.operation, arguments, keywords))

    def encoded(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return tuple(self.encoded(item) for item in value)
        if isinstance(value, torch.dtype):
            return str(value)
        if not isinstance(value, torch.Tensor):
            return value
        if value.is_floating_point():
            self.inputs[f"x{len(self.inputs)}"] = value
            return Ref(len(self.inputs) - 1)
        self.constants.append(Node(CONSTANT, (tuple(value.shape), tuple(value.flatten().tolist()), str(value.dtype))))
        return Ref(self.count + len(self.constants) - 1)

    def graph(self, results: int | None) -> Graph:
        step = len(self.inputs) + len(self.nodes) - 1
        outputs = (Ref(step),) if results is None else tuple(Ref(step, item) for item in range(results))
        return Graph(tuple(self.inputs), self.nodes, outputs)


def floats(value: Any) -> list[torch.Tensor]:
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in floats(item)]
    return [value] if isinstance(value, torch.Tensor) and value.is_floating_point() else []


def answer_of_torch(record: Record) -> Any:
    namespace, name, overload = record.operation.split(".")
    function = getattr(getattr(getattr(torch.ops, namespace), name), overload)
    arguments = [value.clone() if isinstance(value, torch.Tensor) else value for value in record.arguments]
    return function(*arguments, **record.keywords)


def interpreted(record: Record, inputs: dict[str, Any], call: Call, wanted: Any) -> dict[int, Any]:
    """The compared results by number."""
    results = len(wanted) if isinstance(wanted, (list, tuple)) else None
    graph = call.graph(results)
    kept = record.compared if record.compared is not None else tuple(range(results or 1))
    outputs = tuple(graph.outputs[item] for item in kept)
    return dict(zip(kept, interpret(Graph(graph.inputs, graph.nodes, outputs), inputs, exact), strict=True))


def numbers_in(array: Any, values: dict[Any, Any]) -> Any:
    return np.vectorize(lambda entry: float_of(entry, values), otypes=[float])(array).reshape(array.shape)


def float_of(entry: Any, values: dict[Any, Any]) -> float:
    known = entry.xreplace(values)
    if known in (sympy.true, sympy.false, True, False):
        return float(bool(known))
    return float(known.evalf(20))


def assert_same(given: dict[int, Any], values: dict[Any, Any], wanted: Any) -> None:
    for item, array in given.items():
        tensor = wanted[item] if isinstance(wanted, (list, tuple)) else wanted
        assert array.shape == tuple(tensor.shape)
        expected = tensor.to(torch.float64).numpy(force=True)
        np.testing.assert_allclose(numbers_in(array, values), expected, rtol=1e-12, atol=1e-14)


def rationals(tensor: torch.Tensor) -> Any:
    entries = np.empty(tuple(tensor.shape), dtype=object)
    for index in np.ndindex(*entries.shape):
        entries[index] = sympy.Rational(Fraction(tensor[index].item()))
    return entries


@EVERY_RECORD
def test_rational_numbers_give_what_torch_gives(record: Record) -> None:
    call, wanted = Call(record), answer_of_torch(record)
    inputs = {name: rationals(tensor) for name, tensor in call.inputs.items()}
    assert_same(interpreted(record, inputs, call, wanted), {}, wanted)


@EVERY_RECORD
def test_symbols_give_what_torch_gives_at_every_point(record: Record) -> None:
    call, wanted = Call(record), answer_of_torch(record)
    inputs = {name: symbols(name, tuple(tensor.shape)) for name, tensor in call.inputs.items()}
    if record.of_numbers:
        with pytest.raises(Unsupported):
            interpreted(record, inputs, call, wanted)
        return
    exactly = {name: rationals(tensor) for name, tensor in call.inputs.items()}
    values = {s: v for name in inputs for s, v in zip(inputs[name].flat, exactly[name].flat, strict=True)}
    assert_same(interpreted(record, inputs, call, wanted), values, wanted)


def test_every_operation_has_a_record() -> None:
    assert {record.operation for record in RECORDS} | ELSEWHERE == set(OPERATIONS)
