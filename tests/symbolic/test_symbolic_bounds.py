"""Graphs come from a sandbox: whatever they hold is answered, in a moment, with a refusal that says why."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from grader.model.formula import exact, symbols
from grader.model.graph import CONSTANT, Graph, Node, Ref
from grader.symbolic.interpret import interpret
from grader.symbolic.refusals import Malformed, TooLarge, Unsupported

HUGE = 10**9
SOON = 0.5
"""Seconds."""


@pytest.fixture(autouse=True)
def answers_soon() -> Iterator[None]:
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < SOON


def run(*nodes: Node, shape: tuple[int, ...] = (2, 2)) -> None:
    """Interpret a graph of one input and these nodes."""
    interpret(Graph(("x",), nodes, (Ref(len(nodes)),)), {"x": symbols("x", shape)}, exact)


@pytest.mark.parametrize(
    "node",
    [
        Node("aten.full.default", ((HUGE,), 1.0)),
        Node("aten.zeros.default", ((HUGE, HUGE, 0, HUGE),)),
        Node("aten.eye.default", (HUGE,)),
        Node("aten.arange.default", (HUGE,)),
        Node("aten.arange.start_step", (0.0, 1.0, 1e-300)),
        Node("aten.linspace.default", (0.0, 1.0, HUGE)),
        Node("aten.tril_indices.default", (HUGE, HUGE)),
        Node("aten.expand.default", (Ref(0), (HUGE, 2, 2))),
        Node("aten.repeat.default", (Ref(0), (HUGE, HUGE))),
        Node("aten.repeat_interleave.self_int", (Ref(0), HUGE)),
        Node("aten.constant_pad_nd.default", (Ref(0), (HUGE, HUGE), 0.0)),
        Node("aten.diag_embed.default", (Ref(0), HUGE)),
        Node("aten.tensor_split.sections", (Ref(0), HUGE)),
        Node("aten.cat.default", ((Ref(0),) * 10_000,)),
        Node("aten.stack.default", ((Ref(0),) * 10_000,)),
        Node("aten.new_full.default", (Ref(0), (1,) * 100, 1.0)),
        Node("aten.slice_backward.default", (Ref(0), (HUGE, 2), 0, 0, 2, 1)),
        Node("aten.embedding_dense_backward.default", (Ref(0), Ref(0), HUGE, 0, False)),
        Node("aten.pow.Tensor_Scalar", (Ref(0), 1001)),
        Node("aten.pow.Scalar", (3, 10**6)),
        Node("aten.mul.Tensor", (Ref(0), 2**5000)),
        Node("aten.unfold.default", (Ref(0), 0, 2, 0)),
        Node("aten.as_strided.default", (Ref(0), (HUGE,), (0,))),
        Node("aten.linalg_inv_ex.default", (Ref(0),)),
    ],
    ids=lambda node: node.operation,
)
def test_what_would_take_too_much_is_refused_before_it_is_done(node: Node) -> None:
    with pytest.raises((TooLarge, Malformed, Unsupported)):
        run(node, shape=(9, 9) if "inv" in node.operation else (2, 2))


def test_the_work_of_all_operations_together_is_limited() -> None:
    row = Node("aten.expand.default", (Ref(0), (100, 100)))
    products = [Node("aten.mm.default", (Ref(1), Ref(1)))]
    with pytest.raises(TooLarge):
        run(row, *products, shape=(1, 1))


def test_a_graph_of_too_many_operations_is_refused() -> None:
    with pytest.raises(TooLarge, match="operations"):
        run(*[Node("aten.alias.default", (Ref(0),))] * 5_001)


def test_numbers_that_grow_by_squaring_are_refused() -> None:
    squares = [Node("aten.mul.Tensor", (Ref(step), Ref(step))) for step in range(1, 40)]
    with pytest.raises(TooLarge, match="bits"):
        run(Node("aten.full.default", ((1,), 3)), *squares)


def test_powers_that_grow_by_squaring_are_refused() -> None:
    with pytest.raises(TooLarge, match="exponent"):
        run(*[Node("aten.mul.Tensor", (Ref(step), Ref(step))) for step in range(40)], shape=(1,))


@pytest.mark.parametrize("joining", ["aten.add.Tensor", "aten.maximum.default", "aten.atan.default"])
def test_expressions_that_double_with_every_operation_are_refused(joining: str) -> None:
    second = () if "atan" in joining else (1,)
    steps = [
        Node("aten.sin.default", (Ref(0),)),
        *(
            node
            for step in range(1, 121, 3)
            for node in (
                Node("aten.cos.default", (Ref(step),)),
                Node(joining, (Ref(step), Ref(step + 1))[: 1 + len(second)]),
                Node("aten.mul.Tensor", (Ref(step + 1), Ref(step + 2))),
            )
        ),
    ]
    with pytest.raises(TooLarge, match="parts"):
        run(*steps, shape=(1,))


def test_constants_that_are_beyond_any_number_are_compared_or_left_as_they_are() -> None:
    towers = [Node("aten.exp.default", (Ref(step),)) for step in range(1, 9)]
    run(Node("aten.full.default", ((1,), 3.0)), *towers, Node("aten.gt.Scalar", (Ref(9), 5.0)))


def test_deep_expressions_are_carried_out_or_refused() -> None:
    layers = [Node("aten.sin.default", (Ref(step),)) for step in range(2_000)]
    run(*layers, shape=(1,))


@pytest.mark.parametrize(
    "node",
    [
        Node("aten.add.Tensor", (Ref(0), Ref(7))),
        Node("aten.add.Tensor", (Ref(0), Ref(-1))),
        Node("aten.add.Tensor", (Ref(0, item=3), 1)),
        Node("aten.add.Tensor", (Ref(0),)),
        Node("aten.add.Tensor", (Ref(0), "text")),
        Node("aten.add.Tensor", (Ref(0), None), {"alpha": "text"}),
        Node("aten.add.Tensor", (Ref(0), 1), {"unheard_of": 1}),
        Node("aten.sum.dim_IntList", (Ref(0), (5,))),
        Node("aten.sum.dim_IntList", (Ref(0), (0, 0))),
        Node("aten.mm.default", (Ref(0), 1)),
        Node("aten.view.default", (Ref(0), (-1, -1))),
        Node("aten.view.default", (Ref(0), (0, -1))),
        Node("aten.select.int", (Ref(0), 0, 9)),
        Node("aten.select.int", (Ref(0), 0, 0.5)),
        Node("aten.as_strided.default", (Ref(0), (2, 2), (2, 2), 1)),
        Node("aten.as_strided.default", (Ref(0), (2,), (-1,))),
        Node("aten.gather.default", (Ref(0), 0, 1)),
        Node("aten.arange.start_step", (0, 1, 0)),
        Node("aten.zeros.default", ((-1,),)),
        Node(CONSTANT, ((2,), (1.0,), "torch.float64")),
        Node(CONSTANT, ((1,), ("text",), "torch.float64")),
        Node(CONSTANT, ()),
    ],
    ids=lambda node: node.operation,
)
def test_arguments_that_do_not_fit_are_malformed(node: Node) -> None:
    with pytest.raises(Malformed):
        run(node)


@pytest.mark.parametrize("name", ["aten.unheard_of.default", "aten", "", "os.system", "aten.__class__.default"])
def test_unknown_operations_are_unsupported(name: str) -> None:
    with pytest.raises(Unsupported, match="no expression here"):
        run(Node(name, (Ref(0),)))


def test_an_output_that_is_no_tensor_is_malformed() -> None:
    with pytest.raises(Malformed):
        interpret(Graph(("x",), (), (((Ref(0),),),)), {"x": symbols("x", (2,))}, exact)


def test_a_number_and_none_are_outputs() -> None:
    half, nothing = interpret(Graph((), (), (0.5, None)), {}, exact)
    assert half[()] == exact(0.5)
    assert nothing is None
