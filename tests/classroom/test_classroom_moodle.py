"""What Moodle's "Download all submissions" unpacks to."""

from __future__ import annotations

from grader.classroom import read_class, read_entry
from grader.classroom.model import Layout


def test_folders_are_one_student_each_whatever_their_names(folder, put):
    put("Jane van der Doe_345_assignsubmission_file_/hw.py")
    put("Group A-José =1+1_346_assignsubmission_file/hw.ipynb")
    classroom = read_class(folder)
    assert classroom.layout is Layout.MOODLE
    assert [(e.student.key, e.student.name) for e in classroom.entries] == [
        ("345", "Jane van der Doe"),
        ("346", "Group A-José =1+1"),
    ]
    assert classroom.entries[0].student.ids == {"moodle": "345"}
    assert [file.path for file in read_entry(classroom.entries[0]).files] == ["hw.py"]


def test_two_students_of_one_name_stay_two(folder, put):
    put("Jane Doe_345_assignsubmission_file_/hw.py")
    put("Jane Doe_346_assignsubmission_file_/hw.py")
    assert [entry.student.key for entry in read_class(folder).entries] == ["345", "346"]


def test_files_without_folders_belong_together_by_number(folder, put):
    put("Jane Doe_345_assignsubmission_file_hw.py", "import b\n")
    put("Jane Doe_345_assignsubmission_file_b.py")
    (entry,) = read_class(folder).entries
    assert [file.path for file in read_entry(entry).files] == ["b.py", "hw.py"]


def test_online_text_beside_files_is_named_and_alone_it_is_the_entry(folder, put):
    put("Jane Doe_345_assignsubmission_file_/hw.py")
    put("Jane Doe_345_assignsubmission_onlinetext_/onlinetext.html")
    put("Jim Roe_346_assignsubmission_onlinetext_/onlinetext.html")
    classroom = read_class(folder)
    assert [entry.files[0][1].name for entry in classroom.entries] == [
        "Jane Doe_345_assignsubmission_file_",
        "Jim Roe_346_assignsubmission_onlinetext_",
    ]
    assert classroom.notices == (
        "Online text isn't graded where there are files: `Jane Doe_345_assignsubmission_onlinetext_` is left out.",
    )


def test_blind_marking_gives_no_names(folder, put):
    put("Participant_345_assignsubmission_file_/hw.py")
    student = read_class(folder).entries[0].student
    assert (student.key, student.name) == ("345", "")


def test_a_students_name_for_a_file_can_not_make_it_another_students(folder, put):
    put("Jim Roe_346_assignsubmission_file_hw.py")
    put("Jane Doe_345_assignsubmission_file_x_346_assignsubmission_file_hw.py")
    entries = {entry.student.key: [name for name, _ in entry.files] for entry in read_class(folder).entries}
    assert entries == {"345": ["x_346_assignsubmission_file_hw.py"], "346": ["hw.py"]}
