"""Every bundled problem proves itself: references pass, misconceptions fail by name, trivial answers get nothing."""

from __future__ import annotations

from collections.abc import Callable
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

ENTRIES = [load(place) for place in bundled().places]
EVERY_PROBLEM = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
EVERY_MISCONCEPTION = pytest.mark.parametrize(
    ("entry", "misconception"),
    [pytest.param(e, f, id=f"{e.id}-{f.__name__}") for e in ENTRIES for f in e.problem.misconceptions],
)
EVERY_CHECK = pytest.mark.parametrize(
    ("entry", "check"), [pytest.param(e, c, id=f"{e.id}-{c.name}") for e in ENTRIES for c in e.problem.checks]
)


def trivial_answers(entry: CatalogEntry) -> dict[str, Function]:
    """Answers that hold no understanding of the problem; some need the reference for the right shape."""

    def shaped(fill: Callable[[torch.Tensor], torch.Tensor]) -> Function:
        return lambda **inputs: fill(entry.problem.reference(**inputs))

    def raising(**inputs: Any) -> Any:
        raise NotImplementedError("not solved yet")

    answers: dict[str, Function] = {
        "zeros": shaped(torch.zeros_like),
        "ones": shaped(torch.ones_like),
        "nan": shaped(lambda result: torch.full_like(result, torch.nan)),
        "the number 1": lambda **inputs: 1.0,
        "nothing": lambda **inputs: None,
        "an exception": raising,
    }
    for name in entry.problem.signature.arguments:
        answers[f"its input {name}"] = lambda name=name, **inputs: inputs[name]
    return answers


def failed(report: ProblemReport) -> list[tuple[str, str, str]]:
    """Check, outcome and message of everything that was not passed."""
    return [(v.check, v.outcome.value, v.message) for v in report.verdicts if v.outcome is not Outcome.PASSED]


@pytest.mark.parametrize("seed", range(5))
@EVERY_PROBLEM
def test_the_reference_gets_full_marks(entry: CatalogEntry, seed: int) -> None:
    report = grade(entry, answering(entry.problem.reference), seed)

    assert failed(report) == []
    assert report.score == report.max_score


@pytest.mark.parametrize("seed", range(2))
@EVERY_MISCONCEPTION
def test_a_misconception_loses_points_and_is_named_as_itself(
    entry: CatalogEntry, misconception: Function, seed: int
) -> None:
    report = grade(entry, answering(misconception), seed)

    assert {v.misconception for v in report.verdicts} - {None} == {misconception.__name__}
    assert report.score < report.max_score
    assert Outcome.GRADER_ERROR not in {v.outcome for v in report.verdicts}


@EVERY_PROBLEM
def test_trivial_answers_get_no_points(entry: CatalogEntry) -> None:
    scores = {name: grade(entry, answering(answer), 3).score for name, answer in trivial_answers(entry).items()}

    assert scores == dict.fromkeys(scores, 0.0)


@EVERY_CHECK
def test_each_check_is_failed_by_some_misconception(entry: CatalogEntry, check: Check) -> None:
    trial = trial_of(entry, seed=5)
    findings = (run_examination(check.examine(trial), answering(wrong)) for wrong in entry.problem.misconceptions)

    assert any(finding.outcome is Outcome.FAILED for finding in findings)


@EVERY_PROBLEM
def test_a_result_in_the_default_dtype_costs_the_contract_alone(entry: CatalogEntry) -> None:
    def in_the_default_dtype(**inputs: Any) -> Any:
        return entry.problem.reference(**inputs).to(torch.get_default_dtype())

    report = grade(entry, answering(in_the_default_dtype), 1)

    assert [check for check, _, _ in failed(report)] == ["contract"]


@EVERY_PROBLEM
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
def test_a_problem_is_worth_ten_points(entry: CatalogEntry) -> None:
    assert entry.problem.points == 10


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
