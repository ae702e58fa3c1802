"""What Canvas's "Download Submissions" unpacks to."""

from __future__ import annotations

import pytest

from grader.classroom import read_class, read_entry
from grader.classroom.model import Entry, Layout
from grader.errors import NothingToGrade


def names(entry: Entry) -> list[str]:
    return [name for name, _ in entry.files]


def test_files_of_one_student_belong_together_under_their_own_names(folder, put):
    put("doejane_11_101_hw.py")
    put("doejane_11_102_helper_2.py")
    put("o_brienséan_12_103_hw.ipynb")
    classroom = read_class(folder)
    assert classroom.layout is Layout.CANVAS
    assert [(e.student.key, e.student.name, names(e)) for e in classroom.entries] == [
        ("11", "doejane", ["hw.py", "helper_2.py"]),
        ("12", "o_brienséan", ["hw.ipynb"]),
    ]
    assert classroom.entries[0].student.ids == {"canvas": "11"}


def test_late_ones_are_named_since_canvas_does_not_tell_when(folder, put):
    put("doejane_LATE_11_101_hw.py")
    put("roejim_12_102_hw.py")
    classroom = read_class(folder)
    assert [entry.student.name for entry in classroom.entries] == ["doejane", "roejim"]
    assert [entry.submitted_at for entry in classroom.entries] == [None, None]
    assert classroom.notices == (
        "Canvas marks as late what `doejane` handed in. It doesn't tell when, so no late policy is applied to that.",
    )


def test_the_number_of_a_file_handed_in_anew_is_taken_off(folder, put):
    put("doejane_11_101_model-2.py")
    put("doejane_11_102_hw-1.py", "import model\n")
    (entry,) = read_class(folder).entries
    assert names(entry) == ["model.py", "hw.py"]
    assert [file.path for file in read_entry(entry).files] == ["hw.py", "model.py"]


def test_files_that_a_student_numbered_keep_their_numbers(folder, put):
    put("doejane_11_101_part-1.py")
    put("doejane_11_102_part-2.py")
    assert names(read_class(folder).entries[0]) == ["part-1.py", "part-2.py"]


def test_of_a_file_in_two_downloads_the_later_counts(folder, put):
    put("doejane_11_101_hw.ipynb")
    put("doejane_11_205_hw-1.ipynb")
    classroom = read_class(folder)
    (entry,) = classroom.entries
    assert entry.files == (("hw.ipynb", folder / "doejane_11_205_hw-1.ipynb"),)
    assert classroom.notices == (
        "`doejane_11_101_hw.ipynb` is from an earlier attempt of the same student; the later files are graded.",
    )


def test_files_on_time_beside_late_ones_are_an_earlier_attempt(folder, put):
    put("doejane_11_101_a.py")
    put("doejane_LATE_11_205_b.py")
    classroom = read_class(folder)
    assert names(classroom.entries[0]) == ["b.py"]
    assert any("`doejane_11_101_a.py` is from an earlier attempt" in notice for notice in classroom.notices)


def test_anonymous_submissions_are_told_apart_by_their_code(folder, put):
    put("anon_a1B2c_101_hw.py")
    put("LATE_anon_Zz9yx_102_hw.py")
    assert [entry.student.key for entry in read_class(folder).entries] == ["anon_Zz9yx", "anon_a1B2c"]
    assert read_class(folder).entries[0].student.ids == {}


def test_typed_text_is_an_entry_too(folder, put):
    put("doejane_11_text.html", "<p>x = 1</p>")
    put("roejim_12_102_hw.py")
    jane = read_class(folder).entries[0]
    with pytest.raises(NothingToGrade, match=r"text\.html"):
        read_entry(jane)


def test_a_name_that_looks_like_a_number_passes_for_nobody_else(folder, put):
    """A student called `x_11` can't hand in for the one with the number 11."""
    put("doejane_11_101_hw.py")
    put("x_11_12_102_hw.py")
    classroom = read_class(folder)
    assert [(e.student.key, e.student.name, names(e)) for e in classroom.entries] == [
        ("11", "doejane", ["hw.py"]),
        ("12", "x_11", ["hw.py"]),
    ]
    assert any("comes with another name" in notice for notice in classroom.notices)


def test_numbers_that_come_with_two_names_stay_two_students(folder, put):
    put("doejane_11_101_1_hw.py")
    put("x_11_12_102_hw.py")
    assert [entry.student.key for entry in read_class(folder).entries] == ["11-doejane", "11-x"]


def test_files_whose_names_begin_with_numbers_are_read_as_such(folder, put):
    put("doejane_11_101_3_4_hw.py")
    assert names(read_class(folder).entries[0]) == ["3_4_hw.py"]


def test_the_folder_that_unpacking_made_is_looked_into(folder, put):
    put("submissions/doejane_11_101_hw.py")
    put("__MACOSX/submissions/._doejane_11_101_hw.py")
    classroom = read_class(folder)
    assert classroom.layout is Layout.CANVAS
    assert [entry.student.key for entry in classroom.entries] == ["11"]


def test_strange_files_are_named(folder, put):
    put("doejane_11_101_hw.py")
    put("roejim_12_102_hw.py")
    put("notes.txt")
    assert read_class(folder).notices == ("`notes.txt` is not named as Canvas names submissions, so nobody's.",)


def test_a_folder_of_another_layout_is_refused_by_name(folder, put):
    put("anna.py")
    with pytest.raises(NothingToGrade, match="Canvas names its downloads"):
        read_class(folder, Layout.CANVAS)


def test_a_name_of_which_canvas_leaves_nothing_is_a_student_all_the_same(folder, put):
    put("_12_101_hw.py")
    put("_LATE_13_102_hw.py")
    assert [(e.student.key, e.student.name, names(e)) for e in read_class(folder).entries] == [
        ("12", "", ["hw.py"]),
        ("13", "", ["hw.py"]),
    ]
