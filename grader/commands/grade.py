"""`grader grade`: points that a person gives, or takes back."""

from __future__ import annotations

import getpass
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.commands.destination import write_stdout
from grader.errors import UsageError
from grader.exit_codes import ExitCode
from grader.gradebook.model import ClassFacts, Grade
from grader.gradebook.store import Gradebook
from grader.model.visible import visible
from grader.model.words import number


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    student: str
    problem: str
    points: float | None
    comment: str
    author: str | None
    remove: bool
    gradebook: str


def run(request: Request) -> ExitCode:
    """Give points by hand, or take them back, and say what that changed.

    Raises:
        UsageError: points and `--remove` contradict each other, or the gradebook has no such student or problem.
    """
    if request.remove == (request.points is not None):
        raise UsageError("Give POINTS, or take points back with --remove: one of the two.")
    if not request.remove and not request.comment.strip():
        raise UsageError("Say why with --comment: the student reads it beside the points.")
    author = _author() if request.author is None else request.author
    with Gradebook.open(request.gradebook, create=False) as gradebook:
        key = gradebook.find(request.student).key
        before = gradebook.grade(key)
        now = datetime.now(UTC)
        if request.points is None:
            gradebook.remove_override(key, request.problem, request.comment, author, now)
        else:
            gradebook.override(key, request.problem, request.points, request.comment, author, now)
            _warn_above(worth(request.problem, before, gradebook.facts()), request.points, request.problem)
        write_stdout(_told(before, gradebook.grade(key), request.problem))
    return ExitCode.PASSED


def worth(problem: str, grade: Grade, facts: ClassFacts) -> float | None:
    """What a problem is worth: by the assignment, or else by the report on it."""
    listed = [points for name, _, _, points in facts.problems if name == problem]
    graded = () if grade.report is None else grade.report.problems
    return next(iter((*listed, *(report.max_score for report in graded if report.id == problem))), None)


def _author() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise UsageError("The system doesn't tell who you are: name yourself with --author.") from error


def _warn_above(most: float | None, points: float, problem: str) -> None:
    if most is not None and points > most:
        said = f"{number(points)} points are more than the {number(most)} that `{visible(problem)}` is worth"
        sys.stderr.write(f"warning: {said}; they count all the same.\n")


def _told(before: Grade, after: Grade, problem: str) -> str:
    now, then = number(after.points_of(problem)), number(before.points_of(problem))
    altogether = f"{number(after.points)} points altogether, {number(before.points)} before"
    return f"{visible(after.student.shown)}: {now} points for `{visible(problem)}`, {then} before; {altogether}.\n"
