"""Several files that were handed in together are one submission."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from grader.errors import NothingToGrade, UnreadableSubmission
from grader.intake import read_files
from grader.intake.bounds import Bounds
from grader.model.submission import Submission


def written(path: Path, content: str = "x = 1\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def packed(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.py", content)
    return path


def paths(submission: Submission) -> list[str]:
    return [file.path for file in submission.files]


def messages(submission: Submission) -> list[str]:
    return [str(notice) for notice in submission.notices]


def test_files_lie_beside_each_other_under_the_names_that_the_student_gave(tmp_path):
    first, second = written(tmp_path / "upload_1"), written(tmp_path / "upload_2")
    submission = read_files("jane", [("hw.py", first), ("data.csv", second)])
    assert (submission.name, paths(submission)) == ("jane", ["data.csv", "hw.py"])
    assert [source.module for source in submission.sources] == ["hw"]
    assert submission.notices == ()


def test_archives_and_folders_among_them_are_read_into_folders_of_their_own(tmp_path):
    archive = packed(tmp_path / "1", a="x = 1\n", b="y = 1\n")
    folder = written(tmp_path / "src" / "c.py").parent
    submission = read_files("jane", [("part.zip", archive), ("src", folder), ("d.py", written(tmp_path / "d.py"))])
    assert paths(submission) == ["d.py", "part/a.py", "part/b.py", "src/c.py"]


def test_files_of_one_name_are_both_read_and_that_is_told(tmp_path):
    files = [("hw.py", written(tmp_path / str(number) / "hw.py", f"x = {number}\n")) for number in range(3)]
    submission = read_files("jane", files)
    assert [(file.path, file.content) for file in submission.files] == [
        ("hw.py", b"x = 0\n"), ("hw_2.py", b"x = 1\n"), ("hw_3.py", b"x = 2\n"),
    ]  # fmt: skip
    assert messages(submission) == [
        f"hw_{number}.py: You handed in more than one file called `hw.py`; this one is read as `hw_{number}.py`."
        for number in (2, 3)
    ]


def test_an_archive_and_a_file_of_its_folders_name_are_both_read(tmp_path):
    archive = packed(tmp_path / "1", a="x = 1\n")
    one, two = written(tmp_path / "2"), written(tmp_path / "3")
    submission = read_files("jane", [("hw", one), ("hw.zip", archive), ("hw.tar", archive), ("b.py", two)])
    assert paths(submission) == ["b.py", "hw", "hw_2/a.py", "hw_3/a.py"]


def test_a_damaged_archive_costs_only_itself(tmp_path):
    broken = written(tmp_path / "part.zip", "no zip")
    submission = read_files("jane", [("part.zip", broken), ("a.py", written(tmp_path / "a.py"))])
    assert paths(submission) == ["a.py"]
    assert "part.zip: `part.zip` is damaged" in messages(submission)[0]


def test_files_that_can_not_be_opened_cost_only_themselves(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    given = [("gone.py", tmp_path / "gone.py"), ("pipe.py", tmp_path / "pipe.py"), ("a.py", written(tmp_path / "a.py"))]
    submission = read_files("jane", given)
    assert paths(submission) == ["a.py"]
    assert [notice.path for notice in submission.notices] == ["gone.py", "pipe.py"]


@pytest.mark.parametrize("name", ["../a.py", "C:a.py", "a\\b.py", "x" * 300 + ".py", "a\0.py", "a\udcff.py"])
def test_names_that_no_file_can_have_are_replaced(tmp_path, name):
    submission = read_files("jane", [(name, written(tmp_path / "1")), (name, written(tmp_path / "2"))])
    assert paths(submission) == ["submission.py", "submission_2.py"]


def test_long_names_that_clash_stay_within_bounds(tmp_path):
    name = "x" * 252 + ".py"
    submission = read_files("jane", [(name, written(tmp_path / "1")), (name, written(tmp_path / "2"))])
    assert paths(submission) == ["submission_2.py", name]


def test_bounds_hold_for_all_files_together(tmp_path):
    files = [(f"{number}.py", written(tmp_path / f"{number}.py", "x = 1\n")) for number in range(5)]
    few = read_files("jane", files, bounds=Bounds(files=3))
    small = read_files("jane", files, bounds=Bounds(total_bytes=13))
    assert (paths(few), paths(small)) == (["0.py", "1.py", "2.py"], ["0.py", "1.py"])
    assert "`3.py` and `4.py` are left out" in messages(few)[0]


def test_archives_count_within_the_bounds_of_all(tmp_path):
    archive = packed(tmp_path / "b.zip", b="y = 1\n" * 50)
    given = [("a.py", written(tmp_path / "a.py")), ("b.zip", archive)]
    submission = read_files("jane", given, bounds=Bounds(total_bytes=300))
    assert paths(submission) == ["a.py"]
    assert "b.zip" in messages(submission)[0]


def test_a_single_file_is_read_like_a_submission(tmp_path):
    archive = packed(tmp_path / "upload_7", a="x = 1\n")
    assert paths(read_files("jane", [("hw.zip", archive)])) == ["a.py"]
    with pytest.raises(UnreadableSubmission, match=r"`hw\.zip` is damaged"):
        read_files("jane", [("hw.zip", written(tmp_path / "hw.zip", "no zip"))])


def test_files_without_code_are_nothing_to_grade(tmp_path):
    given = [(name, written(tmp_path / name)) for name in ("a.txt", "b.pdf")]
    with pytest.raises(NothingToGrade, match=r"nothing to grade in `jane`: it has only `a\.txt` and `b\.pdf`"):
        read_files("jane", given)
