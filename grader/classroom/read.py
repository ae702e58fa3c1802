"""Reads a class: finds the layout, who handed in what, and who is missing; what was handed in is not read yet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

from grader.classroom.canvas import is_canvas, read_canvas
from grader.classroom.found import Sightings
from grader.classroom.github import is_github, read_github
from grader.classroom.gradescope import is_gradescope, read_gradescope
from grader.classroom.listing import Listing, listing
from grader.classroom.model import Classroom, Layout
from grader.classroom.moodle import is_moodle, read_moodle
from grader.classroom.plain import read_plain
from grader.classroom.register import class_of, class_without_roster
from grader.classroom.roster import read_roster
from grader.errors import NothingToGrade
from grader.intake.text import printable

_TITLES = {
    Layout.CANVAS: "Canvas",
    Layout.MOODLE: "Moodle",
    Layout.GRADESCOPE: "Gradescope",
    Layout.GITHUB: "GitHub Classroom",
}


def read_class(folder: Path, layout: Layout | None = None, roster: Path | None = None) -> Classroom:
    """Read who handed in what.

    Every student on the roster is among the entries or the missing. What can't be matched with the roster is graded all
    the same, and named in a notice; where a student handed in twice, the later one counts, and the other is named.

    Args:
        folder: of the submissions, or the folder around it that unpacking made.
        layout: how it is laid out; found out by default.
        roster: a CSV file with the class.

    Raises:
        UsageError: the folder or the roster can't be read, or isn't one.
        NothingToGrade: there is nothing in the folder, nothing of that layout, or nobody of the roster.
    """
    students = None if roster is None else read_roster(roster)
    usernames = () if students is None else students.usernames
    around = _unwrapped(listing(folder, roster), layout, roster, usernames)
    if not around.items:
        raise NothingToGrade(f"There is nothing to grade in {printable(str(folder))}: it is empty.")
    chosen = layout or _layout(around, usernames)
    sightings = _sightings(around, chosen, usernames)
    if not sightings.found:
        raise NothingToGrade("\n  ".join((_nothing(folder, chosen), *sightings.notices)))
    notices = [*around.notices, *sightings.notices]
    if students is None:
        return class_without_roster(chosen, sightings.found, notices)
    return class_of(students, chosen, sightings.found, notices)


def _unwrapped(around: Listing, layout: Layout | None, roster: Path | None, usernames: Sequence[str]) -> Listing:
    """What is inside a folder that unpacking an archive of all submissions wrapped around them."""
    if len(around.items) != 1 or not around.items[0].is_folder or _layout(around, usernames) is not Layout.PLAIN:
        return around
    inner = listing(around.items[0].path, roster)
    found = _layout(inner, usernames)
    return inner if found is not Layout.PLAIN and layout in (None, found) else around


def _layout(around: Listing, usernames: Sequence[str]) -> Layout:
    """The layout that most of the names have; plain where none has."""
    if is_gradescope(around):
        return Layout.GRADESCOPE
    for layout, fits in ((Layout.MOODLE, is_moodle), (Layout.CANVAS, is_canvas)):
        if 2 * sum(map(fits, around.items)) > len(around.items):
            return layout
    return Layout.GITHUB if is_github(around, usernames) else Layout.PLAIN


def _sightings(around: Listing, layout: Layout, usernames: Sequence[str]) -> Sightings:
    match layout:
        case Layout.PLAIN:
            return read_plain(around)
        case Layout.CANVAS:
            return read_canvas(around)
        case Layout.MOODLE:
            return read_moodle(around)
        case Layout.GRADESCOPE:
            return read_gradescope(around)
        case Layout.GITHUB:
            return read_github(around, usernames)
        case _:
            assert_never(layout)


def _nothing(folder: Path, layout: Layout) -> str:
    if layout is Layout.PLAIN:
        expected = "a folder, archive, notebook or .py file for each student"
    else:
        expected = f"what {_TITLES[layout]} names its downloads like"
    return f"There is nothing to grade in {printable(str(folder))}: expected {expected}."
