"""The gradebook as CSV and XLSX, and the files that course systems import."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.classroom.model import Student
from grader.exports import canvas_csv, gradebook_csv, gradebook_xlsx, moodle_csv
from grader.exports.canvas import left_out_of_canvas
from grader.exports.cells import guarded
from grader.exports.gradebook import TEXTS
from grader.exports.moodle import left_out_of_moodle
from grader.gradebook.model import Course, Grade, Override, State
from grader.model.visible import visible
from tests.exports.samples import AT, course, graded, hostile, overridden, report, unfinished

FEW = settings(max_examples=40, deadline=None)
ACTING = (
    "=cmd|' /C calc'!A0",
    "+1",
    "@x",
    "\t=1",
    "\r",
    "a\r\nb,c\n",
    '"',
    "<b>&amp;</b>",
    "<r>1</r>",
    "\ud800",
    "\x1b[31m",
    "\0",
    "",
)
OTHERS = ("1", "2", "345", "346", "anna@uni.edu", "zoe@uni.edu")
"""By which course systems find the harmless ones."""

CELL = (st.text() | st.sampled_from(ACTING)).filter(lambda text: text not in OTHERS)


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def sheet(data: bytes, name: str) -> list[dict[str, object]]:
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    headings, *rows = workbook[name].iter_rows()
    assert all(cell.data_type != "f" for row in rows for cell in row)
    return [dict(zip([cell.value for cell in headings], [cell.value for cell in row], strict=True)) for row in rows]


def others(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if (row.get("key") or row.get("Student") or row.get("Full name")) in KNOWN]


KNOWN = ("anna", "zoe", "Anna", "Zoe", "    Points Possible")
HARMLESS = hostile("ben")


def test_the_gradebook_has_a_line_for_each_student_and_a_column_for_each_problem():
    grade = replace(overridden(graded(Student("anna", "Anna", ids={"canvas": "1"}))), late_factor=0.9)
    (row,) = records(gradebook_csv(course(grade)))
    assert row == {
        "key": "anna", "name": "Anna", "email": "", "section": "", "canvas": "1", "sis": "", "login": "", "moodle": "",
        "gradescope": "", "github": "", "on_roster": "yes", "submission": "hw.py",
        "submitted_at": "2026-01-09T10:28:53+00:00", "state": "graded", "points": "10", "late_factor": "0.9",
        "score": "9", "max_score": "10", "overridden": "layer_norm", "fault": "", "layer_norm": "4", "ppo_loss": "6",
    }  # fmt: skip


@FEW
@given(CELL)
@example("anna")
def test_a_string_in_the_gradebook_changes_its_own_cells_only(text):
    rows, harmless = records(gradebook_csv(hostile(text))), records(gradebook_csv(HARMLESS))
    assert (len(rows), rows[0], rows[2]) == (3, harmless[0], harmless[2])
    strange, plain = rows[1], harmless[1]
    assert {name: strange[name] for name in strange if name not in TEXTS} == {
        name: plain[name] for name in plain if name not in TEXTS
    }
    assert {strange[name] for name in TEXTS - {"overridden"}} == {guarded(text)}


@pytest.mark.parametrize("export", [gradebook_csv, canvas_csv, moodle_csv])
@pytest.mark.parametrize("grade", unfinished(), ids=lambda grade: f"{grade.state.value}_{grade.report is not None}")
def test_what_is_not_final_is_never_a_zero(export, grade):
    rows = records(export(course(graded(Student("anna", "Anna", ids={"canvas": "1", "moodle": "1"})), grade)))
    own = [row for row in rows if grade.student.name in row.values()]
    assert [
        row[key] for row in own for key in row if key in ("points", "score", "Grade", "layer_norm", "ppo_loss")
    ] == ([""] * 4 if export is gradebook_csv else [])


def test_what_is_not_final_is_empty_in_the_workbook_and_counts_in_no_figure():
    data = gradebook_xlsx(course(graded(Student("anna", "Anna")), *unfinished()))
    scores = {row["key"]: row for row in sheet(data, "scores")}
    assert {scores["f"][name] for name in ("points", "score", "layer_norm", "ppo_loss")} == {None}
    assert {scores["w"][name] for name in ("points", "score", "layer_norm", "ppo_loss")} == {None}
    assert [row["graded"] for row in sheet(data, "problems")] == [1, 1]


def test_graded_without_a_report_or_with_points_that_are_no_number_is_not_final():
    grade = graded(Student("anna", "Anna", ids={"canvas": "1"}))
    for odd in (replace(grade, report=None), overridden(grade, points=float("nan"))):
        assert records(gradebook_csv(course(odd)))[0]["score"] == ""
        assert [row["Student"] for row in records(canvas_csv(course(odd)))] == ["    Points Possible"]


@pytest.mark.parametrize("state", [State.MISSING, State.UNREADABLE])
def test_who_handed_in_nothing_has_zero(state):
    (row,) = records(gradebook_csv(course(Grade(Student("anna"), state))))
    assert (row["score"], row["layer_norm"]) == ("0", "0")


def test_a_problem_that_was_not_graded_is_empty():
    half = replace(report(), problems=report().problems[:1])
    (row,) = records(gradebook_csv(course(replace(graded(Student("anna")), report=half))))
    assert (row["layer_norm"], row["ppo_loss"]) == ("2.5", "")


def test_canvas_gets_identities_and_one_column():
    ids = {"canvas": "11", "sis": "s11", "login": "jdoe"}
    text = canvas_csv(course(graded(Student("11", "Doe, Jane", "", ids, "A"))))
    assert text == (
        "Student,ID,SIS User ID,SIS Login ID,Section,Homework 1\r\n"
        "    Points Possible,,,,,10\r\n"
        '"Doe, Jane",11,s11,jdoe,A,8.5\r\n'
    )


def test_canvas_takes_no_student_for_the_line_of_points_possible():
    rows = records(canvas_csv(course(graded(Student("11", "My Points Possible", ids={"canvas": "11"})))))
    assert [row["Student"] for row in rows] == ["    Points Possible", "11"]


def test_students_whom_canvas_could_only_find_by_name_are_left_out_and_listed():
    grades = course(graded(Student("anna", "Anna", ids={"login": "=cmd|x"})))
    assert [row["Student"] for row in records(canvas_csv(grades))] == ["    Points Possible"]
    assert [(each.student.key, each.export) for each in left_out_of_canvas(grades)] == [("anna", "canvas.csv")]


@FEW
@given(CELL)
def test_a_string_changes_nothing_else_that_canvas_reads(text):
    rows = records(canvas_csv(hostile(text)))
    assert others(rows)[:1] + others(rows)[-2:] == others(records(canvas_csv(HARMLESS)))
    assert all(row["SIS User ID"] in ("", text) and row["SIS Login ID"] in ("", text) for row in rows)
    left_out = [each.student.name for each in left_out_of_canvas(hostile(text))]
    assert len(rows) + len(left_out) == 4


def test_moodle_gets_the_number_of_the_participant():
    student = Student("345", "Jane Doe", "jane@uni.edu", {"moodle": "345", "sis": "s11"})
    text = moodle_csv(course(graded(student)))
    assert text == (
        "Identifier,Full name,ID number,Email address,Grade,Maximum Grade,Last modified (grade)\r\n"
        "Participant 345,Jane Doe,s11,jane@uni.edu,8.5,10,-\r\n"
    )


def test_students_whom_moodle_can_not_tell_are_left_out_and_listed():
    grades = course(graded(Student("anna", "Anna")))
    assert records(moodle_csv(grades)) == []
    assert [each.student.key for each in left_out_of_moodle(grades)] == ["anna"]


@FEW
@given(CELL)
def test_a_string_changes_nothing_else_that_moodle_reads(text):
    rows = records(moodle_csv(hostile(text)))
    assert [row for row in rows if row["Identifier"] in ("Participant 345", "Participant 346")][:1] == (
        others(records(moodle_csv(HARMLESS)))[:1]
    )
    assert all(row["Email address"] in ("", text, "anna@uni.edu", "zoe@uni.edu") for row in rows)
    assert len(rows) + len(list(left_out_of_moodle(hostile(text)))) == 3


def test_the_workbook_has_four_sheets_with_frozen_headings_and_fitting_columns():
    workbook = openpyxl.load_workbook(io.BytesIO(gradebook_xlsx(course(graded(Student("anna", "A" * 30))))))
    assert workbook.sheetnames == ["scores", "problems", "misconceptions", "overrides"]
    assert [workbook[name].freeze_panes for name in workbook.sheetnames] == ["C2", "B2", "C2", "C2"]
    assert workbook["scores"].column_dimensions["B"].width > 30


def test_the_workbook_tells_of_problems_misconceptions_and_overrides():
    grades = (graded(Student("anna", "Anna")), overridden(graded(Student("ben", "Ben"))))
    data = gradebook_xlsx(course(*grades))
    assert sheet(data, "problems")[0] == {
        "problem": "layer_norm", "title": "Layer normalisation", "question": 12, "points": 4, "graded": 2, "mean": 3.25,
        "full_marks": 1, "no_points": 0, "grader_errors": 0,
    }  # fmt: skip
    assert sheet(data, "misconceptions") == [
        {"problem": "layer_norm", "misconception": "sums", "students": 2, "proven": 0}
    ]
    assert sheet(data, "overrides") == [{
        "key": "ben", "name": "Ben", "problem": "layer_norm", "points": 4, "graded_points": 2.5,
        "comment": "A good idea.", "author": "ta", "at": "2026-01-09T10:28:53+00:00",
    }]  # fmt: skip


def test_numbers_are_numbers_in_the_workbook():
    (row,) = sheet(gradebook_xlsx(course(graded(Student("1", "2", ids={"canvas": "11"})))), "scores")
    assert (row["key"], row["name"], row["canvas"], row["score"], row["layer_norm"]) == ("1", "2", "11", 8.5, 2.5)


@settings(max_examples=15, deadline=None)
@given(CELL)
@example("http://a.b/")
@example("=1+1")
@example("_x0041_")
@example("<r><t>x</t></r>")
@example("<r></si></sst></r>")
def test_a_string_in_the_workbook_is_a_string(text):
    scores = sheet(gradebook_xlsx(hostile(text)), "scores")
    harmless = sheet(gradebook_xlsx(HARMLESS), "scores")
    assert (scores[0], scores[2]) == (harmless[0], harmless[2])
    assert {scores[1][name] for name in ("key", "name", "email", "fault", "github")} == {visible(text) or None}
    (override,) = sheet(gradebook_xlsx(hostile(text)), "overrides")
    assert (override["comment"], override["points"]) == (visible(text) or None, 4)


def test_the_workbook_holds_no_links_and_is_the_same_each_time():
    data = gradebook_xlsx(hostile("http://a.b/"))
    assert data == gradebook_xlsx(hostile("http://a.b/"))
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert [name for name in names if "sheets/_rels" in name] == []


def test_an_override_of_an_ungraded_problem_counts():
    grade = replace(graded(Student("anna")), overrides={"ppo_loss": Override("ppo_loss", 1.0, "", "ta", AT)})
    (row,) = records(gradebook_csv(Course("t", 10.0, course().problems, (grade,))))
    assert (row["ppo_loss"], row["points"]) == ("1", "3.5")


def test_an_identity_that_two_students_have_tells_neither():
    """One may be the other under an older key, with a score that is outdated; the last line of a file would win."""
    ids = {"canvas": "11", "moodle": "345"}
    grades = course(
        graded(Student("11", "Jane", ids={**ids, "login": "jane"})),
        Grade(Student("jane", "Jane", ids=ids), State.MISSING),
        graded(Student("zoe", "Zoe", ids={"canvas": "12", "moodle": "346"})),
    )
    assert [(row["ID"], row["SIS Login ID"]) for row in records(canvas_csv(grades))[1:]] == [("", "jane"), ("12", "")]
    assert [row["Identifier"] for row in records(moodle_csv(grades))] == ["Participant 346"]
    assert [each.student.key for each in left_out_of_canvas(grades)] == ["jane"]
    assert [each.student.key for each in left_out_of_moodle(grades)] == ["11", "jane"]


def test_an_assignment_without_a_title_has_a_column_in_canvas():
    assert canvas_csv(course(title="")).splitlines()[0].endswith(",Section,Assignment")
