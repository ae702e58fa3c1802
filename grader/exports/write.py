"""Writes all exports into a folder: everything is made first, and no file is ever seen half-written."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from grader.classroom.listing import OUTPUT_MARKER
from grader.errors import UsageError
from grader.exports import canvas, moodle
from grader.exports.canvas import canvas_csv, left_out_of_canvas
from grader.exports.cells import guarded, table
from grader.exports.gradebook import gradebook_csv
from grader.exports.gradescope import gradescope_results
from grader.exports.lines import json_lines
from grader.exports.moodle import left_out_of_moodle, moodle_csv
from grader.exports.scores import LeftOut, not_final
from grader.exports.workbook import gradebook_xlsx
from grader.gradebook.model import Course, Grade
from grader.intake.text import printable

GRADESCOPE = "gradescope"
LEFT_OUT = "left-out.csv"

_BYTE_ORDER_MARK = "\ufeff"
_UNFINISHED = ".unfinished"


def write_exports(course: Course, folder: Path) -> tuple[LeftOut, ...]:
    """Write every export of docs/exports.md into a folder, which is made if need be; older ones are replaced.

    Returns:
        Everybody whom some export leaves out, as in `left-out.csv`.

    Raises:
        UsageError: the folder can't be written.
    """
    left_out = tuple(chain(not_final(course), left_out_of_canvas(course), left_out_of_moodle(course)))
    contents = _contents(course, left_out)
    try:
        (folder / GRADESCOPE).mkdir(parents=True, exist_ok=True)
        _write_all(folder, contents)
        for outdated in (folder / GRADESCOPE).glob("*.json"):
            if f"{GRADESCOPE}/{outdated.name}" not in contents:
                outdated.unlink()
    except OSError as error:
        raise UsageError(f"{printable(str(folder))} can't be written: {error.strerror}.") from error
    return left_out


def results_name(grade: Grade) -> str:
    """Name of a student's `results.json`: the submission's, as far as it can be, and what makes it the student's."""
    label = grade.submitted.label if grade.submitted else grade.student.key
    plain = re.sub(r"[^0-9A-Za-z_]+", "-", label)[:60].strip("-")
    own = hashlib.sha256(grade.student.key.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{plain}-{own}.json" if plain else f"{own}.json"


def _contents(course: Course, left_out: tuple[LeftOut, ...]) -> dict[str, bytes]:
    """Every file by its path in the folder. By the mark at its beginning a spreadsheet knows that it is UTF-8."""
    files = {
        OUTPUT_MARKER: b"",
        "gradebook.csv": (_BYTE_ORDER_MARK + gradebook_csv(course)).encode(),
        "gradebook.xlsx": gradebook_xlsx(course),
        "gradebook.jsonl": json_lines(course).encode("ascii"),
        canvas.FILE: canvas_csv(course).encode(),
        moodle.FILE: moodle_csv(course).encode(),
        LEFT_OUT: (_BYTE_ORDER_MARK + _left_out_csv(left_out)).encode(),
    }
    for grade in course.grades:
        results = json.dumps(gradescope_results(grade, course), indent=1, allow_nan=False) + "\n"
        files[f"{GRADESCOPE}/{results_name(grade)}"] = results.encode("ascii")
    return files


def _left_out_csv(left_out: tuple[LeftOut, ...]) -> str:
    rows = [(each.export or "all", each.student.key, each.student.name, each.reason) for each in left_out]
    return table([("export", "key", "name", "reason"), *([guarded(cell) for cell in row] for row in rows)])


def _write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write all under other names first, so that a full disk leaves the older files as they are."""
    unfinished = {folder / name: folder / f"{name}{_UNFINISHED}" for name in contents}
    try:
        for path, content in zip(unfinished.values(), contents.values(), strict=True):
            with path.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        for path, written in unfinished.items():
            written.replace(path)
    finally:
        for written in unfinished.values():
            written.unlink(missing_ok=True)
