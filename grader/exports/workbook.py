"""The gradebook as a workbook (XLSX): scores, problems, misconceptions, overrides, each on a sheet of its own.

Strings are written as strings, so nothing in them is a formula, a link or markup.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from statistics import fmean

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from grader.exports.cells import DIGITS, moment
from grader.exports.gradebook import COLUMNS, row
from grader.exports.scores import Scores, scores_of
from grader.gradebook.model import Course, Grade
from grader.model.verdict import Outcome
from grader.model.visible import visible

Cell = str | float | int | None

PROBLEMS = ("problem", "title", "question", "points", "graded", "mean", "full_marks", "no_points", "grader_errors")
MISCONCEPTIONS = ("problem", "misconception", "students", "proven")
OVERRIDES = ("key", "name", "problem", "points", "graded_points", "comment", "author", "at")

WIDEST = 50
"""Characters of a column; longer cells are cut off in view, and are whole when clicked."""

_NUMBERS = frozenset({"points", "late_factor", "score", "max_score"})
_MADE = datetime(2000, 1, 1)
"""When every workbook says that it was made, so that the same grades give the same bytes."""


def gradebook_xlsx(course: Course) -> bytes:
    """The workbook; the same gradebook gives the same bytes."""
    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(data, options) as workbook:
        workbook.set_properties({"created": _MADE})
        problems = [name for name, *_ in course.problems]
        _sheet(workbook, "scores", (*COLUMNS, *problems), _scores(course, problems), frozen=2)
        _sheet(workbook, "problems", PROBLEMS, _problems(course), frozen=1)
        _sheet(workbook, "misconceptions", MISCONCEPTIONS, _misconceptions(course), frozen=2)
        _sheet(workbook, "overrides", OVERRIDES, _overrides(course), frozen=2)
    return data.getvalue()


def _sheet(workbook: Workbook, name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], frozen: int) -> None:
    sheet = workbook.add_worksheet(name)
    plain, bold = workbook.add_format(), workbook.add_format({"bold": True})
    widths = [len(column) for column in columns]
    for at, column in enumerate(columns):
        _write_text(sheet, 0, at, visible(column), bold)
    last = 0
    for last, cells in enumerate(rows, start=1):
        for at, cell in enumerate(cells):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                text = visible(cell)
                _write_text(sheet, last, at, text, plain)
                widths[at] = max(widths[at], len(text))
            else:
                sheet.write_number(last, at, round(cell, DIGITS))
    for at, width in enumerate(widths):
        sheet.set_column(at, at, min(width, WIDEST) + 2)
    sheet.freeze_panes(1, frozen)
    sheet.autofilter(0, 0, last, len(columns) - 1)


def _write_text(sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
    """Write a string. One between `<r>` and `</r>` XlsxWriter would take for XML and copy; in two parts it is text."""
    if text.startswith("<r>") and text.endswith("</r>"):
        sheet.write_rich_string(row, column, look, text[0], look, text[1:])
    else:
        sheet.write_string(row, column, text, look)


def _scores(course: Course, problems: Sequence[str]) -> Iterator[Sequence[Cell]]:
    for grade in course.grades:
        scores = scores_of(grade)
        numbers: dict[str, Cell] = {
            "points": scores.points,
            "late_factor": grade.late_factor,
            "score": scores.score,
            "max_score": course.max_score,
        }
        texts = zip(COLUMNS, row(course, grade, scores), strict=True)
        known = [numbers[column] if column in _NUMBERS else text for column, text in texts]
        yield (*known, *(scores.problem(problem) for problem in problems))


def _problems(course: Course) -> Iterator[Sequence[Cell]]:
    """What a class reached in each problem; students without a final score are left out of all figures."""
    handed_in = [scores for _, scores in _handed_in(course)]
    for name, title, question, points in course.problems:
        reached = [score for scores in handed_in if (score := scores.problem(name)) is not None]
        reports = [scores.reports[name] for scores in handed_in if name in scores.reports]
        yield (
            name, title, question, points, len(reached), fmean(reached) if reached else None,
            sum(score >= points for score in reached), sum(score <= 0 for score in reached),
            sum(report.outcome is Outcome.GRADER_ERROR for report in reports),
        )  # fmt: skip


def _handed_in(course: Course) -> list[tuple[Grade, Scores]]:
    """Everybody with a final score and a report."""
    known = [(grade, scores_of(grade)) for grade in course.grades if grade.report is not None]
    return [(grade, scores) for grade, scores in known if scores.final]


def _misconceptions(course: Course) -> Iterator[Sequence[Cell]]:
    """How many students have each misconception, the most frequent first."""
    students: dict[tuple[str, str], dict[str, bool]] = {}
    for grade, scores in _handed_in(course):
        for problem in scores.reports.values():
            for verdict in problem.verdicts:
                if verdict.misconception:
                    by_student = students.setdefault((problem.id, verdict.misconception), {})
                    by_student[grade.student.key] = by_student.get(grade.student.key, False) or verdict.proven
    for (problem_id, name), proven in sorted(students.items(), key=lambda item: (-len(item[1]), item[0])):
        yield problem_id, name, len(proven), sum(proven.values())


def _overrides(course: Course) -> Iterator[Sequence[Cell]]:
    for grade in course.grades:
        reports = scores_of(grade).reports
        for name, override in sorted(grade.overrides.items()):
            report = reports.get(name)
            points = report.score if report else None
            who = (grade.student.key, grade.student.name)
            yield (*who, name, override.points, points, override.comment, override.author, moment(override.at))
