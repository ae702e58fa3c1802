"""All files at once, whole or not at all."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from grader.classroom import read_class
from grader.classroom.model import Student
from grader.errors import UsageError
from grader.exports import write_exports
from grader.gradebook.model import Grade
from tests.exports.samples import course, graded, hostile, unfinished

FILES = ["canvas.csv", "gradebook.csv", "gradebook.jsonl", "gradebook.xlsx", "gradescope", "left-out.csv", "moodle.csv"]


def visible_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_every_export_is_written(tmp_path):
    write_exports(hostile("=1\n\ud800"), tmp_path / "new" / "exports")
    assert visible_names(tmp_path / "new" / "exports") == FILES
    assert len(list((tmp_path / "new" / "exports" / "gradescope").iterdir())) == 3


def test_everybody_who_is_left_out_is_listed_with_the_reason(tmp_path):
    left_out = write_exports(course(*unfinished()[:1], graded(Student("anna", "=Anna"))), tmp_path)
    assert [(each.export, each.student.key) for each in left_out] == [
        ("", "f"), ("canvas.csv", "anna"), ("moodle.csv", "anna"),
    ]  # fmt: skip
    with (tmp_path / "left-out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1] == [
        "all", "f", "Failed", "could not be graded, through no fault of the student's: ended two workers",
    ]  # fmt: skip
    assert rows[2][:3] == ["canvas.csv", "anna", "'=Anna"]


def test_results_of_students_who_are_gone_are_removed(tmp_path):
    write_exports(course(graded(Student("anna"), "submission_1"), graded(Student("ben"), "submission_2")), tmp_path)
    write_exports(course(graded(Student("anna"), "submission_3")), tmp_path)
    (results,) = (tmp_path / "gradescope").iterdir()
    assert results.name.startswith("submission_3-")
    assert json.loads(results.read_text())["score"] == 8.5


def test_members_of_a_group_have_results_of_their_own(tmp_path):
    write_exports(course(graded(Student("anna"), "submission_1"), graded(Student("ben"), "submission_1")), tmp_path)
    assert len(list((tmp_path / "gradescope").iterdir())) == 2


def test_a_score_that_is_no_longer_final_leaves_no_old_results(tmp_path):
    grade = graded(Student("anna"))
    write_exports(course(grade), tmp_path)
    write_exports(course(replace(grade, state=unfinished()[0].state)), tmp_path)
    (results,) = (tmp_path / "gradescope").iterdir()
    assert "score" not in json.loads(results.read_text())


def test_the_folder_is_no_submission(tmp_path):
    (tmp_path / "anna.py").write_text("x = 1\n")
    write_exports(course(), tmp_path / "exports")
    assert [entry.student.key for entry in read_class(tmp_path).entries] == ["anna"]


def test_nothing_is_replaced_where_not_everything_can_be_written(tmp_path):
    write_exports(course(graded(Student("anna"))), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    (tmp_path / "moodle.csv.unfinished").mkdir()
    with pytest.raises(UsageError, match="can't be written"):
        write_exports(course(graded(Student("ben"))), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_a_folder_that_can_not_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="can't be written: Not a directory"):
        write_exports(course(), tmp_path / "file" / "exports")


def test_a_class_of_hundreds_is_written_with_names_that_files_can_have(tmp_path):
    names = ["", ".", "..", "/", "a/../b", "x" * 5000, "\0", "NUL", "ä" * 300]
    grades: list[Grade] = [graded(Student(name, name), name) for name in names]
    write_exports(course(*grades), tmp_path)
    assert len(list((tmp_path / "gradescope").iterdir())) == len(names)
