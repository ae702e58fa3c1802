"""Functions of our own are traced in this process, which is as it was afterwards; requests find who answers them."""

from __future__ import annotations

import pytest
import torch

from grader.model.case import Case
from grader.model.exchange import Raised, Trace, Traced, Untraceable
from grader.model.formula import Claim
from grader.model.graph import Graph
from grader.model.proof import Judged, Undecided
from grader.rehearsal import answering
from grader.tracing import trace_own

X = torch.tensor([1.0, 2.0], dtype=torch.float64)
TRACE = Trace("f", Case("a case", {"x": X, "gamma": 0.5}, {}), ("x",), ("x",))
CLAIM = Claim(Graph((), (), ()), {}, ())


def doubled(x: torch.Tensor, gamma: float) -> torch.Tensor:
    return x * 2


def operations(answer: object) -> list[str]:
    assert isinstance(answer, Traced), answer
    return [node.operation for node in answer.graph.nodes]


def test_a_trace_leaves_process_and_inputs_as_they_were() -> None:
    before = X.clone(), torch.get_default_dtype(), torch.random.get_rng_state()
    trace_own(lambda x, gamma: x.detach().mul_(torch.zeros(1, dtype=torch.get_default_dtype())), TRACE)
    assert torch.equal(X, before[0])
    assert not X.requires_grad
    assert torch.get_default_dtype() is before[1]
    assert torch.equal(torch.random.get_rng_state(), before[2])


def test_what_stops_a_trace_is_told() -> None:
    found = trace_own(lambda x, gamma: x * x.sum().item(), TRACE)
    assert found == Untraceable(
        "it turns a value into a Python number or decides a branch by it", calls=("item", "sum")
    )


def test_an_exception_is_an_answer_and_an_interrupt_is_not() -> None:
    def interrupted(x: torch.Tensor, gamma: float) -> torch.Tensor:
        raise KeyboardInterrupt

    assert isinstance(trace_own(lambda x, gamma: x @ x[:1], TRACE), Raised)
    with pytest.raises(KeyboardInterrupt):
        trace_own(interrupted, TRACE)


def test_a_rehearsal_traces_its_function_unless_another_is_named() -> None:
    ask = answering(doubled)
    own = Trace(TRACE.function, TRACE.case, TRACE.symbolic, own=lambda x, gamma: x.exp())
    assert operations(ask(TRACE))[0] == "aten.mul.Tensor"
    assert operations(ask(own)) == ["aten.exp.default"]


def test_a_rehearsal_has_claims_decided() -> None:
    decided = Judged(Undecided("as the test wants it"))
    assert answering(doubled, prove=lambda claim: decided)(CLAIM) is decided
