"""Files for people, course systems and programs, made from the gradebook. docs/exports.md describes them."""

from __future__ import annotations

from grader.exports.canvas import canvas_csv
from grader.exports.gradebook import gradebook_csv
from grader.exports.gradescope import gradescope_results
from grader.exports.lines import json_lines
from grader.exports.moodle import moodle_csv
from grader.exports.scores import LeftOut
from grader.exports.workbook import gradebook_xlsx
from grader.exports.write import write_exports

__all__ = [
    "LeftOut",
    "canvas_csv",
    "gradebook_csv",
    "gradebook_xlsx",
    "gradescope_results",
    "json_lines",
    "moodle_csv",
    "write_exports",
]
