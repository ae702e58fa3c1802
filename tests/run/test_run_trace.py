"""A submission's function is followed in the sandbox, and what can't be followed is told with the student's line."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.intake import read_submission
from grader.intake.names import find_answers
from grader.marking import asking
from grader.model.case import Case
from grader.model.exchange import (
    Call,
    Precision,
    Raised,
    Returned,
    Stopped,
    StopReason,
    Trace,
    Traced,
    Untraceable,
    Unusable,
)
from grader.model.formula import Claim
from grader.model.graph import COTANGENT, Graph
from grader.model.proof import Judged, Undecided
from grader.run.runner import Runner
from grader.run.zygote import Slot
from tests.guest.replaying import replayed

Submit = Callable[..., Runner]


@pytest.fixture
def submit(tmp_path: Path) -> Submit:
    """Loads source text that defines `f` into a slot."""

    def load(slot: Slot, source: str) -> Runner:
        folder = tmp_path / "submission"
        folder.mkdir()
        (folder / "answers.py").write_text("import torch\nimport torch.nn.functional as F\n" + textwrap.dedent(source))
        submission = read_submission(folder)
        runner = Runner(slot, submission, dict(find_answers(submission, ["f"]).found))
        assert runner.load().types == {"f": "function"}
        return runner

    return load


INPUTS: dict[str, Any] = {
    "x": torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]], dtype=torch.float64),
    "dones": torch.tensor([0.0, 1.0], dtype=torch.float64),
    "eps": 0.5,
    "causal": True,
    "scale": None,
}
OTHER = {"x": INPUTS["x"] * 2 + 1, COTANGENT: torch.full((2, 3), 0.5, dtype=torch.float64)}


def trace(*differentiate: str) -> Trace:
    """A trace of `f` with x as an input of the graph and the rest as constants."""
    return Trace("f", Case("a case", INPUTS, {}), ("x",), differentiate)


def test_a_function_is_followed_in_every_sandbox(any_slot: Slot, submit: Submit) -> None:
    runner = submit(any_slot, "def f(x, dones, eps, causal, scale):\n    return F.softmax(x, dim=-1) + eps")
    found = runner.trace(trace("x"))
    runner.end()
    assert isinstance(found, Traced), found
    x = OTHER["x"].clone().requires_grad_()
    result = x.softmax(-1) + 0.5
    (gradient,) = torch.autograd.grad(result.sum() / 2, x)
    torch.testing.assert_close(replayed(found.graph, OTHER), [result.detach(), gradient])
    assert "softmax" in found.calls


def test_arguments_are_handed_over_as_they_are(sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, """
        def f(x, dones, eps, causal, scale):
            assert x.dtype is dones.dtype is torch.float64 and torch.zeros(1).dtype is torch.float64
            assert (eps, causal, scale) == (0.5, True, None)
            return x
        """)  # fmt: skip
    assert isinstance(runner.trace(trace()), Traced)
    runner.end()


def test_a_branch_on_a_constant_is_followed(sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, """
        def f(x, dones, eps, causal, scale):
            running, rows = torch.zeros(3), []
            for row, done in zip(x, dones):
                running = row if done else row + running
                rows.append(running)
            return torch.stack(rows)
        """)  # fmt: skip
    found = runner.trace(trace())
    runner.end()
    assert isinstance(found, Traced), found
    assert [n.operation for n in found.graph.nodes].count("aten.add.Tensor") == 1
    torch.testing.assert_close(replayed(found.graph, OTHER), [OTHER["x"]])


def test_what_is_printed_is_captured(sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, "def f(x, *rest):\n    print('x is', x)\n    return x")
    assert isinstance(runner.trace(trace()), Traced)
    assert "x is tensor([[ 0.5000" in runner.take_printed()
    runner.end()


def test_an_exception_is_told_with_its_line(sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, "def f(x, *rest):\n    return x @ x")
    found = runner.trace(trace())
    runner.end()
    assert isinstance(found, Raised)
    assert (found.type_name, found.path, found.line, found.code) == ("RuntimeError", "answers.py", 4, "return x @ x")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("return x * x.sum().item()", "a Python number"),
        ("return x if x.sum() > 0 else -x", "a branch"),
        ("return torch.from_numpy(x.numpy())", "NumPy"),
        ("return x[x > 0]", "how many"),
    ],
)
def test_what_stops_a_trace_is_told_with_its_line(line: str, reason: str, sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, f"def f(x, *rest):\n    y = x\n    {line}")
    found = runner.trace(trace())
    runner.end()
    assert isinstance(found, Untraceable)
    assert reason in found.reason
    assert (found.path, found.line, found.code) == ("answers.py", 5, line)


def test_swallowing_the_reason_does_not_hide_it(sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, """
        def f(x, *rest):
            try:
                y = x.sum().item()
            except BaseException:
                raise ValueError("something else")
        """)  # fmt: skip
    found = runner.trace(trace())
    runner.end()
    assert isinstance(found, Untraceable)
    assert (found.line, found.code) == (6, "y = x.sum().item()")


def test_an_endless_loop_is_stopped_and_the_next_trace_answered(sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, """
        def f(x, dones, eps, *rest):
            while eps == 0.5:
                pass
            return x
        """)  # fmt: skip
    found = runner.trace(trace())
    calmer = Trace("f", Case("another", {**INPUTS, "eps": 1.0}, {}), ("x",))
    assert isinstance(found, Stopped)
    assert found.reason in (StopReason.CPU, StopReason.WALL)  # on a busy machine the wall clock is first
    assert isinstance(runner.trace(calmer), Traced)
    runner.end()


def test_a_call_after_a_trace_is_as_before(sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, "def f(x, *rest):\n    return torch.rand(2) + x.sum().item()")
    call = Call("f", Case("a case", INPUTS, {}), Precision.DOUBLE)
    before = runner.ask(call)
    assert isinstance(runner.trace(trace()), Untraceable)
    after = runner.ask(call)
    runner.end()
    assert isinstance(before, Returned)
    assert isinstance(after, Returned)
    torch.testing.assert_close(before.value, after.value)


def test_requests_go_to_the_sandbox_to_this_process_and_to_the_prover(sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, "def f(x, *rest):\n    return x.exp()")
    decided = Judged(Undecided("as the test wants it"))
    ask = asking(runner, lambda claim: decided)
    theirs, ours = ask(trace()), ask(replace(trace(), own=lambda x, **rest: x.neg()))
    observed = ask(Call("f", Case("a case", INPUTS, {}), Precision.DOUBLE))
    runner.end()
    assert isinstance(theirs, Traced)
    assert isinstance(ours, Traced)
    assert [node.operation for node in (*theirs.graph.nodes, *ours.graph.nodes)] == [
        "aten.exp.default",
        "aten.neg.default",
    ]
    assert isinstance(observed, Returned)
    assert ask(Claim(Graph((), (), ()), {}, ())) is decided


FORGED = """
    import sys
    def f(x, *rest):
        sandboxed = sys.modules["grader_guest.trace"]
        def forged(recorder, outputs):
            return {"status": "traced", "nodes": %s, "outputs": [{"r": 0}], "calls": []}
        sandboxed._traced = forged
        return x
