"""The files of grader.exports that concern the whole class, made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.exports import canvas_csv, gradebook_csv, gradebook_xlsx, json_lines, moodle_csv
from grader.gradebook.model import Course

_BYTE_ORDER_MARK = "\ufeff"
"""By which a spreadsheet knows that a file is UTF-8."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file."""

    purpose: str
    media_type: str
    content: Callable[[Course], bytes]


_CSV = "text/csv; charset=utf-8"

DOWNLOADS: Mapping[str, Download] = {
    "gradebook.xlsx": Download(
        "for a spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        gradebook_xlsx,
    ),
    "gradebook.csv": Download("one line per student", _CSV, lambda c: (_BYTE_ORDER_MARK + gradebook_csv(c)).encode()),
    "gradebook.jsonl": Download("for programs", "application/jsonl", lambda course: json_lines(course).encode("ascii")),
    "canvas.csv": Download("to import in Canvas", _CSV, lambda course: canvas_csv(course).encode()),
    "moodle.csv": Download("to import in Moodle", _CSV, lambda course: moodle_csv(course).encode()),
}
