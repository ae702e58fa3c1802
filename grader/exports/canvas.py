"""Grades in the form that Canvas imports (Grades, Import).

As read by `lib/gradebook_importer.rb` of instructure/canvas-lms: it finds a student by `ID`, else by `SIS User ID`,
else by `SIS Login ID`, and else by name. A student of whom none of the first three is known is left out, since names
are not unique. So the name is for people only and is written as in any table for people; the other three are written as
they are, and left empty where they would act in a spreadsheet. A name that holds "Points Possible" would be taken for
the line of that title, so the key stands in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.classroom.model import Student
from grader.exports.cells import exact, guarded, number, table
from grader.exports.scores import LeftOut, is_final, own_identities, scores_of
from grader.gradebook.model import Course

FILE = "canvas.csv"
COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")

_POINTS_POSSIBLE = "Points Possible"
_UNTITLED = "Assignment"
_UNKNOWN = "no ID, SIS user ID or login of Canvas is known that is nobody else's here; a roster from Canvas has it"


def canvas_csv(course: Course) -> str:
    """The column of this assignment for everybody with a final score whom Canvas can tell."""
    heading = (*COLUMNS, guarded(course.title) or _UNTITLED)
    possible = (f"    {_POINTS_POSSIBLE}", "", "", "", "", number(course.max_score))
    rows: list[Sequence[str]] = [heading, possible]
    known = own_identities(course, _identity)
    for grade in course.grades:
        identity = known[grade.student.key]
        if is_final(grade) and any(identity):
            section = guarded(grade.student.section)
            rows.append((_name(grade.student), *identity, section, number(scores_of(grade).score)))
    return table(rows)


def left_out_of_canvas(course: Course) -> Iterator[LeftOut]:
    """Students with a final score whom Canvas couldn't tell."""
    known = own_identities(course, _identity)
    for grade in course.grades:
        if is_final(grade) and not any(known[grade.student.key]):
            yield LeftOut(FILE, grade.student, _UNKNOWN)


def _identity(student: Student) -> tuple[str, str, str]:
    known = student.ids.get("canvas", "")
    number_of = known if known.isascii() and known.isdecimal() else ""
    return number_of, exact(student.ids.get("sis", "")) or "", exact(student.ids.get("login", "")) or ""


def _name(student: Student) -> str:
    name = guarded(student.shown)
    return guarded(student.key).replace(_POINTS_POSSIBLE, "") if _POINTS_POSSIBLE in name else name
