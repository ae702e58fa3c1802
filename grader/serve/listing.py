"""The list of students: searched, filtered and sorted."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from grader.gradebook.model import Course, Grade, State
from grader.pages.rendering import named

_ROUNDING = 1e-9
"""Points are sums of floats."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """A student with what is searched for."""

    grade: Grade
    text: str
    """Name, key, e-mail address and ids, in plain letters."""

    lost: frozenset[str]
    """Problems without all points."""

    misconceptions: frozenset[str]
    """As `problem:misconception`."""

    section: str
    """As pages show it, so that an address can name it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is asked for; an empty string asks for nothing."""

    words: str = ""
    state: str = ""
    lost: str = ""
    misconception: str = ""
    section: str = ""
    is_overridden: bool = False
    sort: str = "key"
    """A column, with `-` before it for the other direction."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        """What the query of an address asks for; whatever it doesn't know is left aside."""
        sort = query.get("sort", "key")
        return cls(
            _written(query.get("q", "")),
            query.get("state", ""),
            query.get("lost", ""),
            query.get("misconception", ""),
            query.get("section", ""),
            query.get("by_hand", "") != "",
            sort if sort.removeprefix("-") in COLUMNS else "key",
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether it asks for less than everybody."""
        return bool(self.query.keys() - {"sort"})

    @property
    def query(self) -> Mapping[str, str]:
        """The query that asks for this; without what is usual."""
        asked = {
            "q": self.words,
            "state": self.state,
            "lost": self.lost,
            "misconception": self.misconception,
            "section": self.section,
            "by_hand": "yes" if self.is_overridden else "",
            "sort": "" if self.sort == "key" else self.sort,
        }
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen in a class, each with how many students it holds for."""

    states: Mapping[State, int]
    lost: Mapping[str, int]
    misconceptions: Mapping[str, int]
    sections: Mapping[str, int]
    overridden: int


def listed(grade: Grade, course: Course) -> Listed:
    """A student with what is searched for."""
    student = grade.student
    problems = () if grade.report is None else grade.report.problems
    worth = {problem.id: problem.max_score for problem in problems}
    worth |= {name: points for name, _, _, points in course.problems if grade.report is not None}
    return Listed(
        grade,
        _plain(" ".join((student.name, student.key, student.email, *student.ids.values()))),
        frozenset(name for name, points in worth.items() if grade.points_of(name) < points - _ROUNDING),
        frozenset(f"{p.id}:{v.misconception}" for p in problems for v in p.verdicts if v.misconception is not None),
        named(student.section),
    )


def chosen(students: Iterable[Listed], wanted: Wanted) -> list[Grade]:
    """The grades that are asked for, in the order that is asked for."""
    words = _plain(wanted.words).split()
    found = [each.grade for each in students if all(word in each.text for word in words) and _is_wanted(each, wanted)]
    is_backwards = wanted.sort.startswith("-")
    return sorted(found, key=COLUMNS[wanted.sort.removeprefix("-")], reverse=is_backwards)


def choices(students: Iterable[Listed]) -> Choices:
    """What can be chosen: states, sections and problems in their order, misconceptions by how many have them."""
    everybody = tuple(students)
    states = Counter(each.grade.state for each in everybody)
    sections = Counter(each.section for each in everybody)
    return Choices(
        {state: states[state] for state in State if states[state]},
        dict(sorted(Counter(name for each in everybody for name in each.lost).items())),
        dict(Counter(sorted(name for each in everybody for name in each.misconceptions)).most_common()),
        {section: sections[section] for section in sorted(sections) if section},
        sum(bool(each.grade.overrides) for each in everybody),
    )


def _is_wanted(each: Listed, wanted: Wanted) -> bool:
    grade = each.grade
    return (
        wanted.state in ("", grade.state.value)
        and (not wanted.lost or wanted.lost in each.lost)
        and (not wanted.misconception or wanted.misconception in each.misconceptions)
        and wanted.section in ("", each.section)
        and (not wanted.is_overridden or bool(grade.overrides))
    )


def _written(text: str) -> str:
    """Without what can't be seen: it would stand written out in the field, and find nobody the next time."""
    return "".join(" " if letter.isspace() else letter for letter in text if letter.isprintable() or letter.isspace())


def _plain(text: str) -> str:
    """Letters without regard to case, accents and what can't be seen, so that `muller` finds Müller."""
    letters = unicodedata.normalize("NFKD", _written(text).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


_STATES = tuple(State)

COLUMNS: Mapping[str, Callable[[Grade], Any]] = {
    "key": lambda grade: grade.student.key,
    "name": lambda grade: (_plain(grade.student.shown), grade.student.key),
    "score": lambda grade: grade.score,
    "state": lambda grade: _STATES.index(grade.state),
    "graded": lambda grade: grade.graded_at or _LONG_AGO,
}
"""What the list can be sorted by; those that are alike stay in the order of their keys."""
