"""Students, what each of them handed in, and whatever could not be matched; nothing of it has been read yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path


class Layout(Enum):
    """How a folder of submissions is laid out."""

    PLAIN = "plain"
    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"
    GITHUB = "github"


@dataclass(frozen=True, slots=True)
class Student:
    """Who handed in. Nothing here is trusted to be short, printable or free of markup."""

    key: str
    """What tells one student of the class from another, and what commands and pages name them by."""

    name: str = ""
    email: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    """By system: `canvas`, `sis`, `login`, `moodle`, `gradescope`, `github`."""

    section: str = ""
    """As the roster says."""

    @property
    def shown(self) -> str:
        """The name, or the key where there is none."""
        return self.name or self.key


@dataclass(frozen=True, slots=True)
class Entry:
    """What one student handed in."""

    student: Student
    label: str
    """Its name in the folder."""

    files: tuple[tuple[str, Path], ...]
    """Where it lies: a single folder, archive, notebook or `.py` file, or several files that belong together, each with
    the name under which the student handed it in."""

    submitted_at: datetime | None = None
    """With an offset from UTC; None where the layout doesn't tell."""

    on_roster: bool = True
    """False where there is a roster and this student isn't on it; graded all the same."""


@dataclass(frozen=True, slots=True)
class Classroom:
    """A whole class."""

    layout: Layout
    entries: tuple[Entry, ...]
    """One for each student that handed in, in the order of their keys."""

    missing: tuple[Student, ...] = ()
    """Students on the roster who handed in nothing."""

    notices: tuple[str, ...] = ()
    """What could not be matched or was left out, and why, in sentences for the instructor."""
