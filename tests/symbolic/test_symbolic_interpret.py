"""Graphs give what the recorded functions give, through views, writes and infinities; the rest is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import sympy
import torch
from torch.nn import functional

from grader.model.formula import exact, symbols
from grader.model.graph import CONSTANT, Graph, Node, Ref
from grader.symbolic.interpret import interpret
from grader.symbolic.refusals import DrawsRandomNumbers, NotFinite, Unsupported
from tests.symbolic.recording import record

FLOATS = torch.float64
INFINITY = float("inf")


def traced(function: Callable[..., Any], **shapes: tuple[int, ...]) -> tuple[Any, ...]:
    """The outputs of a function of symbols of these shapes."""
    inputs = {name: torch.rand(shape, dtype=FLOATS) for name, shape in shapes.items()}
    return interpret(record(function, inputs), {name: symbols(name, shape) for name, shape in shapes.items()}, exact)


def of_nodes(*nodes: Node, outputs: tuple[Any, ...] = (Ref(0),), **inputs: tuple[int, ...]) -> tuple[Any, ...]:
    """The outputs of a graph written by hand; the last node's by default."""
    last = (Ref(len(inputs) + len(nodes) - 1),) if outputs == (Ref(0),) else outputs
    return interpret(Graph(tuple(inputs), nodes, last), {name: symbols(name, of) for name, of in inputs.items()}, exact)


def assert_agrees(function: Callable[..., Any], **shapes: tuple[int, ...]) -> None:
    """The expressions have torch's values at a point."""
    generator = torch.Generator().manual_seed(0)
    at = {name: torch.randint(1, 16, shape, generator=generator) / 8.0 for name, shape in shapes.items()}
    point = {name: tensor.to(FLOATS) for name, tensor in at.items()}
    wanted = function(**{name: tensor.clone() for name, tensor in point.items()})
    given = traced(function, **shapes)
    values = replacements(point)
    for array, tensor in zip(given, wanted if isinstance(wanted, tuple) else (wanted,), strict=True):
        numbers = [float(entry.xreplace(values)) for entry in array.reshape(-1)]
        np.testing.assert_allclose(numbers, tensor.detach().flatten().numpy(), rtol=1e-12)
        assert array.shape == tuple(tensor.shape)


def replacements(point: Mapping[str, torch.Tensor]) -> dict[Any, Any]:
    return {
        symbol: exact(value)
        for name, tensor in point.items()
        for symbol, value in zip(symbols(name, tuple(tensor.shape)).flat, tensor.flatten().tolist(), strict=True)
    }


def writes_through_views(x):
    y = x.clone()
    y[0] = y[1] * 2
    y[:, 1] += y[:, 0]
    y.t()[2].mul_(3)
    y.view(-1)[4:].neg_()
    y.diagonal().fill_(0.5)
    y[1:, ::2].copy_(x[:1, :2])
    return y, x


def writes_through_an_expanded_row(x):
    y = x[:1].clone()
    y.expand(1, 3).unsqueeze(0)[0, 0, 1] = 2.0
    return y


def shares_memory_until_cloned(x):
    y = torch.zeros(3, dtype=FLOATS)
    kept, seen = y.clone(), y[1:]
    y += x[0]
    return kept, seen


def returns_backwards(x):
    returns, running = torch.empty_like(x), torch.zeros((), dtype=FLOATS)
    for step in reversed(range(len(x))):
        running = x[step].sum() + 0.5 * running
        returns[step] = running
    return returns


def writes_with_out(x):
    total = torch.empty(2, 3, dtype=FLOATS)
    torch.add(x, x, out=total)
    return total


def scatters(x):
    y = torch.zeros(2, 3, dtype=FLOATS).scatter_(1, torch.tensor([[1], [2]]), 2.0)
    y.index_add_(0, torch.tensor([0, 0]), x)
    y.masked_fill_(torch.tensor([True, False, False]), 3.0)
    y[torch.tensor([[True, False, False], [False, False, True]])] = 5.0
    return y


