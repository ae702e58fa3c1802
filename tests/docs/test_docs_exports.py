"""What docs/exports.md and docs/class-folders.md say of columns, keys and headings is what the code has."""

from __future__ import annotations

import json
import re
from pathlib import Path

from grader.classroom.model import Layout, Student
from grader.classroom.roster import HEADINGS
from grader.exports import canvas, gradescope_results, json_lines, moodle, workbook, write_exports
from grader.exports.gradebook import COLUMNS
from tests.exports.samples import course, graded, overridden

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXPORTS = (DOCS / "exports.md").read_text(encoding="utf-8")
FOLDERS = (DOCS / "class-folders.md").read_text(encoding="utf-8")
GRADE = overridden(graded(Student("anna")))


def section(title: str) -> str:
    return EXPORTS.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> list[str]:
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


def test_every_column_of_the_gradebook_is_described_in_order():
    assert tuple(first_cells(section("gradebook.csv and the sheet `scores`"))) == COLUMNS


def test_every_column_of_the_other_sheets_is_named():
    text = section("The other sheets of gradebook.xlsx")
    named = set(re.findall(r"`(\w+)`", text))
    assert named >= {*workbook.PROBLEMS, *workbook.MISCONCEPTIONS, *workbook.OVERRIDES}


def test_every_column_for_course_systems_is_named():
    assert [name for name in canvas.COLUMNS if f"`{name}`" not in section("canvas.csv")] == []
    assert [name for name in moodle.COLUMNS if f"`{name}`" not in section("moodle.csv")] == []


def test_every_key_of_a_line_is_described():
    line = json.loads(json_lines(course(GRADE)))
    assert set(first_cells(section("gradebook.jsonl"))) == {*line, *line["problems"][0]}
    inner = {*line["submission"], *line["problems"][0]["override"]}
    assert [key for key in inner if f"`{key}`" not in section("gradebook.jsonl")] == []


def test_every_key_for_gradescope_is_described():
    results = gradescope_results(GRADE, course())
    text = section("gradescope/NAME.json")
    assert set(first_cells(text)) == set(results)
    assert [key for key in results["tests"][0] if f"`{key}`" not in text] == []


def test_every_file_is_listed(tmp_path):
    write_exports(course(GRADE), tmp_path)
    names = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")}
    table = EXPORTS.split("\n\n**")[0]
    assert [name for name in names if f"`{name}" not in table] == []


def test_every_heading_and_layout_is_listed():
    rows = [", ".join(f"`{heading}`" for heading in headings) for headings in HEADINGS.values()]
    assert [row for row in rows if f"| {row} |" not in FOLDERS] == []
    assert [layout.value for layout in Layout if f"| `{layout.value}` |" not in FOLDERS] == []
