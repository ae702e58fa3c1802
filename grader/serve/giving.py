"""The form with which staff give points by hand, or take them back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from grader.errors import UsageError
from grader.gradebook.model import Course, Grade
from grader.gradebook.store import Gradebook
from grader.model.words import number
from grader.pages.rendering import LONGEST_COMMENT

GIVE, TAKE_BACK = "give", "take_back"
FIELDS = ("problem", "points", "comment", "author")
LONGEST_NAME = 200


class FormError(Exception):
    """What was filled in can't be taken; the text is for whoever did it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        """The field that it is about."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that points can be given for."""

    name: str
    title: str
    points: float
    worth: float


def problems_of(grade: Grade, course: Course) -> tuple[Problem, ...]:
    """The problems of the assignment with a student's points; those of the report where no assignment is known."""
    listed = tuple((name, title, points) for name, title, _, points in course.problems)
    graded = () if grade.report is None else tuple((p.id, p.title, p.max_score) for p in grade.report.problems)
    return tuple(Problem(name, title, grade.points_of(name), worth) for name, title, worth in listed or graded)


def submit(
    gradebook: Gradebook, grade: Grade, problems: tuple[Problem, ...], fields: Mapping[str, str], now: datetime
) -> None:
    """Do what a form asks for.

    Raises:
        FormError: a field is missing or makes no sense.
        GradebookError: the gradebook can't be written.
    """
    name = fields.get("problem", "")
    problem = next((each for each in problems if each.name == name), None)
    if problem is None:
        raise FormError("problem", "Choose the problem that the points are for.")
    is_given = fields.get("do") != TAKE_BACK
    points = _points(fields, problem) if is_given else 0.0
    comment = _text(fields, "comment", LONGEST_COMMENT, "Say why: the student reads it beside the points.")
    author = _text(fields, "author", LONGEST_NAME, "Say who you are: the student and your colleagues see it.")
    try:
        if is_given:
            gradebook.override(grade.student.key, name, points, comment, author, now)
        else:
            gradebook.remove_override(grade.student.key, name, comment, author, now)
    except UsageError as error:
        raise FormError("problem", str(error)) from error


def _points(fields: Mapping[str, str], problem: Problem) -> float:
    given = fields.get("points", "").strip()
    try:
        points = float(given)
    except ValueError:
        points = math.nan
    if not math.isfinite(points) or points < 0:
        raise FormError("points", "Give the points as a number from 0 up, such as 2.5.")
    if points > problem.worth and "above" not in fields:
        said = f"{number(points)} points are more than the {number(problem.worth)} that the problem is worth."
        raise FormError("above", f"{said} Is that what you mean?")
    return points


def _text(fields: Mapping[str, str], name: str, longest: int, missing: str) -> str:
    text = fields.get(name, "").replace("\r\n", "\n").strip()
    if not text:
        raise FormError(name, missing)
    if len(text) > longest:
        raise FormError(name, f"This is too long: {longest} characters at most.")
    return text
