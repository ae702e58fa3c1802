"""Finds out what of a class has to be graded: what is new, has changed, or was never finished."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from grader.classroom.handed_in import content_hash
from grader.classroom.model import Entry, Student
from grader.gradebook.store import Gradebook


@dataclass(slots=True)
class Work:
    """One submission that is to be graded."""

    number: int
    """Of the submission in the gradebook."""

    entry: Entry
    problems: tuple[str, ...]
    faults: int = 0
    """How often it has ended its worker in this run."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to do."""

    works: tuple[Work, ...]
    known: int
    """Submissions of which every result is known."""


def planned(
    gradebook: Gradebook,
    entries: Iterable[Entry],
    keys: Mapping[str, str],
    now: datetime,
    *,
    regrade: bool,
    missing: Iterable[Student] = (),
) -> Plan:
    """Enter the class at once, and find what is to be graded; all of it where `regrade` says so.

    `missing` are those on the roster who handed in nothing.
    """
    handed_in = [(entry, content_hash(entry)) for entry in entries]
    works = []
    known = 0
    for (entry, _), number in zip(handed_in, gradebook.enter_class(handed_in, missing, now), strict=True):
        problems = tuple(keys) if regrade else gradebook.wanted(number, keys)
        if problems:
            works.append(Work(number, entry, problems))
        else:
            known += 1
    return Plan(tuple(works), known)
