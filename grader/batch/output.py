"""Writes what follows from a gradebook: pages for students, the report on the class, tables, files for the LMS."""

from __future__ import annotations

from pathlib import Path

from grader.classroom.listing import OUTPUT_MARKER
from grader.errors import UsageError
from grader.exports.write import write_exports
from grader.gradebook.store import Gradebook
from grader.model.visible import visible
from grader.pages.class_report import class_report
from grader.pages.names import student_file
from grader.pages.student import student_page

CLASS_REPORT = "class.html"


def write_output(gradebook: Gradebook, folder: Path) -> None:
    """Write everything.

    Raises:
        UsageError: the folder can't be written.
    """
    course = gradebook.course()
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


def _write(path: Path, text: str) -> None:
    """Whole or not at all, so that nobody reads half a page."""
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
