"""Enters students and what they hand in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from grader.classroom.model import Entry, Student
from grader.gradebook.connection import insert
from grader.gradebook.happened import note
from grader.gradebook.model import State
from grader.gradebook.report_codec import IDS
from grader.gradebook.tables import students, submissions
from grader.model.visible import visible

LONGEST_LABEL = 200
"""Characters of a label within a sentence."""


def digest_of(key: str) -> str:
    """What tells one student from another in an index, however long the key is."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def put_student(connection: Connection, student: Student, *, on_roster: bool) -> int:
    """Enter a student, or what is known of one by now; returns the id."""
    known = {
        "key": student.key,
        "name": student.name,
        "email": student.email,
        "section": student.section,
        "ids": IDS.encode(student.ids),
        "on_roster": on_roster,
    }
    statement = insert(connection.dialect, students).values(digest=digest_of(student.key), **known)
    upsert = statement.on_conflict_do_update(index_elements=["digest"], set_=known).returning(students.c.id)
    return int(connection.execute(upsert).scalar_one())


def enter(connection: Connection, entry: Entry, content_hash: str, now: datetime) -> int:
    """Enter what a student handed in and make it the current version; returns the id of the submission."""
    student_id = put_student(connection, entry.student, on_roster=entry.on_roster)
    mine = submissions.c.student_id == student_id
    known = connection.execute(select(submissions).where(mine, submissions.c.content_hash == content_hash)).first()
    is_first = connection.execute(select(submissions.c.id).where(mine).limit(1)).first() is None
    if known is None or not known.is_current:
        connection.execute(update(submissions).where(mine, submissions.c.is_current).values(is_current=False))
    told = {"label": entry.label, "submitted_at": entry.submitted_at, "is_current": True}
    if known is None:
        submission_id = _add(connection, student_id, content_hash, now, told)
    else:
        submission_id = known.id
        connection.execute(update(submissions).where(submissions.c.id == submission_id).values(**told))
    label = visible(entry.label, LONGEST_LABEL)
    if is_first:
        note(connection, student_id, submission_id, now, "submitted", f"Handed in `{label}`.")
    elif known is None:
        note(connection, student_id, submission_id, now, "submitted", f"Handed in a new version, `{label}`.")
    elif not known.is_current:
        note(connection, student_id, submission_id, now, "submitted", f"Went back to an earlier version, `{label}`.")
    return submission_id


def enter_class(
    connection: Connection, handed_in: Sequence[tuple[Entry, str]], missing: Iterable[Student], now: datetime
) -> tuple[int, ...]:
    """Enter a whole class, each entry with its hash, in the order of keys; returns the ids of the submissions."""
    known = {entry.student.key: (entry, content_hash) for entry, content_hash in handed_in}
    numbers = {}
    for student in sorted((*missing, *(entry.student for entry, _ in handed_in)), key=lambda student: student.key):
        if student.key in known:
            numbers[student.key] = enter(connection, *known[student.key], now)
        else:
            put_student(connection, student, on_roster=True)
    return tuple(numbers[entry.student.key] for entry, _ in handed_in)


def _add(connection: Connection, student_id: int, content_hash: str, now: datetime, told: Mapping[str, object]) -> int:
    statement = submissions.insert().values(
        student_id=student_id,
        content_hash=content_hash,
        first_seen=now,
        state=State.WAITING.value,
        fault="",
        **told,
    )
    return int(connection.execute(statement.returning(submissions.c.id)).scalar_one())