@pytest.mark.parametrize(
    "function",
    [writes_through_views, writes_through_an_expanded_row, shares_memory_until_cloned, returns_backwards,
     writes_with_out, scatters],
)  # fmt: skip
def test_writes_reach_what_they_reach_in_torch(function) -> None:
    assert_agrees(function, x=(2, 3))


def test_the_symbols_of_the_caller_are_not_written_to() -> None:
    given = {"x": symbols("x", (2,))}
    graph = Graph(("x",), (Node("aten.mul_.Tensor", (Ref(0), 2)),), (Ref(0),))
    (doubled,) = interpret(graph, given, exact)
    assert list(doubled) == [2 * symbol for symbol in symbols("x", (2,))]
    assert list(given["x"]) == list(symbols("x", (2,)))


def test_a_bool_tensor_stays_one_and_a_number_stays_one_when_they_are_written_to() -> None:
    def mixed(x):
        numbers, conditions = torch.zeros(2, dtype=FLOATS), torch.zeros(2, dtype=torch.bool)
        numbers.copy_(x > 0)
        conditions.copy_(x)
        return numbers, conditions

    numbers, conditions = traced(mixed, x=(2,))
    x = symbols("x", (2,))[0]
    assert numbers[0] == sympy.Piecewise((1, x > 0), (0, True))
    assert conditions[0] == sympy.Ne(x, 0)


def attended(x):
    mask = torch.triu(torch.full((3, 3), -INFINITY, dtype=FLOATS), 1)
    return torch.softmax(x @ x.T / 2 + mask, -1) @ x


def gradient_of_attention(x):
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(attended(leaf).square().sum(), leaf)[0]


def entropy(x):
    log_p = functional.log_softmax(x.masked_fill(torch.tensor([True, False, False]), -INFINITY), -1)
    by_choice = -torch.where(log_p.exp() > 0, log_p.exp() * log_p, 0.0).sum(-1)
    by_repair = -(log_p.exp() * log_p).nan_to_num(0.0).sum(-1)
    return by_choice, by_repair, torch.special.entr(log_p.exp()).sum(-1)


def shifted_log_sum_exp_gradient(x):
    leaf = x.clone().requires_grad_()
    top = leaf.max(-1, keepdim=True).values
    return torch.autograd.grad((top + (leaf - top).exp().sum(-1, keepdim=True).log()).sum(), leaf)[0]


def normalized_with_gradients(x):
    leaf = x.clone().requires_grad_()
    result = functional.layer_norm(leaf, (3,), x[0], x[1], 1e-5)
    return result, torch.autograd.grad(result.square().sum(), leaf)[0]


def solved_with_gradients(x):
    leaf = x.clone().requires_grad_()
    matrix = torch.eye(2, dtype=FLOATS) * 9 - leaf[:, :2]
    return torch.autograd.grad(torch.linalg.solve(matrix, leaf[:, 2]).sum(), leaf)[0]


def factors_are_for_solving(x):
    factors, pivots = torch.linalg.lu_factor(torch.eye(2, dtype=FLOATS) * 9 - x[:, :2])
    return torch.linalg.lu_solve(factors, pivots, x[:, 2:]), torch.linalg.lu_solve(
        factors, pivots, x.T[:, :2], left=False
    )


def hessian_vector_product(x):
    gradient = torch.func.grad(lambda row: torch.logsumexp(row, 0))
    return torch.func.jvp(gradient, (x[0],), (x[1],))[1], torch.func.vmap(gradient)(x)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")  # torch.func.jvp's own
@pytest.mark.parametrize(
    "function",
    [gradient_of_attention, entropy, shifted_log_sum_exp_gradient, normalized_with_gradients, solved_with_gradients,
     hessian_vector_product],
)  # fmt: skip
def test_programs_give_what_torch_gives(function) -> None:
    assert_agrees(function, x=(3, 3) if function is gradient_of_attention else (2, 3))


def test_factors_are_solved_with_again() -> None:
    assert_agrees(factors_are_for_solving, x=(2, 3))


def test_masked_entries_drop_out_of_a_softmax_exactly() -> None:
    (weights,) = traced(lambda x: torch.softmax(x + torch.tensor([0.0, -INFINITY], dtype=FLOATS), -1), x=(2,))
    assert list(weights) == [1, 0]


