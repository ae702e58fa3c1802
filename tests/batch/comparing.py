"""What has to be the same in two gradebooks of the same class: everything but moments."""

from __future__ import annotations

from dataclasses import replace

from grader.gradebook.model import Grade
from grader.gradebook.store import Gradebook


def standings(gradebook: str) -> tuple[Grade, ...]:
    """All grades with their reports, without ids, times and moments."""
    with Gradebook.open(gradebook, create=False) as opened:
        return tuple(_timeless(grade) for grade in opened.course().grades)


def _timeless(grade: Grade) -> Grade:
    report = grade.report
    if report is not None:
        report = replace(report, problems=tuple(replace(problem, seconds=0.0) for problem in report.problems))
    submitted = grade.submitted and replace(grade.submitted, id=0, first_seen=None)  # type: ignore[arg-type]
    return replace(grade, report=report, submitted=submitted, graded_at=None)
