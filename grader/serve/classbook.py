"""What the pages show of a whole class: read once, and afterwards only as far as it has changed."""

from __future__ import annotations

from dataclasses import dataclass

from grader.gradebook.model import Course, Grade
from grader.gradebook.stamps import Stamps
from grader.gradebook.store import Gradebook
from grader.pages.class_report import class_report
from grader.pages.names import student_file
from grader.serve.kept import Kept
from grader.serve.listing import Listed, listed

MOST_SINGLY = 150
"""Grades that are read one by one; for more of them the whole gradebook is read, which takes less time."""


@dataclass(frozen=True, slots=True)
class Book:
    """A class as it stood at one moment."""

    stamps: Stamps
    course: Course
    students: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The report on a class as it stood at one moment."""

    course: Course
    page: str


class Classbook:
    """A gradebook's class, and the report on it, as fresh as can be without anybody waiting for long."""

    def __init__(self, gradebook: Gradebook) -> None:
        self._gradebook = gradebook
        self._book = Kept(self._read)
        self._report = Kept(self._write)

    def book(self, *, is_fresh: bool = False) -> tuple[Book, bool]:
        """The class, and whether it is up to date, which it always is where it has to be `is_fresh`.

        Raises:
            GradebookError: the gradebook can't be read.
        """
        return self._book.get(None) if is_fresh else self._book.get()

    def report(self) -> tuple[str, bool]:
        """The report on the class, and whether it is up to date.

        Raises:
            GradebookError: the gradebook can't be read.
        """
        report, is_current = self._report.get()
        return report.page, is_current

    def begin(self) -> None:
        """Read the gradebook before anybody asks."""
        self._report.begin()

    def close(self) -> None:
        """Read nothing more."""
        self._report.close()
        self._book.close()

    def _read(self, before: Book | None) -> Book:
        stamps = self._gradebook.stamps()
        if before is not None and stamps == before.stamps:
            return before
        course = _course(stamps, self._grades(stamps, before))
        known = {} if before is None else {id(each.grade): each for each in before.students}
        students = tuple(known.get(id(grade)) or listed(grade, course) for grade in course.grades)
        return Book(stamps, course, students)

    def _grades(self, stamps: Stamps, before: Book | None) -> tuple[Grade, ...]:
        """Everybody's grades: those that have not changed are the ones from before."""
        known = {} if before is None or before.stamps.facts != stamps.facts else _unchanged(before, stamps)
        if len(stamps.of_students) - len(known) > MOST_SINGLY:
            return self._gradebook.course().grades
        return tuple(known.get(key) or self._gradebook.grade(key) for key in stamps.of_students)

    def _write(self, before: Report | None) -> Report:
        book, _ = self._book.get(None)
        if before is not None and before.course is book.course:
            return before
        return Report(book.course, class_report(book.course, link=address_of))


def address_of(key: str) -> str:
    """Where a student's page is, seen from the report and the list."""
    return student_file(key).removesuffix(".html")


def _unchanged(before: Book, stamps: Stamps) -> dict[str, Grade]:
    old = before.stamps.of_students
    return {
        grade.student.key: grade
        for grade in before.course.grades
        if old.get(grade.student.key) == stamps.of_students.get(grade.student.key)
    }


def _course(stamps: Stamps, grades: tuple[Grade, ...]) -> Course:
    facts = stamps.facts
    return Course(
        facts.title,
        facts.max_score,
        facts.problems,
        grades,
        facts.notices,
        facts.due,
        stamps.updated_at,
        facts.formulas,
    )
