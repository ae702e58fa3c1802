"""Finds who on the roster handed something in: by identities first, by name only where a name means one person.

A group that hands in under its own name is found by that name, where the roster says who is in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace

from grader.classroom.found import Found
from grader.classroom.model import Layout, Student
from grader.classroom.roster import SYSTEMS, Listed, Roster

_OWN_SYSTEM = {
    Layout.CANVAS: ("canvas",),
    Layout.MOODLE: ("moodle",),
    Layout.GRADESCOPE: ("gradescope", "sis", "login"),
    Layout.GITHUB: ("github",),
    Layout.PLAIN: SYSTEMS,
}
"""Identities on a roster that the layout's own number or name may be."""

_KEYS = {
    Layout.CANVAS: ("canvas",),
    Layout.MOODLE: ("moodle",),
    Layout.GRADESCOPE: ("gradescope", "sis"),
    Layout.GITHUB: ("github",),
    Layout.PLAIN: ("login", "github", "sis", "canvas", "moodle", "gradescope"),
}
"""Identities that are a student's key where the roster has no column for it: those that the layout itself would use."""

Handle = tuple[str, str]
"""A way to tell a student: `id`, `email` or `name`, and the folded text."""


class Matching:
    """A roster, ready to be asked who somebody is."""

    def __init__(self, roster: Roster, layout: Layout, found: Iterable[Found]) -> None:
        """Look the roster through once.

        Args:
            roster: the class.
            layout: what the identities that were found mean.
            found: everything that was handed in; a name that two of them have tells nobody apart.
        """
        self._layout = layout
        self._listed: dict[Handle, list[Listed]] = {}
        for listed in roster.students:
            for handle in dict.fromkeys(self._handles(listed)):
                self._listed.setdefault(handle, []).append(listed)
        self._groups: dict[str, list[Listed]] = {}
        for listed in roster.students:
            if group := _bare(listed.group):
                self._groups.setdefault(group, []).append(listed)
        self._namesakes: dict[str, set[str]] = {}
        for each in found:
            self._namesakes.setdefault(_letters(each.student.name), set()).add(each.student.key)

    def who(self, student: Student) -> Listed | None:
        """The student on the roster, or None where nobody is or more than one could be."""
        for handle in self._asked(student):
            fitting = self._listed.get(handle, [])
            if len(fitting) == 1 and not (handle[0] == "name" and self._has_another_id(fitting[0], student)):
                return fitting[0]
        return None

    def group(self, student: Student) -> tuple[Listed, ...]:
        """Everybody of the group that handed in under its own name, which the layout takes for a student; else nobody.

        In Canvas the number is that of a member. In Moodle it is the group's, which may be a participant's by chance.
        """
        members = tuple(self._groups.get(_bare(student.name or student.key), ()))
        if not members or self._layout is Layout.GRADESCOPE:  # there every submitter is named
            return ()
        one = self.who(student)
        if self._layout is Layout.CANVAS and any(listed.student.ids.get("canvas") for listed in members):
            return members if one in members else ()
        return members if one is None or (self._layout is Layout.MOODLE and not is_called(one, student)) else ()

    def _has_another_id(self, listed: Listed, student: Student) -> bool:
        """Whether both have identities in the layout's own system; then they are two people of one name."""
        return bool(student.ids) and any(listed.student.ids.get(system) for system in _OWN_SYSTEM[self._layout])

    def _asked(self, student: Student) -> Iterator[Handle]:
        for text in (*student.ids.values(), student.key if self._layout is Layout.PLAIN else ""):
            if text:
                yield "id", folded(text)
        emails = (student.email, student.key if self._layout is Layout.PLAIN else "")
        yield from (("email", folded(email)) for email in emails if email)
        name = student.name or (student.key if self._layout is Layout.PLAIN else "")
        letters = _letters(name)
        if letters and len(self._namesakes.get(letters, ())) <= 1:
            yield "name", letters

    def _handles(self, listed: Listed) -> Iterator[Handle]:
        student = listed.student
        own = [student.ids.get(system, "") for system in _OWN_SYSTEM[self._layout]]
        if self._layout is not Layout.CANVAS and self._layout is not Layout.MOODLE:
            own.append(student.key)
        yield from (("id", folded(text)) for text in own if text)
        if student.email:
            yield "email", folded(student.email)
        yield from (("name", _letters(name)) for name in listed.names if _letters(name))


def identified(listed: Listed, student: Student) -> Student:
    """Everything that is known of a student: the roster's word first, then the layout's."""
    known = listed.student
    return Student(
        known.key or student.key,
        known.name or student.name,
        known.email or student.email,
        {**student.ids, **known.ids},
        known.section or student.section,
    )


def keyed(listed: Listed, layout: Layout) -> Student:
    """A student of the roster, with the key that this layout would give."""
    student = listed.student
    own = [student.ids.get(system, "") for system in _KEYS[layout]]
    others = [student.email, *(student.ids.get(system, "") for system in SYSTEMS), listed.identifier, student.name]
    return replace(student, key=next(text for text in (student.key, *own, *others) if text))


def is_called(listed: Listed, student: Student) -> bool:
    """Whether the name that a layout gives may be this student's: it has a word of it, or either is not known."""
    letters = _bare(student.name)
    names = [_bare(name) for name in listed.names]
    words = [_bare(word) for name in listed.names for word in name.split()]
    return not letters or not any(names) or letters in names or any(len(word) > 1 and word in letters for word in words)


def folded(text: str) -> str:
    """A text as it is compared: without case and surrounding spaces, in one way of writing accents."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()


def _letters(name: str) -> str:
    """A name as Canvas writes it into the names of files: letters, digits and underscores alone."""
    return re.sub(r"\W", "", folded(name))


def _bare(name: str) -> str:
    """The same without underscores, which Moodle writes as spaces and GitHub as hyphens."""
    return _letters(name).replace("_", "")
