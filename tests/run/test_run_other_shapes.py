"""Tuples, None, whole numbers and switches cross into the sandbox and back as what they are."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from grader.checks.cases import drawn_cases
from grader.checks.gradient import differentiating_call
from grader.grading import grade, trial_of
from grader.intake import read_submission
from grader.intake.names import find_answers
from grader.marking import asking
from grader.model.case import Case
from grader.model.exchange import Call, Precision, Returned, Trace, Traced, Untraceable
from grader.model.graph import COTANGENT, cotangent_names
from grader.model.problem import CatalogEntry
from grader.model.verdict import Outcome
from grader.rehearsal import answering
from grader.run.runner import Runner
from grader.run.zygote import Slot
from grader.symbolic.judge import judge
from tests.checks.other_shapes import ENTRIES, LOSSES, entry
from tests.guest.replaying import replayed

Submit = Callable[[Slot, str, str], Runner]


@pytest.fixture
def submit(tmp_path: Path) -> Submit:
    """Loads source text that defines a function of that name into a slot."""

    def load(slot: Slot, name: str, source: str) -> Runner:
        folder = tmp_path / "submission"
        folder.mkdir()
        (folder / "answers.py").write_text(f"import torch\n\n{textwrap.dedent(source)}")
        submission = read_submission(folder)
        runner = Runner(slot, submission, dict(find_answers(submission, [name]).found))
        assert runner.load().types == {name: "function"}
        return runner

    return load


@pytest.mark.parametrize("each", ENTRIES, ids=lambda each: each.id)
def test_references_get_full_marks_in_the_sandbox(each: CatalogEntry, sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, each.id, inspect.getsource(each.problem.reference))
    report = grade(each, asking(runner, judge), 1)
    runner.end()
    assert [(v.check, v.outcome, v.message) for v in report.verdicts if v.outcome is not Outcome.PASSED] == []


def test_arguments_arrive_as_what_they_are(any_slot: Slot, submit: Submit) -> None:
    runner = submit(any_slot, "f", """
        def f(length, causal, scale, mask=None):
            return type(length).__name__ == "int", causal is True, type(scale).__name__ == "float", mask is None
        """)  # fmt: skip
    case = Case("a case", {"length": 3, "causal": True, "scale": 1.0, "mask": None}, {})
    observed = runner.ask(Call("f", case, Precision.SINGLE))
    runner.end()
    assert isinstance(observed, Returned)
    assert observed.value == (True, True, True, True)


def test_gradients_of_several_results_are_those_of_a_rehearsal(sandlock: Slot, submit: Submit) -> None:
    trial = trial_of(entry(LOSSES), 1)
    (case,) = drawn_cases(trial, "any", 1)
    call = differentiating_call(trial, case, ("x", "y"))
    runner = submit(sandlock, "losses", inspect.getsource(LOSSES.reference))
    observed, rehearsed = runner.ask(call), answering(LOSSES.reference)(call)
    runner.end()
    assert isinstance(observed, Returned)
    assert isinstance(rehearsed, Returned)
    for name in ("x", "y"):
        torch.testing.assert_close(observed.gradients[name], rehearsed.gradients[name])


def test_cotangents_keep_their_order(sandlock: Slot, submit: Submit) -> None:
    """However many there are: by name the tenth would come before the second."""
    source = "def f(x):\n    return [x * 10.0**k for k in range(12)]"
    runner = submit(sandlock, "f", source)
    case = Case("a case", {"x": torch.tensor(1.0, dtype=torch.float64)}, {})
    weights = tuple(torch.tensor(float(k), dtype=torch.float64) for k in range(12))
    observed = runner.ask(Call("f", case, Precision.DOUBLE, differentiate=("x",), cotangent=weights))
    runner.end()
    assert isinstance(observed, Returned)
    assert float(observed.gradients["x"]) == sum(k * 10.0**k for k in range(12))


@pytest.mark.parametrize(
    ("returned", "error"),
    [
        ("x, x, x", "3 of 2 results came back"),
        ("x", "1 of 2 results came back"),
        ("x.detach(), 1.0", "not connected"),
        ("x[None], x", "shape (1,)"),
    ],
)
def test_results_that_do_not_fit_their_cotangents_are_told(
    returned: str, error: str, sandlock: Slot, submit: Submit
) -> None:
    runner = submit(sandlock, "f", f"def f(x):\n    return {returned}")
    case = Case("a case", {"x": torch.tensor(1.0, dtype=torch.float64)}, {})
    weights = (torch.tensor(1.0),) * 2
    observed = runner.ask(Call("f", case, Precision.DOUBLE, differentiate=("x",), cotangent=weights))
    runner.end()
    assert isinstance(observed, Returned)
    assert observed.gradients == {"x": None}
    assert error in str(observed.gradient_error)


def test_several_results_are_followed_with_one_cotangent_each(sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, "f", "def f(x, y):\n    return x.square().sum(), y.detach(), x * y")
    inputs = {"x": torch.tensor([1.0, 2.0]).double(), "y": torch.tensor([3.0, 5.0]).double()}
    found = runner.trace(Trace("f", Case("a case", inputs, {}), ("x", "y"), ("x", "y"), 3))
    runner.end()
    assert isinstance(found, Traced), found
    assert found.graph.inputs == ("x", "y", *cotangent_names(3))
    weights = dict(zip(cotangent_names(3), (torch.tensor(2.0), torch.ones(2), torch.tensor([1.0, 10.0])), strict=True))
    *results, by_x, by_y = replayed(found.graph, inputs | {n: w.double() for n, w in weights.items()})
    torch.testing.assert_close(results, [torch.tensor(5.0).double(), inputs["y"], torch.tensor([3.0, 10.0]).double()])
    torch.testing.assert_close(by_x, torch.tensor([4.0 + 3.0, 8.0 + 50.0]).double())
    torch.testing.assert_close(by_y, torch.tensor([1.0, 20.0]).double())


def test_another_number_of_results_is_not_followed(sandlock: Slot, submit: Submit) -> None:
    runner = submit(sandlock, "f", "def f(x):\n    return x, x")
    found = runner.trace(Trace("f", Case("a case", {"x": torch.ones(2).double()}, {}), ("x",), ("x",)))
    runner.end()
    assert isinstance(found, Untraceable)
    assert "2 values, and not 1" in found.reason


def test_a_single_cotangent_keeps_its_name() -> None:
    assert cotangent_names(1) == (COTANGENT,)
    assert len(set(cotangent_names(12))) == 12
