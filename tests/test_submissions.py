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
SEEDS = (1, 2)

SLOW = frozenset({"train"})
"""Problems that take too long to be graded with more than the first seed."""

NAMES = tuple(place.id for place in bundled().places)


def graded_names(seed: int) -> tuple[str, ...]:
    return tuple(name for name in NAMES if seed == SEEDS[0] or name not in SLOW)


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


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("style", STYLES)
def test_a_whole_submission_gets_all_points(style: str, seed: int) -> None:
    report = check_submission(FOLDER / style, Options(problems=graded_names(seed), seed=seed))

    losses = lost(report)
    assert not losses, "\n".join(losses)
    assert [problem.id for problem in report.problems] == list(graded_names(seed))
    assert report.score == report.max_score
