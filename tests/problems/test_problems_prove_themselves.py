"""Every bundled problem proves itself: references pass, misconceptions fail by name, trivial answers get nothing."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.grading import grade, run_examination, trial_of
from grader.model.problem import CatalogEntry, Check, Function
from grader.model.signature import Gradient
from grader.model.verdict import Outcome, ProblemReport
from grader.rehearsal import answering
from grader.self_proof import trivial_answers
from tests.problems.core import CORE, TRAINED
from tests.problems.results import changing

ENTRIES = [load(place) for place in bundled().places]
EVERY_PROBLEM = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
CORE_ENTRIES = [entry for entry in ENTRIES if entry.id in CORE]
EVERY_CORE_PROBLEM = pytest.mark.parametrize("entry", CORE_ENTRIES, ids=lambda entry: entry.id)


def _misconceptions(entries: list[CatalogEntry]) -> pytest.MarkDecorator:
    cases = [pytest.param(e, f, id=f"{e.id}-{f.__name__}") for e in entries for f in e.problem.misconceptions]
    return pytest.mark.parametrize(("entry", "misconception"), cases)


EVERY_MISCONCEPTION = _misconceptions(ENTRIES)
EVERY_CORE_MISCONCEPTION = _misconceptions(CORE_ENTRIES)
EVERY_CHECK = pytest.mark.parametrize(
    ("entry", "check"), [pytest.param(e, c, id=f"{e.id}-{c.name}") for e in CORE_ENTRIES for c in e.problem.checks]
)


def failed(report: ProblemReport) -> list[tuple[str, str, str]]:
    """Check, outcome and message of everything that was not passed."""
    return [(v.check, v.outcome.value, v.message) for v in report.verdicts if v.outcome is not Outcome.PASSED]


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.id not in TRAINED], ids=lambda entry: entry.id)
def test_the_reference_gets_full_marks(entry: CatalogEntry) -> None:
    report = grade(entry, answering(entry.problem.reference), 0)

    assert failed(report) == []
    assert report.score == report.max_score


@pytest.mark.parametrize("seed", range(2))
@EVERY_CORE_MISCONCEPTION
def test_a_misconception_loses_points_and_is_named_as_itself(
    entry: CatalogEntry, misconception: Function, seed: int
) -> None:
    report = grade(entry, answering(misconception), seed)

    assert {v.misconception for v in report.verdicts} - {None} == {misconception.__name__}
    assert report.score < report.max_score
    assert Outcome.GRADER_ERROR not in {v.outcome for v in report.verdicts}


@EVERY_CORE_PROBLEM
def test_trivial_answers_get_no_points(entry: CatalogEntry) -> None:
    scores = {name: grade(entry, answering(answer), 3).score for name, answer in trivial_answers(entry).items()}

    assert scores == dict.fromkeys(scores, 0.0)


@EVERY_CHECK
def test_each_check_is_failed_by_some_misconception(entry: CatalogEntry, check: Check) -> None:
    trial = trial_of(entry, seed=5)
    findings = (run_examination(check.examine(trial), answering(wrong)) for wrong in entry.problem.misconceptions)

    assert any(finding.outcome is Outcome.FAILED for finding in findings)


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if "contract" in [c.name for c in e.problem.checks]], ids=lambda entry: entry.id
)
def test_a_result_in_the_default_dtype_costs_the_contract_alone(entry: CatalogEntry) -> None:
    signature = entry.problem.signature
    in_the_default_dtype = changing(entry.problem.reference, lambda result: result.to(torch.get_default_dtype()))

    report = grade(entry, answering(in_the_default_dtype), 1)

    is_right = signature.dtype == "float32" or (signature.dtype is None and not signature.has_tensors())
    assert [check for check, _, _ in failed(report)] == ([] if is_right else ["contract"])


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.problem.signature.has_tensors()], ids=lambda entry: entry.id)
def test_an_input_changed_in_place_costs_the_contract(entry: CatalogEntry) -> None:
    first = next(name for name, _ in entry.problem.signature.tensors())

    def changing_its_input(**inputs: Any) -> Any:
        result = entry.problem.reference(**inputs)
        if not inputs[first].requires_grad:
            inputs[first] += 1
        return result

    report = grade(entry, answering(changing_its_input), 1)

    assert "contract" in [check for check, _, _ in failed(report)]


@EVERY_PROBLEM
def test_checks_have_names_of_their_own_and_require_earlier_ones(entry: CatalogEntry) -> None:
    names = [check.name for check in entry.problem.checks]

    assert len(set(names)) == len(names)
    for position, check in enumerate(entry.problem.checks):
        assert check.requires is None or check.requires in names[:position]


@EVERY_PROBLEM
def test_cases_have_names_of_their_own(entry: CatalogEntry) -> None:
    names = [example.name for example in (*entry.problem.examples, *entry.problem.edges)]

    assert len(set(names)) == len(names)


@EVERY_PROBLEM
def test_points_are_whole_and_reflect_the_work(entry: CatalogEntry) -> None:
    assert entry.problem.points == int(entry.problem.points)
    assert 4 <= entry.problem.points <= 15


@EVERY_PROBLEM
def test_the_statement_mentions_every_argument(entry: CatalogEntry) -> None:
    unmentioned = [name for name in entry.problem.signature.arguments if f"`{name}" not in entry.problem.statement]

    assert unmentioned == []


@EVERY_PROBLEM
def test_the_statement_says_what_is_differentiated_where_gradients_are_graded(entry: CatalogEntry) -> None:
    grades_gradients = "gradient" in [check.name for check in entry.problem.checks]

    assert grades_gradients == bool(entry.problem.signature.named(Gradient.GRADED))
    if grades_gradients:
        assert "gradient" in entry.problem.statement or "differentiate" in entry.problem.statement


@EVERY_PROBLEM
def test_the_function_is_named_like_the_reference(entry: CatalogEntry) -> None:
    assert entry.problem.reference.__name__ == entry.id


@EVERY_MISCONCEPTION
def test_feedback_speaks_to_the_student(entry: CatalogEntry, misconception: Function) -> None:
    feedback = misconception.__doc__ or ""

    assert feedback.split()[0] in ("You", "Your")
    assert feedback.count(".") + feedback.count(":") >= 2, "say what was done, and what to look at"
