"""Tells whose grade has changed, at a small part of what reading every grade costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from grader.gradebook.facts import facts_of
from grader.gradebook.model import ClassFacts
from grader.gradebook.tables import events, overrides, runs, students, submissions


@dataclass(frozen=True, slots=True)
class Stamps:
    """What a gradebook held at one moment, up to the grades themselves."""

    facts: ClassFacts
    updated_at: datetime | None
    """When something happened last."""

    of_students: Mapping[str, tuple[object, ...]]
    """By key, in order; a student's grade is the same as long as this is, and the facts are."""


def stamps(connection: Connection) -> Stamps:
    """The stamps of everybody.

    Raises:
        GradebookError: what is stored was not written by this program.
    """
    last_run = func.max(runs.c.id).label("last_run")
    handed_in = select(submissions, last_run).outerjoin(runs).where(submissions.c.is_current).group_by(submissions.c.id)
    current = {row.student_id: tuple(row) for row in connection.execute(handed_in)}
    given: defaultdict[int, list[int]] = defaultdict(list)
    in_force = select(overrides.c.student_id, overrides.c.id).where(overrides.c.closed_at.is_(None))
    for student_id, override_id in connection.execute(in_force.order_by(overrides.c.id)):
        given[student_id].append(override_id)
    everybody = {
        row.key: (tuple(row), current.get(row.id), tuple(given[row.id])) for row in connection.execute(select(students))
    }
    updated_at = connection.execute(select(func.max(events.c.at))).scalar_one()
    return Stamps(facts_of(connection), updated_at, dict(sorted(everybody.items())))
