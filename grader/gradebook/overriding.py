"""Points that people give: kept through regrades, and never forgotten once they are taken back."""

from __future__ import annotations

import math
from datetime import datetime
from difflib import get_close_matches

from sqlalchemy import Connection, select, update

from grader.errors import UsageError
from grader.gradebook.entering import digest_of
from grader.gradebook.facts import facts_of
from grader.gradebook.happened import note
from grader.gradebook.tables import overrides, results, students
from grader.model.visible import visible
from grader.model.words import number


def override(
    connection: Connection, student_key: str, problem: str, points: float, comment: str, author: str, now: datetime
) -> None:
    """Have these points count for a problem, whatever was or will be graded.

    Raises:
        UsageError: no such student or problem, or points that are negative or no number.
    """
    if not math.isfinite(points) or points < 0:
        raise UsageError(f"{points} are no points: give a number from 0 up.")
    student_id = _locked(connection, student_key)
    _require_problem(connection, problem)
    _close(connection, student_id, problem, author, now)
    connection.execute(
        overrides.insert().values(
            student_id=student_id, problem=problem, points=points, comment=comment, author=author, at=now
        )
    )
    given = f"{number(points)} point{'' if points == 1 else 's'} for `{visible(problem)}` by hand"
    note(connection, student_id, None, now, "override", _with_reason(given, comment), author)


def remove_override(
    connection: Connection, student_key: str, problem: str, comment: str, author: str, now: datetime
) -> None:
    """Have the graded points count again.

    Raises:
        UsageError: no such student, or no points were given by hand for the problem.
    """
    student_id = _locked(connection, student_key)
    if not _close(connection, student_id, problem, author, now):
        raise UsageError(f"No points were given by hand for `{visible(problem)}`, so there are none to take back.")
    taken = f"Points by hand for `{visible(problem)}` taken back"
    note(connection, student_id, None, now, "override_removed", _with_reason(taken, comment), author)


def problem_names(connection: Connection) -> tuple[str, ...]:
    """The problems of the assignment, or else those that were graded."""
    if facts := facts_of(connection).problems:
        return tuple(name for name, _, _, _ in facts)
    return tuple(connection.execute(select(results.c.problem).distinct().order_by(results.c.problem)).scalars())


def _require_problem(connection: Connection, problem: str) -> None:
    known = problem_names(connection)
    if problem in known:
        return
    close = get_close_matches(problem, known, n=1)
    hint = f" Did you mean `{visible(close[0])}`?" if close else ""
    raise UsageError(f"The gradebook has no problem `{visible(problem)}`.{hint}")


def _locked(connection: Connection, student_key: str) -> int:
    """The student's id; nobody else changes the student's points until the transaction ends."""
    this = select(students.c.id).where(students.c.digest == digest_of(student_key)).with_for_update()
    student_id: int | None = connection.execute(this).scalar_one_or_none()
    if student_id is None:
        raise UsageError(f"The gradebook has no student `{visible(student_key)}`.")
    return student_id


def _close(connection: Connection, student_id: int, problem: str, author: str, now: datetime) -> bool:
    in_force = (
        overrides.c.student_id == student_id,
        overrides.c.problem == problem,
        overrides.c.closed_at.is_(None),
    )
    closed = update(overrides).where(*in_force).values(closed_at=now, closed_by=author).returning(overrides.c.id)
    return connection.execute(closed).first() is not None


def _with_reason(said: str, comment: str) -> str:
    return f"{said}: {visible(comment)}" if comment else f"{said}."
