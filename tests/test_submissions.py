"""Whole submissions, each written by one student in one style, get all points for every problem through the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.catalog.find import bundled
from grader.intake import read_submission
from grader.intake.names import find_answers
from grader.model.verdict import Outcome, Report
from grader.session import Options, check_submission

FOLDER = Path(__file__).parent / "submissions"
STYLES = ("vectorised", "loops", "library")
NAMES = tuple(place.id for place in bundled().places)


def lost(report: Report) -> list[str]:
    """What every verdict that is not passed says; a proof that gets stuck says nothing against an answer."""
    return [
        f"{problem.id} · {verdict.check}: {verdict.outcome.value}: {verdict.message}"
        for problem in report.problems
        for verdict in problem.verdicts
        if verdict.outcome is not Outcome.PASSED and (verdict.check, verdict.outcome) != ("symbolic", Outcome.UNDECIDED)
    ]


@pytest.mark.parametrize("style", STYLES)
def test_a_whole_submission_answers_every_problem(style: str) -> None:
    answers = find_answers(read_submission(FOLDER / style), list(NAMES))

    assert sorted(set(NAMES) - dict(answers.found).keys()) == []


@pytest.mark.parametrize(("seed", "style"), [*enumerate(STYLES, start=1)])
def test_a_whole_submission_gets_all_points(seed: int, style: str) -> None:
    report = check_submission(FOLDER / style, Options(seed=seed))

    losses = lost(report)
    assert not losses, "\n".join(losses)
    assert [problem.id for problem in report.problems] == list(NAMES)
    assert report.score == report.max_score
