"""Lists of a class, and who of them handed in."""

from __future__ import annotations

import pytest

from grader.classroom import read_class
from grader.classroom.model import Layout
from grader.classroom.roster import read_roster
from grader.errors import UsageError

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,hw1 (77)\n"
    ",,,,,Manual Posting\n"
    "    Points Possible,,,,,10.00\n"
    '"Doe, Jane",11,s11,jdoe,A,3.5\n'
    '"=""=cmd()""",12,s12,cmd,A,\n'
    '"Student, Test",13,,,A,\n'
)
MOODLE = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade\n"
    "Participant 345,Jane Doe,s11,jane@uni.edu,Submitted for grading,,10\n"
    "Participant 346,Jane Doe,s12,jane.doe@uni.edu,No submission,,10\n"
)


def test_canvas_gradebook(folder, put, roster):
    put("doejane_11_101_hw.py")
    classroom = read_class(folder, roster=roster(CANVAS))
    (jane,) = classroom.entries
    assert (jane.student.key, jane.student.name, jane.student.section) == ("11", "Jane Doe", "A")
    assert jane.student.ids == {"canvas": "11", "sis": "s11", "login": "jdoe"}
    assert [(student.key, student.name) for student in classroom.missing] == [("12", "=cmd()")]
    assert classroom.notices == ("Canvas's test student is left out.",)


def test_moodle_worksheet_tells_namesakes_apart(folder, put, roster):
    put("Jane Doe_345_assignsubmission_file_/hw.py")
    put("Jane Doe_346_assignsubmission_file_/hw.py")
    classroom = read_class(folder, roster=roster(MOODLE))
    assert [entry.student.email for entry in classroom.entries] == ["jane@uni.edu", "jane.doe@uni.edu"]


def test_moodle_participants_match_by_name_where_it_means_one_person(folder, put, roster):
    put("Jane Doe_345_assignsubmission_file_/hw.py")
    put("Jane Doe_346_assignsubmission_file_/hw.py")
    put("Jim Roe_347_assignsubmission_file_/hw.py")
    listed = roster("First name,Last name,Email address\nJane,Doe,j1@uni.edu\nJim,Roe,j2@uni.edu\n")
    classroom = read_class(folder, roster=listed)
    assert [(e.student.key, e.student.email, e.on_roster) for e in classroom.entries] == [
        ("345", "", False),
        ("346", "", False),
        ("347", "j2@uni.edu", True),
    ]
    assert [student.email for student in classroom.missing] == ["j1@uni.edu"]
    assert classroom.notices == (
        "`Jane Doe_345_assignsubmission_file_` and `Jane Doe_346_assignsubmission_file_` are from nobody on the roster"
        ", or could be from more than one; graded all the same.",
    )


def test_gradescope_roster_leaves_teachers_out(folder, put, roster):
    put("submission_metadata.yml", "submission_1: {':submitters': [{':name': J, ':email': JANE@uni.edu}]}")
    put("submission_1/hw.py")
    listed = roster(
        "First Name,Last Name,SID,Email,Role\nJane,Doe,s1,jane@uni.edu,Student\nPro,Fessor,,p@uni.edu,Instructor\n"
    )
    classroom = read_class(folder, roster=listed)
    (jane,) = classroom.entries
    assert (jane.student.name, jane.student.ids, jane.on_roster) == ("Jane Doe", {"sis": "s1"}, True)
    assert classroom.missing == ()
    assert classroom.notices == ("1 rows of the roster aren't students (teachers, assistants, or empty).",)


def test_a_key_column_says_what_the_keys_are(folder, put, roster):
    put("doejane_11_101_hw.py")
    classroom = read_class(folder, roster=roster("key;name;canvas\njdoe;Jane;11\nroe;Jim;12\n"))
    assert [entry.student.key for entry in classroom.entries] == ["jdoe"]
    assert [student.key for student in classroom.missing] == ["roe"]


