"""Classes with one entry for each student, and what lies beside them."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from grader.classroom import read_class
from grader.classroom.listing import OUTPUT_MARKER
from grader.classroom.model import Classroom, Layout
from grader.errors import NothingToGrade, UsageError

NOBODY = 65534


def keys(classroom: Classroom) -> list[str]:
    return [entry.student.key for entry in classroom.entries]


def test_folders_archives_notebooks_and_scripts_are_one_student_each(folder, put):
    put("dora/a.py")
    for name in ("anna.py", "ben.ipynb", "carl.tar.gz", "eva.rar"):
        put(name)
    classroom = read_class(folder)
    assert classroom.layout is Layout.PLAIN
    assert keys(classroom) == ["anna", "ben", "carl", "dora", "eva"]
    assert classroom.entries[0].files == (("anna.py", folder / "anna.py"),)
    assert (classroom.missing, classroom.notices) == ((), ())


def test_names_may_hold_anything_a_file_system_can(folder, put):
    names = ["=cmd|' C calc'!A0", 'say "hi"', "two\nlines", "Ünïcødé 学生 🎓", "x" * 250, "-rf", "semi;colon,comma"]
    for name in names:
        put(f"{name}.py")
    assert keys(read_class(folder)) == sorted(names)


def test_a_name_that_is_no_unicode_becomes_text_that_can_be_stored(folder):
    Path(os.fsdecode(os.fsencode(folder) + b"/anna\xff.py")).write_text("x = 1\n")
    classroom = read_class(folder)
    assert keys(classroom) == [r"anna\xff"]
    assert classroom.entries[0].files[0][1].read_text() == "x = 1\n"


@pytest.mark.parametrize(
    "junk", [".DS_Store", "__MACOSX/a.py", "Thumbs.db", "desktop.ini", "~$anna.py", "gradebook.sqlite", "g.db-wal"]
)
def test_what_systems_leave_behind_is_passed_over_silently(folder, put, junk):
    put("anna.py")
    put(junk)
    classroom = read_class(folder)
    assert (keys(classroom), classroom.notices) == (["anna"], ())


def test_what_the_grader_wrote_is_no_submission(folder, put):
    put("anna.py")
    put(f"results/{OUTPUT_MARKER}")
    assert keys(read_class(folder)) == ["anna"]


def test_other_files_are_named(folder, put):
    put("anna.py")
    put("ben.pdf")
    assert read_class(folder).notices == (
        "`ben.pdf` is no folder, archive, notebook or .py file, so nothing is graded there.",
    )


def test_the_roster_may_lie_among_the_submissions(folder, put):
    put("anna.py")
    classroom = read_class(folder, roster=put("class.csv", "key\nanna\n"))
    assert (keys(classroom), classroom.notices) == (["anna"], ())


def test_links_are_not_followed(folder, put, tmp_path):
    put("anna.py")
    (tmp_path / "secret.py").write_text("x = 1\n")
    (folder / "ben.py").symlink_to(tmp_path / "secret.py")
    (folder / "carl").symlink_to(tmp_path)
    classroom = read_class(folder)
    assert keys(classroom) == ["anna"]
    assert classroom.notices == ("Links are not followed: `ben.py` and `carl` are left out.",)


def test_pipes_are_not_opened(folder, put):
    put("anna.py")
    os.mkfifo(folder / "ben.py")
    assert read_class(folder).notices == ("1 special files (pipes, sockets, devices) are left out.",)


def test_of_two_entries_of_one_student_the_later_counts_and_the_other_is_named(folder, put):
    early, late = put("anna.py"), put("anna.ipynb")
    os.utime(early, (1_000, 1_000))
    os.utime(late, (2_000, 2_000))
    classroom = read_class(folder)
    assert [entry.label for entry in classroom.entries] == ["anna.ipynb"]
    assert classroom.notices == ("`anna.py` is left out: `anna.ipynb` is from `anna` too, and is the later one.",)


def test_times_of_plain_files_are_not_taken_for_the_time_of_handing_in(folder, put):
    put("anna.py")
    assert read_class(folder).entries[0].submitted_at is None


def test_an_empty_folder_has_nothing_to_grade(folder, put):
    put(".DS_Store")
    with pytest.raises(NothingToGrade, match="it is empty"):
        read_class(folder)


def test_a_folder_without_submissions_has_nothing_to_grade(folder, put):
    put("notes.txt")
    put("more.pdf")
    with pytest.raises(
        NothingToGrade, match=r"(?s)expected a folder, archive.*`more.pdf` and `notes.txt` are no folder"
    ):
        read_class(folder)


def test_a_file_is_refused(put):
    with pytest.raises(UsageError, match="is a file; expected the folder"):
        read_class(put("anna.py"))


def test_an_archive_of_the_class_is_to_be_unpacked(put):
    with pytest.raises(UsageError, match="Unpack it first"):
        read_class(put("submissions.zip"))


def test_a_folder_that_is_not_there_is_refused(folder):
    with pytest.raises(UsageError, match="There is no folder"):
        read_class(folder / "nowhere")


def test_a_folder_that_may_not_be_read_is_refused():
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0)
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(NOBODY)
    try:
        with pytest.raises(UsageError, match="can't be read: Permission denied"):
            read_class(folder)
    finally:
        if was_root:
            os.seteuid(0)
        shutil.rmtree(folder)