def test_an_infinite_entry_is_a_result_of_its_own() -> None:
    (log_p,) = traced(lambda x: torch.log_softmax(x + torch.tensor([0.0, -INFINITY], dtype=FLOATS), -1), x=(2,))
    assert list(log_p) == [0, -sympy.oo]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * 0 / (x - x),
        lambda x: 1 / (x - x),
        lambda x: torch.zeros_like(x) * INFINITY,
        lambda x: x * INFINITY,
        lambda x: torch.where(x > 0, x, INFINITY),
        lambda x: (x - x).log() - (x - x).log(),
        lambda x: torch.full_like(x, float("nan")),
    ],
)
def test_results_that_may_not_be_numbers_are_refused(function) -> None:
    with pytest.raises(NotFinite):
        traced(function, x=(2,))


def test_memory_that_was_never_written_is_refused_only_in_a_result() -> None:
    assert list(traced(lambda x: torch.empty_like(x).copy_(x), x=(2,))[0]) == list(symbols("x", (2,)))
    with pytest.raises(Unsupported, match="never writes"):
        traced(lambda x: x + torch.empty_like(x), x=(2,))


@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("randn", lambda x: x + torch.randn(2, dtype=FLOATS)),
        ("bernoulli", lambda x: functional.dropout(x, 0.5)),
        ("normal", lambda x: x.clone().normal_()),
        ("randperm", lambda x: x[torch.randperm(2)]),
    ],
)
def test_random_numbers_are_refused_by_name(name: str, draw) -> None:
    with pytest.raises(DrawsRandomNumbers, match=name):
        traced(draw, x=(2,))


def test_what_depends_on_the_order_of_symbolic_values_is_refused_by_name() -> None:
    with pytest.raises(Unsupported, match=r"`sort`, whose result depends on the order"):
        traced(lambda x: x.sort()[0], x=(2,))


@pytest.mark.parametrize("name", ["aten._local_scalar_dense.default", "aten.item.default", "aten.is_nonzero.default"])
def test_a_symbolic_value_can_t_become_a_python_number(name: str) -> None:
    with pytest.raises(Unsupported, match="depends on a symbolic value"):
        of_nodes(Node(name, (Ref(0),)), x=())
    (seven,) = of_nodes(Node(CONSTANT, ((), (7.0,), "torch.float64")), Node(name, (Ref(0),)))
    assert seven[()] == 7


def test_equality_of_tensors_is_answered_where_it_does_not_depend_on_values() -> None:
    assert of_nodes(Node("aten.equal.default", (Ref(0), Ref(0))), x=(2,))[0][()] is sympy.true
    with pytest.raises(Unsupported, match="equal"):
        of_nodes(Node("aten.equal.default", (Ref(0), Ref(1))), x=(2,), y=(2,))


def test_questions_about_shapes_are_answered() -> None:
    for name in ("aten.is_same_size.default", "aten._has_same_storage_numel.default"):
        assert of_nodes(Node(name, (Ref(0), Ref(0))), x=(2,))[0][()] is sympy.true
        assert of_nodes(Node(name, (Ref(0), Ref(1))), x=(2,), y=(3,))[0][()] is sympy.false


def test_a_check_of_errors_is_passed_over() -> None:
    check = Node("aten._linalg_check_errors.default", (Ref(0), "solve"), {"is_matrix": True})
    assert of_nodes(check, outputs=(None,), x=()) == (None,)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("aten.empty.memory_format", ((2,),)),
        ("aten.empty_strided.default", ((2,), (1,))),
        ("aten.empty_permuted.default", ((2,), (0,))),
        ("aten.empty_like.default", (Ref(0),)),
        ("aten.new_empty.default", (Ref(0), (2,))),
        ("aten.new_empty_strided.default", (Ref(0), (2,), (1,))),
    ],
)
def test_new_memory_can_be_written(name: str, arguments) -> None:
    made, copied = Node(name, arguments), Node("aten.copy_.default", (Ref(1), Ref(0)))
    assert list(of_nodes(made, copied, x=(2,))[0]) == list(symbols("x", (2,)))