def test_two_entries_that_the_roster_knows_as_one_student(folder, put, roster):
    put("jdoe/a.py")
    put("JDoe@uni.edu/a.py")
    classroom = read_class(folder, roster=roster("name,login,email\nJane,jdoe,jdoe@uni.edu\n"))
    assert [entry.student.key for entry in classroom.entries] == ["jdoe"]
    assert "from `Jane` too" in classroom.notices[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiters_and_byte_order_marks(roster, delimiter, encoding):
    text = f'key{delimiter}"the, name; it"{delimiter}Name\r\nu1{delimiter}x{delimiter}"Žofie ""Ž"",; 学\n生"\r\n'
    (listed,) = read_roster(roster(text, encoding)).students
    assert (listed.student.key, listed.student.name) == ("u1", 'Žofie "Ž",; 学\n生')


def test_namesakes_without_anything_else_stay_two(folder, put, roster):
    put("anna/a.py")
    classroom = read_class(folder, roster=roster("name\nJane Doe\nJane Doe\nAnna\n"))
    assert [student.key for student in classroom.missing] == ["Jane Doe", "Jane Doe (line 3)"]


def test_a_student_in_two_sections_counts_once_and_that_is_told(roster):
    read = read_roster(roster("name,email,section\nJane,j@uni.edu,A\nJane,j@uni.edu,B\n"))
    assert len(read.students) == 1
    assert read.notices == ("`Jane` is on the roster more than once, which counts as once.",)


def test_a_name_is_no_match_where_the_numbers_differ(folder, put, roster):
    put("doejane_11_101_hw.py")
    put("doejane_99_102_hw.py")
    put("roejim_98_103_hw.py")
    classroom = read_class(folder, roster=roster("name,canvas\nJane Doe,11\nRoe Jim,12\n"))
    assert [(e.student.key, e.on_roster) for e in classroom.entries] == [("11", True), ("98", False), ("99", False)]
    assert [student.key for student in classroom.missing] == ["12"]


def test_canvas_names_match_where_the_roster_has_no_numbers(folder, put, roster):
    put("o_briensean_11_101_hw.py")
    classroom = read_class(folder, roster=roster('name,email\n"O_Brien, Sean",s@uni.edu\n'))
    assert [(e.student.key, e.student.email) for e in classroom.entries] == [("11", "s@uni.edu")]


def test_a_stranger_whose_number_is_another_students_key_stays_apart(folder, put, roster):
    put("doejane_11_101_hw.py")
    put("roejim_12_102_hw.py")
    classroom = read_class(folder, roster=roster("key,canvas\n12,11\n"))
    assert [(e.student.key, e.on_roster) for e in classroom.entries] == [
        ("12", True),
        ("12 (roejim_12_102_hw.py)", False),
    ]


def test_accents_written_in_two_ways_are_the_same(folder, put, roster):
    put("Jose\u0301.py")
    classroom = read_class(folder, roster=roster("key\nJos\u00e9\n"))
    assert [(e.student.key, e.on_roster) for e in classroom.entries] == [("Jos\u00e9", True)]


def test_a_roster_of_another_class_is_refused(folder, put, roster):
    put("anna/a.py")
    with pytest.raises(UsageError, match=r"None of the 1 submissions .* there are `anna`, and the roster has `ben`"):
        read_class(folder, roster=roster("key\nben\n"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "none of it tells students apart"),
        ("grade,comment\n1,2\n", "the first line has `grade` and `comment`"),
        ("key\n", "names no students"),
        ("key,name\na,x\na,y\n", "lines 2 and 3 have the same key `a`"),
        ('key\n"a\n', "it is no CSV"),
    ],
    ids=["empty", "headings", "nobody", "twice", "quote"],
)
def test_a_roster_that_tells_nothing_is_refused(roster, text, why):
    with pytest.raises(UsageError, match=why):
        read_roster(roster(text))


def test_a_roster_that_is_not_utf8_is_refused_with_the_line(roster):
    with pytest.raises(UsageError, match="line 2: it isn't UTF-8"):
        read_roster(roster("key\nJosé\n", "latin-1"))


def test_a_roster_that_is_not_there_is_refused(folder, put):
    put("anna.py")
    with pytest.raises(UsageError, match="can't be read: No such file"):
        read_class(folder, roster=folder / "nowhere.csv")


def test_the_same_folder_gives_the_same_keys_with_and_without_an_lms_roster(folder, put, roster):
    put("doejane_11_101_hw.py")
    alone, listed = read_class(folder), read_class(folder, roster=roster(CANVAS))
    assert [e.student.key for e in alone.entries] == [e.student.key for e in listed.entries]
    assert listed.layout is Layout.CANVAS


def test_canvas_gradebook_with_first_and_last_names(roster):
    read = read_roster(
        roster(
            "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,hw1 (77)\n"
            "    Points Possible,,,,,,10.00\n"
            "Doe,Jane,11,s11,jdoe,A,3.5\n"
            "Student,Test,13,,,A,\n"
            "My Points Possible,Jim,12,s12,jim,A,\n"
        )
    )
    assert [(each.student.name, each.student.ids["canvas"]) for each in read.students] == [
        ("Jane Doe", "11"),
        ("Jim My Points Possible", "12"),
    ]
    assert read.notices == ("Canvas's test student is left out.",)


def test_who_has_one_name_only_is_on_the_roster(folder, put, roster):
    put("Sukarno/a.py")
    classroom = read_class(folder, roster=roster("first name,last name\nAnna,Lee\nSukarno,\nCher,\n"))
    assert [(entry.student.key, entry.on_roster) for entry in classroom.entries] == [("Sukarno", True)]
    assert [student.key for student in classroom.missing] == ["Anna Lee", "Cher"]
    assert classroom.notices == ()


def test_times_of_handing_in_that_can_not_be_read_are_told(roster):
    read = read_roster(roster("github_username,submission_timestamp\nann,01/09/2026 10:28\nben,\nzoe,2026-01-09\n"))
    assert read.notices == (
        "The roster's times of handing in can't be read in line 2. Write them like 2026-12-01 23:59:00 UTC.",
    )
