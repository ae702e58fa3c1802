"""What of a grade may be handed on: final scores, and never a zero that stands for something else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from grader.classroom.model import Student
from grader.gradebook.model import Course, Grade, State
from grader.model.verdict import ProblemReport

WHY = {
    State.WAITING: "not graded yet",
    State.GRADER_ERROR: "could not be graded, through no fault of the student's",
}
"""Why there is no final score."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A student whom an export doesn't hand on."""

    export: str
    """The file: `canvas.csv`, `moodle.csv`; empty where it is all of them."""

    student: Student
    reason: str


@dataclass(frozen=True, slots=True)
class Scores:
    """The points of a student, each None where it isn't final."""

    final: bool
    points: float | None
    """For all problems, lateness apart."""

    score: float | None
    """What counts."""

    reports: Mapping[str, ProblemReport]
    """What grading showed, by problem."""

    problems: Mapping[str, float]
    """Points by problem, lateness apart, as far as they are final."""

    otherwise: float | None
    """Points for any other problem: zero where nothing that can be graded was handed in."""

    def problem(self, name: str) -> float | None:
        """Points for a problem, lateness apart; None where they aren't final or the problem wasn't graded."""
        return self.problems.get(name, self.otherwise)


def scores_of(grade: Grade) -> Scores:
    """What may be handed on of a grade."""
    reports = {problem.id: problem for problem in grade.report.problems} if grade.report else {}
    if not is_final(grade):
        return Scores(False, None, None, reports, {}, None)
    points = {name: report.score for name, report in reports.items()}
    points |= {name: override.points for name, override in grade.overrides.items()}
    otherwise = None if grade.state is State.GRADED else 0.0
    return Scores(True, grade.points, grade.score, reports, points, otherwise)


def own_identities(course: Course, identities: Callable[[Student], tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """By key, the identities that a course's system can find a student by; empty where another student has the same.

    Two of one identity are a mistake in a roster, or one student under an older key, whose score may be outdated.
    """
    known = {grade.student.key: identities(grade.student) for grade in course.grades}
    counted = Counter(each for texts in known.values() for each in enumerate(texts))
    return {
        key: tuple(text if counted[at, text] == 1 else "" for at, text in enumerate(texts))
        for key, texts in known.items()
    }


def is_final(grade: Grade) -> bool:
    """Whether the grade may be handed on: it is final, what it is final about is there, and it is a number."""
    has_report = grade.report is not None or grade.state is not State.GRADED
    return grade.is_final and has_report and math.isfinite(grade.score)


def not_final(course: Course) -> Iterator[LeftOut]:
    """Everybody without a final score, and why."""
    for grade in course.grades:
        if not is_final(grade):
            reason = WHY.get(grade.state, "there is no score")
            yield LeftOut("", grade.student, f"{reason}: {grade.fault}" if grade.fault else reason)
