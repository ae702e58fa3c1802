"""What has to be the same in two gradebooks of the same class: everything but moments."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select, update

from grader.gradebook.model import Grade
from grader.gradebook.store import Gradebook
from grader.gradebook.tables import meta, runs

TITLE = "The problems that the examples answer"


def standings(gradebook: str) -> tuple[Grade, ...]:
    """All grades with their reports, without ids, times and moments."""
    with Gradebook.open(gradebook, create=False) as opened:
        return tuple(_timeless(grade) for grade in opened.course().grades)


def recorded(gradebook: str) -> int:
    """How often a submission was graded."""
    with Gradebook.open(gradebook, create=False) as opened, opened._database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(runs)).scalar_one())


def stories(gradebook: str) -> dict[str, list[tuple[str, str, str]]]:
    """By student, what happened to the grade, without moments."""
    with Gradebook.open(gradebook, create=False) as opened:
        keys = [student.key for student in opened.students()]
        return {key: [(event.kind, event.text, event.author) for event in opened.history(key)] for key in keys}


def with_the_same_seed(first: str, second: str) -> None:
    """Have the students of both gradebooks get the same cases; each of them would draw a seed of its own."""
    with Gradebook.open(first) as one, Gradebook.open(second) as other:
        seed = one.seed(TITLE)
        other.seed(TITLE)
        with other._database.writing() as connection:
            chosen = update(meta).where(meta.c.name.startswith("seed ")).values(value=str(seed))
            connection.execute(chosen)
        assert other.seed(TITLE) == seed


def _timeless(grade: Grade) -> Grade:
    report = grade.report
    if report is not None:
        report = replace(report, problems=tuple(replace(problem, seconds=0.0) for problem in report.problems))
    submitted = grade.submitted and replace(grade.submitted, id=0, first_seen=None)  # type: ignore[arg-type]
    return replace(grade, report=report, submitted=submitted, graded_at=None)
