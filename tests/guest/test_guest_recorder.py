"""What is recorded is the function: carried out again on other inputs, the graph gives what the function gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from grader.compare.evaluate import default_dtype
from grader.model.exchange import Raised
from grader.model.graph import CONSTANT, COTANGENT, Node, Ref
from tests.guest.functions import FOLLOWED, TABLE
from tests.guest.replaying import replayed, trace, traced, untraceable

SHAPES = {"x": (2, 3), "g": (3,)}

pytestmark = [
    pytest.mark.filterwarnings("ignore:To copy construct"),
    pytest.mark.filterwarnings("ignore:.torch.jit.script"),  # torch.func uses it
]


def drawn(seed: int) -> dict[str, torch.Tensor]:
    """Inputs for functions of x and g."""
    generator = torch.Generator().manual_seed(seed)
    return {name: torch.randn(*shape, dtype=torch.float64, generator=generator) for name, shape in SHAPES.items()}


def operations(function: Callable[..., Any]) -> list[str]:
    """The names of the operations that are recorded."""
    return [node.operation for node in traced(function, drawn(1)).graph.nodes]


@pytest.mark.parametrize("function", FOLLOWED, ids=lambda function: function.__name__)
def test_a_replayed_graph_gives_what_the_function_gives(function: Callable[..., Any]) -> None:
    graph = traced(function, drawn(1)).graph
    with default_dtype(torch.float64):
        torch.testing.assert_close(replayed(graph, drawn(2))[0], function(**drawn(2)).detach())


@pytest.mark.parametrize("function", FOLLOWED, ids=lambda function: function.__name__)
def test_a_replayed_graph_gives_the_gradients(function: Callable[..., Any]) -> None:
    graph = traced(function, drawn(1), "x", "g").graph
    inputs = {name: value.requires_grad_() for name, value in drawn(2).items()}
    with default_dtype(torch.float64):
        result = function(**inputs)
        weights = torch.rand(result.shape, dtype=result.dtype)
        expected = [None, None]
        if result.requires_grad:
            expected = torch.autograd.grad((result * weights).sum(), list(inputs.values()), allow_unused=True)
        found = replayed(graph, drawn(2) | {COTANGENT: weights})[1:]
    assert graph.inputs == ("x", "g", COTANGENT)
    for gradient, wanted in zip(found, expected, strict=True):
        assert (gradient is None) == (wanted is None)
        torch.testing.assert_close(gradient, wanted) if wanted is not None else None


def test_inputs_are_the_first_steps() -> None:
    graph = traced(lambda x, g: x + g, drawn(1)).graph
    assert graph.inputs == ("x", "g")
    assert graph.nodes == (Node("aten.add.Tensor", (Ref(0), Ref(1))),)
    assert graph.outputs == (Ref(2),)


def test_several_results_and_numbers_are_outputs() -> None:
    graph = traced(lambda x, g: (x.max(-1).indices, float("-inf"), True, 3), drawn(1)).graph
    assert graph.outputs == (Ref(2, 1), float("-inf"), True, 3)


def test_the_functions_that_are_called_are_named() -> None:
    calls = set(traced(lambda x, g: F.layer_norm(x, (3,), g, g).softmax(-1).logsumexp(-1), drawn(1)).calls)
    assert {"layer_norm", "native_layer_norm", "softmax", "logsumexp"} <= calls


@pytest.mark.parametrize(
    "normalise",
    [
        lambda x, g: nn.LayerNorm(3, dtype=x.dtype)(x),
        lambda x, g: torch.ops.aten.layer_norm(x, [3], g, g),
        lambda x, g: torch.ops.aten.native_layer_norm.default(x, [3], g, g, 1e-5)[0],
        lambda x, g: getattr(F, "layer" + "_norm")(x, (3,)),
        torch.compile(lambda x, g: F.layer_norm(x, (3,), g, g), backend="eager"),
    ],
)
def test_a_function_is_named_however_it_is_called(normalise: Callable[..., Any]) -> None:
    assert "native_layer_norm" in traced(normalise, drawn(1)).calls


def test_differentiating_adds_no_names() -> None:
    assert traced(lambda x, g: x * 2, drawn(1), "x").calls == ("mul",)


def test_a_tensor_of_the_module_is_a_constant_once() -> None:
    nodes = traced(lambda x, g: x * TABLE + TABLE, drawn(1)).graph.nodes
    assert nodes[0] == Node(CONSTANT, ((2, 3), (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), "torch.float64"))
    assert [node.operation for node in nodes] == [CONSTANT, "aten.mul.Tensor", "aten.add.Tensor"]


def test_nothing_is_folded_into_numbers() -> None:
    assert operations(lambda x, g: x * torch.tensor(2.0).sqrt()) == [
        CONSTANT, "aten.lift_fresh.default", "aten.sqrt.default", "aten.mul.Tensor",
    ]  # fmt: skip


def test_a_branch_on_a_constant_is_followed() -> None:
    dones = torch.tensor([1.0, 0.0])
    found = traced(lambda x, g: -x if dones[0] > 0 and dones.nonzero()[0] == 0 else x, drawn(1))
    assert found.graph.nodes[-1].operation == "aten.neg.default"


def test_printing_is_followed(capsys: pytest.CaptureFixture[str]) -> None:
    def printing(x, g):
        print(x, f"{x[0, 0]:.3f}")
        return x

    traced(printing, drawn(1))
    assert "tensor([[" in capsys.readouterr().out


def test_distributions_are_as_they_were_after_a_trace() -> None:
    before = torch.distributions.Distribution._validate_args
    traced(lambda x, g: x, drawn(1))
    assert torch.distributions.Distribution._validate_args is before


def test_an_exception_of_the_function_is_told() -> None:
    found = trace(lambda x, g: x @ x, drawn(1))
    assert isinstance(found, Raised)
    assert found.type_name == "RuntimeError"


def test_a_misuse_of_autograd_is_told() -> None:
    found = untraceable(lambda x, g: x.exp().mul_(2).exp_() if x.requires_grad else x, drawn(1), "x")
    assert "autograd can't differentiate it" in found.reason


SHARED = torch.zeros(2, 3, dtype=torch.float64)
FIRST_ROW = SHARED[0]


def written_behind_the_graph(x, g):
    y = FIRST_ROW + SHARED
    SHARED.add_(0)
    return x + y


def swallowed(x, g):
    try:
        return x[0, 0].item() * x
    except BaseException:
        return x


UNTRACEABLE = {
    "item": (lambda x, g: x[0, 0].item() * x, "a Python number"),
    "float": (lambda x, g: float(x[0, 0]) * x, "a Python number"),
    "branch": (lambda x, g: x if x[0, 0] > 0 else -x, "a branch"),
    "assertion": (lambda x, g: x if torch.isfinite(x).all() else g, "a branch"),
    "comparison": (lambda x, g: x if torch.equal(x, x) else g, "a branch"),
    "numpy": (lambda x, g: torch.from_numpy(x.numpy()), "NumPy"),
    "numpy function": (lambda x, g: torch.as_tensor(__import__("numpy").exp(x)), "NumPy"),
    "list": (lambda x, g: torch.tensor(x.tolist()), "NumPy"),
    "dlpack": (lambda x, g: torch.from_dlpack(x), "NumPy"),
    "tensor of elements": (lambda x, g: torch.tensor([x[0, 0], x[0, 1]]), "`stack`"),
    "old constructor": (lambda x, g: torch.Tensor([x[0, 0], x[0, 1]]), "a Python number"),
    "mask": (lambda x, g: x[x > 0], "how many"),
    "nonzero": (lambda x, g: torch.where(x > 0)[0], "`nonzero`"),
    "unique": (lambda x, g: x.unique(), "unique"),
    "swallowed": (swallowed, "a Python number"),
    "memory": (written_behind_the_graph, "a way that can't be followed"),
    "sparse": (lambda x, g: x.to_sparse().to_dense(), "aren't dense"),
    "large constant": (lambda x, g: x + torch.tensor([0.0] * 4097).sum(), "too large"),
    "endless": (lambda x, g: sum(x for _ in range(6000)), "more than 5,000 operations"),
    "nothing": (lambda x, g: None, "NoneType"),
    "nested": (lambda x, g: (x, (x,)), "tuple"),
    "generator": (lambda x, g: torch.rand(2, generator=torch.Generator()) + x[0, 0], "Generator"),
}


@pytest.mark.parametrize("what", UNTRACEABLE)
def test_what_can_not_be_followed_is_told(what: str) -> None:
    function, reason = UNTRACEABLE[what]
    assert reason in untraceable(function, drawn(1)).reason


def test_gradients_of_another_number_of_results_are_not_traced() -> None:
    assert "it returns 2 values, and not 1" in untraceable(lambda x, g: (x, g), drawn(1), "x").reason


def test_a_result_without_gradients_has_none() -> None:
    graph = traced(lambda x, g: x.detach() * 2, drawn(1), "x", "g").graph
    assert graph.outputs[1:] == (None, None)
    assert graph.inputs[-1] == COTANGENT


def test_inputs_that_are_not_symbolic_may_be_written_to() -> None:
    def resetting(x, steps):
        steps[0] = 0
        return x * steps

    inputs = {"x": drawn(1)["x"], "steps": torch.tensor([1, 2, 3])}
    graph = traced(resetting, inputs).graph
    torch.testing.assert_close(replayed(graph, inputs)[0], inputs["x"] * torch.tensor([0, 2, 3]))
