"""What a layout tells of a class, before a roster says who they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.classroom.model import Entry, Student


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a student handed in."""

    student: Student
    """As far as the layout tells."""

    label: str
    files: tuple[tuple[str, Path], ...]
    submitted_at: datetime | None = None
    version: tuple[float, ...] = ()
    """Of two things that a student handed in the one with the greater version is the later one."""

    def entry(self, student: Student, *, on_roster: bool = True) -> Entry:
        """As an entry of the class, for the student who it turned out to be from."""
        return Entry(student, self.label, self.files, self.submitted_at, on_roster)


@dataclass(frozen=True, slots=True)
class Sightings:
    """Everything that was found in a folder."""

    found: tuple[Found, ...]
    notices: tuple[str, ...] = field(default=())


def ids(**values: str) -> dict[str, str]:
    """The identities that are known."""
    return {system: value for system, value in values.items() if value}


def joined(notices: Iterable[str]) -> tuple[str, ...]:
    """Notices without the empty ones."""
    return tuple(notice for notice in notices if notice)
