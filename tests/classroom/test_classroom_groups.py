"""Groups that hand in under one name: everybody whom the roster has in them gets the submission, and nobody else."""

from __future__ import annotations

from grader.classroom import read_class
from grader.classroom.model import Classroom, Layout

CANVAS_GROUPS = (
    "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
    "Jane Doe,11,s11,jdoe,A,Team Ä 1,7,\n"
    "Jim Roe,12,s12,jroe,A,Team Ä 1,7,\n"
    "Zoe Poe,13,s13,zpoe,A,Team 2,8,\n"
)
MOODLE_GROUPS = (
    "Identifier,Full name,ID number,Email address,Status,Group,Grade,Maximum Grade\n"
    "Participant 345,Jane Doe,s11,jane@uni.edu,Submitted for grading,Group_A: =1,,10\n"
    "Participant 346,Jim Roe,s12,jim@uni.edu,Submitted for grading,Group_A: =1,,10\n"
    "Participant 347,Zoe Poe,s13,zoe@uni.edu,Submitted for grading,Default group,,10\n"
)
"""As `Download grading worksheet` writes it; Moodle takes underscores and colons out of names of folders."""


def handed_in(classroom: Classroom) -> dict[str, str]:
    """Which entry every student has."""
    return {entry.student.key: entry.label for entry in classroom.entries}


def missing(classroom: Classroom) -> list[str]:
    return [student.key for student in classroom.missing]


def test_canvas_gives_a_group_the_number_of_one_member_and_everybody_has_it(folder, put, roster):
    put("teamä1_12_101_hw.py")
    classroom = read_class(folder, roster=roster(CANVAS_GROUPS))
    assert handed_in(classroom) == {"11": "teamä1_12_101_hw.py", "12": "teamä1_12_101_hw.py"}
    assert classroom.entries[0].student.ids == {"canvas": "11", "sis": "s11", "login": "jdoe"}
    assert missing(classroom) == ["13"]
    assert classroom.notices == (
        "`teamä1_12_101_hw.py` is from the group `Team Ä 1` and counts for `Jane Doe` and `Jim Roe`.",
    )


def test_who_takes_the_name_of_another_group_hands_in_for_nobody_else(folder, put, roster):
    put("team2_11_101_hw.py")
    classroom = read_class(folder, roster=roster(CANVAS_GROUPS))
    assert handed_in(classroom) == {"11": "team2_11_101_hw.py"}
    assert missing(classroom) == ["12", "13"]


def test_a_submission_of_ones_own_counts_before_the_groups(folder, put, roster):
    put("team1_12_205_hw.py")
    put("doejane_11_101_hw.py")
    classroom = read_class(folder, roster=roster(CANVAS_GROUPS.replace("Team Ä 1", "Team 1")))
    assert handed_in(classroom) == {"11": "doejane_11_101_hw.py", "12": "team1_12_205_hw.py"}


def test_a_group_of_which_everybody_handed_in_alone_is_named(folder, put, roster):
    put("Group A =1_12_assignsubmission_file/hw.py")
    put("Jane Doe_345_assignsubmission_file/hw.py")
    put("Jim Roe_346_assignsubmission_file/hw.py")
    classroom = read_class(folder, roster=roster(MOODLE_GROUPS))
    assert sorted(handed_in(classroom)) == ["345", "346"]
    assert classroom.notices == (
        "`Group A =1_12_assignsubmission_file` is left out: everybody of the group `Group_A: =1` handed in something "
        "else.",
    )


def test_moodle_names_the_group_and_its_number_is_nobodys(folder, put, roster):
    put("Group A =1_347_assignsubmission_file/hw.py")
    classroom = read_class(folder, roster=roster(MOODLE_GROUPS))
    assert classroom.layout is Layout.MOODLE
    assert sorted(handed_in(classroom)) == ["345", "346"]
    assert [entry.student.ids["moodle"] for entry in classroom.entries] == ["345", "346"]
    assert missing(classroom) == ["347"]


def test_those_who_are_in_no_group_hand_in_as_moodles_default_group(folder, put, roster):
    put("Group A =1_12_assignsubmission_file/hw.py")
    put("Default group_assignsubmission_file/hw.py")
    assert sorted(handed_in(read_class(folder))) == ["12", "Default group"]
    classroom = read_class(folder, roster=roster(MOODLE_GROUPS))
    assert handed_in(classroom)["347"] == "Default group_assignsubmission_file"
    assert missing(classroom) == []


def test_older_moodles_have_a_folder_for_every_member(folder, put, roster):
    put("Group A =1-Jane Doe_345_assignsubmission_file_/hw.py")
    put("Group A =1-Jim Roe_346_assignsubmission_file_/hw.py")
    classroom = read_class(folder, roster=roster(MOODLE_GROUPS))
    assert handed_in(classroom)["346"] == "Group A =1-Jim Roe_346_assignsubmission_file_"
    assert classroom.notices == ()


def test_teams_of_github_have_one_repository(folder, put, roster):
    put("hw1-team-a/x.py")
    put("hw1-zoe/x.py")
    listed = roster(
        "assignment_name,github_username,roster_identifier,student_repository_name,submission_timestamp,group_name\n"
        "HW1,ann,A,hw1-team-a,2026-01-09 10:28:53 UTC,Team A!\n"
        "HW1,ben,B,hw1-team-a,2026-01-10 10:28:53 UTC,Team A!\n"
        "HW1,zoe,Z,hw1-zoe,2026-01-09 10:28:53 UTC,\n"
    )
    classroom = read_class(folder, roster=listed)
    assert classroom.layout is Layout.GITHUB
    assert handed_in(classroom) == {"ann": "hw1-team-a", "ben": "hw1-team-a", "zoe": "hw1-zoe"}
    assert [entry.submitted_at.day for entry in classroom.entries] == [9, 10, 9]


def test_without_the_groups_a_number_of_somebody_with_another_name_is_told(folder, put, roster):
    put("team1_12_101_hw.py")
    put("doejane_11_102_hw.py")
    listed = roster('Student,ID,SIS Login ID,Section\n"Doe, Jane",11,jdoe,A\n"Roe, Jim",12,jroe,A\n"Poe, Zoe",13,z,A\n')
    classroom = read_class(folder, roster=listed)
    assert missing(classroom) == ["13"]
    assert classroom.notices == (
        "`team1_12_101_hw.py` is from students whom the roster calls otherwise. If groups handed in, the roster needs "
        "a column `group`: without it everybody else of a group counts as missing.",
    )


def test_nobody_joins_a_group_of_gradescope_by_its_name(folder, put, roster):
    submitters = {1: "{':name': Team 2, ':email': x@uni.edu}", 2: "{':name': Ann, ':email': a@uni.edu}"}
    put(
        "submission_metadata.yml",
        "".join(f"submission_{n}: {{':submitters': [{who}]}}\n" for n, who in submitters.items()),
    )
    put("submission_1/hw.py")
    put("submission_2/hw.py")
    classroom = read_class(folder, roster=roster("name,email,group\nZoe,z@uni.edu,Team 2\nAnn,a@uni.edu,\n"))
    assert handed_in(classroom) == {"a@uni.edu": "submission_2", "x@uni.edu": "submission_1"}
    assert missing(classroom) == ["z@uni.edu"]
