"""Grades in the form of Moodle's offline grading worksheet, which the assignment and the gradebook import.

As read by `mod/assign/feedback/offline` of moodle/moodle: it finds a student by the number in `Identifier`, and skips a
line whose grade is empty. The gradebook's own import finds one by `Email address` or `ID number`. These are written as
they are, and left empty where they would act in a spreadsheet; the name is for people. There is no column for feedback:
an empty one would erase what is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.classroom.model import Student
from grader.exports.cells import exact, guarded, number, table
from grader.exports.scores import LeftOut, is_final, own_identities, scores_of
from grader.gradebook.model import Course

FILE = "moodle.csv"
COLUMNS = (
    "Identifier",
    "Full name",
    "ID number",
    "Email address",
    "Grade",
    "Maximum Grade",
    "Last modified (grade)",
)

_PARTICIPANT = "Participant "
_NEVER = "-"
_UNKNOWN = "no number, ID number or e-mail address of Moodle is known that is nobody else's here; a roster has it"


def moodle_csv(course: Course) -> str:
    """The grades of everybody with a final score whom Moodle can tell."""
    rows = [COLUMNS]
    known = own_identities(course, _identity)
    for grade in course.grades:
        identifier, sis, email = known[grade.student.key]
        if is_final(grade) and (identifier or sis or email):
            name, score = guarded(grade.student.shown), number(scores_of(grade).score)
            rows.append((identifier, name, sis, email, score, number(course.max_score), _NEVER))
    return table(rows)


def left_out_of_moodle(course: Course) -> Iterator[LeftOut]:
    """Students with a final score whom Moodle couldn't tell."""
    known = own_identities(course, _identity)
    for grade in course.grades:
        if is_final(grade) and not any(known[grade.student.key]):
            yield LeftOut(FILE, grade.student, _UNKNOWN)


def _identity(student: Student) -> tuple[str, str, str]:
    known = student.ids.get("moodle", "")
    identifier = _PARTICIPANT + known if known.isascii() and known.isdecimal() else ""
    return identifier, exact(student.ids.get("sis", "")) or "", exact(student.email) or ""
