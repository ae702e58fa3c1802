"""Reading an entry, and telling whether it is the same as before."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from grader.classroom import content_hash, read_entry
from grader.classroom.model import Entry, Student
from grader.errors import NothingToGrade
from grader.intake.bounds import Bounds


def entry(*paths: Path, names: tuple[str, ...] = ()) -> Entry:
    given = names or tuple(path.name for path in paths)
    return Entry(Student("anna"), "label", tuple(zip(given, paths, strict=True)))


def written(path: Path, content: str = "x = 1\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def packed(path: Path, date: tuple[int, int, int, int, int, int], *names: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name, date), "x = 1\n")
    return path


def test_one_file_is_read_as_itself_and_several_as_one(tmp_path):
    a, b = written(tmp_path / "a.py"), written(tmp_path / "b.py")
    assert [file.path for file in read_entry(entry(a)).files] == ["a.py"]
    assert [file.path for file in read_entry(entry(a, b)).files] == ["a.py", "b.py"]
    assert read_entry(entry(a, b)).name == "label"


def test_a_file_is_read_under_the_name_that_the_student_gave_it(tmp_path):
    upload = written(tmp_path / "doejane_11_101_hw-1.py")
    assert [file.path for file in read_entry(entry(upload, names=("hw.py",))).files] == ["hw.py"]


def test_an_entry_without_code_says_so(tmp_path):
    with pytest.raises(NothingToGrade, match=r"onlinetext\.html"):
        read_entry(entry(written(tmp_path / "hw" / "onlinetext.html").parent))


def test_the_same_bytes_have_the_same_hash_wherever_they_lie(tmp_path):
    one = [written(tmp_path / "1" / "hw" / name) for name in ("a.py", "b.py")]
    two = [written(tmp_path / "2" / "hw" / name) for name in ("b.py", "a.py")]
    assert content_hash(entry(one[0].parent)) == content_hash(entry(two[0].parent))
    assert content_hash(entry(*one)) == content_hash(entry(*two))
    assert len(content_hash(entry(*one))) == 64


def test_packing_anew_changes_nothing(tmp_path):
    one = packed(tmp_path / "1" / "hw.zip", (2026, 1, 1, 0, 0, 0), "a.py", "b.py")
    two = packed(tmp_path / "2" / "hw.zip", (2026, 2, 2, 0, 0, 0), "b.py", "a.py")
    assert one.read_bytes() != two.read_bytes()
    assert content_hash(entry(one)) == content_hash(entry(two))


def test_what_is_passed_over_changes_nothing(tmp_path):
    folder = written(tmp_path / "hw" / "a.py").parent
    before = content_hash(entry(folder))
    written(folder / ".git" / "index")
    written(folder / "__pycache__" / "a.pyc")
    assert content_hash(entry(folder)) == before


@pytest.mark.parametrize("change", ["content", "name", "more", "less", "moved"])
def test_any_change_changes_the_hash(tmp_path, change):
    a, b = written(tmp_path / "hw" / "a.py"), written(tmp_path / "hw" / "b.py", "y = 1\n")
    before = content_hash(entry(a.parent))
    match change:
        case "content":
            a.write_text("x = 2\n")
        case "name":
            a.rename(a.with_name("c.py"))
        case "more":
            written(a.with_name("c.py"), "")
        case "less":
            b.unlink()
        case "moved":
            a.write_text("x = 1\ny = 1\n")
            b.write_text("")
    assert content_hash(entry(a.parent)) != before


def test_bytes_can_not_move_from_one_file_to_the_next(tmp_path):
    one = entry(written(tmp_path / "1" / "a.py", "xy"), written(tmp_path / "1" / "b.py", "z"))
    two = entry(written(tmp_path / "2" / "a.py", "x"), written(tmp_path / "2" / "b.py", "yz"))
    assert content_hash(one) != content_hash(two)


def test_files_that_can_not_be_read_have_a_hash_of_their_bytes(tmp_path):
    broken, other = tmp_path / "hw.zip", tmp_path / "other" / "hw.zip"
    broken.write_bytes(b"PK\x03\x04broken")
    written(other).write_bytes(b"PK\x03\x04broken too")
    assert content_hash(entry(broken)) != content_hash(entry(other))
    assert content_hash(entry(tmp_path / "gone.py")) == content_hash(entry(tmp_path / "gone.py"))


def test_files_over_the_bounds_count_by_what_is_said_of_them(tmp_path):
    folder = written(tmp_path / "hw" / "a.py").parent
    before = content_hash(entry(folder), bounds=Bounds(file_bytes=10))
    written(folder / "data.bin", "0" * 11)
    assert content_hash(entry(folder), bounds=Bounds(file_bytes=10)) != before
