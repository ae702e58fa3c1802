"""Finds the student that somebody means, by key, name, e-mail address or a system's id."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from grader.classroom.model import Student
from grader.errors import UsageError
from grader.model.visible import visible

_MOST_SHOWN = 5
_LONGEST_SHOWN = 100


def find_student(wanted: str, students: Sequence[Student]) -> Student:
    """The student with this key, or else the only one with this name, e-mail address or id, however it is written.

    Raises:
        UsageError: there is none, or more than one; the message suggests who may be meant.
    """
    for student in students:
        if student.key == wanted:
            return student
    found = [student for student in students if _plain(wanted) in {_plain(name) for name in _names(student)}]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"`{_shown(wanted)}` may be {_listed(found)}. Name one by key.")
    raise UsageError(f"The gradebook has no student `{_shown(wanted)}`.{_suggestion(wanted, students)}")


def _names(student: Student) -> tuple[str, ...]:
    return tuple(name for name in (student.key, student.name, student.email, *student.ids.values()) if name)


def _plain(name: str) -> str:
    """A name without regard to case, spacing and how its accents are written."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _suggestion(wanted: str, students: Iterable[Student]) -> str:
    named = {_plain(name): student for student in students for name in _names(student)}
    words = set(_plain(wanted).split())
    partly = [name for name in named if words & set(name.split())]
    close = [*get_close_matches(_plain(wanted), list(named), n=_MOST_SHOWN, cutoff=0.6), *partly]
    meant = list({named[name].key: named[name] for name in close}.values())
    return f" Did you mean {_listed(meant)}?" if meant else ""


def _listed(students: Sequence[Student]) -> str:
    shown = [
        f"`{_shown(student.key)}`" + (f" ({_shown(student.name)})" if student.name else "")
        for student in students[:_MOST_SHOWN]
    ]
    more = len(students) - len(shown)
    if more:
        shown.append(f"{more} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _shown(text: str) -> str:
    return visible(text, _LONGEST_SHOWN)
