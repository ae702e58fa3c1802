"""Writes down what happens to a student's grade."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from grader.gradebook.tables import events


def note(
    connection: Connection,
    student_id: int,
    submission_id: int | None,
    at: datetime,
    kind: str,
    text: str,
    author: str = "",
) -> None:
    """Add an event to a student's history."""
    connection.execute(
        events.insert().values(
            student_id=student_id, submission_id=submission_id, at=at, kind=kind, text=text, author=author
        )
    )


def note_once(connection: Connection, student_id: int, submission_id: int, at: datetime, kind: str, text: str) -> None:
    """The same, where the last event of the submission says something else."""
    last = connection.execute(
        select(events.c.kind, events.c.text)
        .where(events.c.student_id == student_id, events.c.submission_id == submission_id)
        .order_by(events.c.id.desc())
        .limit(1)
    ).first()
    if last is None or tuple(last) != (kind, text):
        note(connection, student_id, submission_id, at, kind, text)
