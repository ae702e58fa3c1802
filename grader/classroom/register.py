"""Puts a class together: one entry for each student, the later one where there are two, and who is missing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.classroom.found import Found
from grader.classroom.listing import MOST_NAMED, named
from grader.classroom.matching import Matching, identified, is_called, keyed
from grader.classroom.model import Classroom, Entry, Layout, Student
from grader.classroom.roster import Listed, Roster
from grader.errors import UsageError
from grader.intake.text import enumerated, quoted


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Something that was handed in, and who on the roster it is from."""

    found: Found
    listed: Listed | None = None

    @property
    def owner(self) -> Hashable:
        """What all entries of one student share."""
        return self.found.student.key if self.listed is None else self.listed.line


def class_without_roster(layout: Layout, found: Iterable[Found], notices: Iterable[str]) -> Classroom:
    """The class as far as the layout tells it."""
    told = list(notices)
    kept = _latest([_Claimed(each) for each in found], told)
    return Classroom(layout, _in_order(each.found.entry(each.found.student) for each in kept), (), tuple(told))


def class_of(roster: Roster, layout: Layout, found: Sequence[Found], notices: Iterable[str]) -> Classroom:
    """The class as its roster has it, and whoever else handed in.

    Raises:
        UsageError: nobody who handed in is on the roster.
    """
    matching = Matching(roster, layout, found)
    told = [*notices, *roster.notices]
    claimed = _claimed(matching, layout, found, told)
    kept = _latest(claimed, told)
    keys: set[str] = set()
    known = [_entry(each.found, each.listed, layout, keys) for each in kept if each.listed is not None]
    if not known:
        raise UsageError(_strangers_only(roster, layout, found))
    present = {entry.listed.line for entry in kept if entry.listed is not None}
    absent = [listed for listed in roster.students if listed.line not in present]
    missing = [_unique(keyed(listed, layout), keys, f"line {listed.line}") for listed in absent]
    strangers = [each.found for each in kept if each.listed is None]
    unknown = [each.entry(_unique(each.student, keys, each.label), on_roster=False) for each in strangers]
    if unknown:
        names = named([entry.label for entry in unknown])
        told.append(f"{names} from nobody on the roster, or could be from more than one; graded all the same.")
    missing.sort(key=lambda student: student.key)
    return Classroom(layout, _in_order((*known, *unknown)), tuple(missing), tuple(told))


def _claimed(matching: Matching, layout: Layout, found: Sequence[Found], notices: list[str]) -> list[_Claimed]:
    """Whose everything is; what a group handed in is from everybody of it who handed in nothing else."""
    groups = [(each, matching.group(each.student)) for each in found]
    claimed = [_Claimed(each, matching.who(each.student)) for each, members in groups if not members]
    if layout in (Layout.CANVAS, Layout.MOODLE):
        notices += _called_otherwise(claimed)
    alone = {each.listed.line for each in claimed if each.listed is not None}
    for each, members in groups:
        left = [listed for listed in members if listed.line not in alone]
        own = [_Claimed(replace(each, student=keyed(listed, layout)), listed) for listed in left]
        claimed += own
        if members:
            notices.append(_shared(each, members[0].group, [each.found.student for each in own]))
    return claimed


def _called_otherwise(claimed: Iterable[_Claimed]) -> Iterator[str]:
    """Students' numbers under other names: a group has a member's in Canvas, and one of its own in Moodle."""
    odd = [each.found.label for each in claimed if each.listed and not is_called(each.listed, each.found.student)]
    if odd:
        yield (
            f"{named(odd)} from students whom the roster calls otherwise. If groups handed in, the roster needs a "
            "column `group`: without it everybody else of a group counts as missing."
        )


def _shared(found: Found, group: str, students: Sequence[Student]) -> str:
    if not students:
        return f"{quoted(found.label)} is left out: everybody of the group {quoted(group)} handed in something else."
    names = enumerated([quoted(student.shown) for student in students], MOST_NAMED)
    return f"{quoted(found.label)} is from the group {quoted(group)} and counts for {names}."


def _latest(claimed: Iterable[_Claimed], notices: list[str]) -> list[_Claimed]:
    """One entry for each student; the others are named in the notices."""
    owners: dict[Hashable, list[_Claimed]] = {}
    for each in claimed:
        owners.setdefault(each.owner, []).append(each)
    kept = []
    for own in owners.values():
        *earlier, last = sorted(own, key=lambda each: (each.found.version, each.found.label))
        kept.append(last)
        if earlier:
            labels = named([each.found.label for each in earlier])
            who = quoted((last.listed.student if last.listed else last.found.student).shown or last.found.student.key)
            notices.append(f"{labels} left out: {quoted(last.found.label)} is from {who} too, and is the later one.")
    return kept


def _entry(found: Found, listed: Listed, layout: Layout, keys: set[str]) -> Entry:
    student = identified(listed, found.student)
    if layout is Layout.PLAIN:
        student = replace(student, key=keyed(listed, layout).key)
    entry = found.entry(_unique(student, keys, found.label))
    return entry if listed.submitted_at is None else replace(entry, submitted_at=listed.submitted_at)


def _unique(student: Student, keys: set[str], otherwise: str) -> Student:
    """The student with a key that nobody else has: two students of the same name stay two."""
    key, number = student.key, 1
    while key in keys:
        number += 1
        key = f"{student.key} ({otherwise})" if number == 2 else f"{student.key} ({otherwise}, {number})"
    keys.add(key)
    return replace(student, key=key)


def _in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.student.key))


def _strangers_only(roster: Roster, layout: Layout, found: Sequence[Found]) -> str:
    handed_in = enumerated([quoted(each.label) for each in found], 3)
    listed = enumerated([quoted(keyed(each, layout).key) for each in roster.students], 3)
    return (
        f"None of the {len(found)} submissions is from anybody on the roster: there are {handed_in}, and the roster "
        f"has {listed}. Is it the roster of this class?"
    )