"""


@pytest.mark.parametrize(
    "nodes",
    [
        '[["aten.add.Tensor", [{"r": 5}], {}]]',
        '[["aten.neg.default", [{"r": 0}], {}]] * 5001',
        '[["constant", [[4], [1.0], "torch.float64"], {}]]',
        '[["aten.neg.default", [[[[[[[[1]]]]]]]], {}]]',
        '[["aten.neg.default", [0] * 100000, {}]]',
        '"graph"',
    ],
)
def test_a_forged_graph_is_refused_at_once(nodes: str, plain: Slot, submit: Submit) -> None:
    runner = submit(plain, FORGED % nodes)
    started = time.monotonic()
    found = runner.trace(trace())
    assert isinstance(found, Unusable), found
    assert time.monotonic() - started < 1.5
    runner.end()


def test_traces_are_quick_after_the_first(sandlock: Slot, submit: Submit) -> None:
    runner = submit(
        sandlock, "def f(x, *rest):\n    return (x - x.mean(-1, keepdim=True)) / x.var(-1, keepdim=True).sqrt()"
    )
    runner.trace(trace("x"))
    seconds = []
    for _ in range(9):
        started = time.perf_counter()
        assert isinstance(runner.trace(trace("x")), Traced)
        seconds.append(time.perf_counter() - started)
    runner.end()
    assert sorted(seconds)[4] < 0.05  # 2 ms where nothing else runs
