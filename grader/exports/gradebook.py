"""The gradebook as a table for people: a line for each student, a column for each problem."""

from __future__ import annotations

from collections.abc import Sequence

from grader.classroom.roster import SYSTEMS
from grader.exports.cells import guarded, moment, number, table
from grader.exports.scores import Scores, scores_of
from grader.gradebook.model import Course, Grade

COLUMNS = (
    "key", "name", "email", "section", *SYSTEMS, "on_roster", "submission", "submitted_at", "state",
    "points", "late_factor", "score", "max_score", "overridden", "fault",
)  # fmt: skip
"""Before the problems."""

TEXTS = frozenset({"key", "name", "email", "section", *SYSTEMS, "submission", "overridden", "fault"})
"""Columns that may hold what a student wrote."""


def gradebook_csv(course: Course) -> str:
    """All grades as CSV; students without a final score have empty cells for their points."""
    problems = [name for name, *_ in course.problems]
    rows: list[Sequence[str]] = [[*COLUMNS, *map(guarded, problems)]]
    for grade in course.grades:
        scores = scores_of(grade)
        values = row(course, grade, scores)
        known = [guarded(text) if column in TEXTS else text for column, text in zip(COLUMNS, values, strict=True)]
        rows.append([*known, *(number(scores.problem(problem)) for problem in problems)])
    return table(rows)


def row(course: Course, grade: Grade, scores: Scores) -> tuple[str, ...]:
    """The cells of a student before the problems, as they are."""
    student, submitted = grade.student, grade.submitted
    return (
        student.key,
        student.name,
        student.email,
        student.section,
        *(student.ids.get(system, "") for system in SYSTEMS),
        "yes" if grade.on_roster else "no",
        submitted.label if submitted else "",
        moment(submitted.submitted_at if submitted else None),
        grade.state.value,
        number(scores.points),
        number(grade.late_factor),
        number(scores.score),
        number(course.max_score),
        " ".join(sorted(grade.overrides)),
        grade.fault,
    )
