"""Writes what follows from a gradebook: pages for students, the report on the class, tables, files for the LMS."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.catalog.find import Catalog
from grader.catalog.load import load
from grader.classroom.listing import OUTPUT_MARKER
from grader.errors import UsageError
from grader.exports.write import write_exports
from grader.gradebook.model import Course
from grader.gradebook.store import Gradebook
from grader.model.visible import visible
from grader.pages.class_report import class_report
from grader.pages.names import student_file
from grader.pages.student import student_page

CLASS_REPORT = "class.html"


def write_output(gradebook: Gradebook, folder: Path, catalog: Catalog) -> None:
    """Write everything; formulas are shown of the problems that are in the catalog.

    Raises:
        UsageError: the folder can't be written.
    """
    course = with_formulas(gradebook.course(), catalog)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / OUTPUT_MARKER).touch()
        for grade in course.grades:
            page = student_page(grade, course, gradebook.answers(grade.student.key))
            _write(folder / student_file(grade.student.key), page)
        _write(folder / CLASS_REPORT, class_report(course))
        write_exports(course, folder)
    except OSError as error:
        raise UsageError(f"{visible(str(error.filename or folder))} can't be written: {error.strerror}.") from error


def with_formulas(course: Course, catalog: Catalog) -> Course:
    """The course with the printed formulas of its problems."""
    named = {name for name, _, _, _ in course.problems}
    formulas = {place.id: load(place).problem.latex for place in catalog.places if place.id in named}
    return replace(course, formulas=formulas)


def _write(path: Path, text: str) -> None:
    """Whole or not at all, so that nobody reads half a page."""
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    partial.replace(path)
