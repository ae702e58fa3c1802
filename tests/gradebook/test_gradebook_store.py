"""What is entered in a gradebook, and how it reads afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from grader.assignment.model import Late
from grader.classroom.model import Student
from grader.gradebook.model import Course, State
from grader.gradebook.store import Gradebook
from tests.gradebook.postgres import Server
from tests.gradebook.samples import (
    ADA,
    BEN,
    FACTS,
    KEYS,
    LATER,
    NOON,
    PROBLEMS,
    entry,
    grade_all,
    report,
)


def kinds(gradebook: Gradebook, student: Student) -> list[str]:
    return [event.kind for event in gradebook.history(student.key)]


def test_a_recorded_report_reads_as_it_was(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, submission, 4, 3, 2)
    grade = gradebook.grade("ada")
    by_name = tuple(sorted(report(4, 3, 2).problems, key=lambda problem: problem.id))
    assert grade.report == replace(report(4, 3, 2), problems=by_name)
    assert (grade.state, grade.points, grade.student, grade.graded_at) == (State.GRADED, 9, ADA, NOON)


def test_problems_stand_in_the_order_of_the_assignment(gradebook: Gradebook) -> None:
    gradebook.describe(FACTS)
    grade_all(gradebook, gradebook.enter(entry(ADA), "a", NOON), 4, 3, 2)
    assert gradebook.grade("ada").report == report(4, 3, 2)


def test_a_problem_that_left_the_assignment_does_not_count(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, submission, 4, 3, 2)
    gradebook.override("ada", PROBLEMS[2], 1, "", "me", NOON)
    gradebook.describe(replace(FACTS, problems=FACTS.problems[:2]))
    grade = gradebook.grade("ada")
    assert (grade.points, grade.overrides) == (7, {})


def test_any_text_survives(gradebook: Gradebook) -> None:
    hostile = "=1+1\x00\ud800\x10\x1b[31m\n<b>'\"\\ \U0001f600\udfff"
    student = Student(hostile, hostile, hostile, {hostile: hostile}, hostile)
    submission = gradebook.enter(entry(student, hostile), "a", NOON)
    told = replace(report(4), submission=hostile, output=hostile, isolation=hostile)
    assert gradebook.record(submission, {PROBLEMS[0]: hostile}, told, seconds=1, now=NOON)
    gradebook.override(hostile, PROBLEMS[0], 1, hostile, hostile, NOON)
    grade = gradebook.grade(hostile)
    assert (grade.student, grade.report, grade.submitted.label) == (student, told, hostile)
    assert grade.overrides[PROBLEMS[0]].comment == grade.overrides[PROBLEMS[0]].author == hostile
    assert gradebook.wanted(submission, {PROBLEMS[0]: hostile}) == ()
    assert gradebook.course().grades == (grade,)


def test_two_keys_that_are_stored_much_alike_are_two_students(gradebook: Gradebook) -> None:
    keys = ["a\x00", "a\x100000", "a\ud800"]
    gradebook.enrol([Student(key) for key in keys])
    assert [student.key for student in gradebook.students()] == keys


def test_a_key_may_be_longer_than_an_index_takes(gradebook: Gradebook) -> None:
    keys = [letter * 20000 for letter in "ab"]
    gradebook.enrol([Student(key) for key in keys])
    assert [student.key for student in gradebook.students()] == keys


def test_moments_are_kept_whatever_their_offset(gradebook: Gradebook) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-7))) + timedelta(microseconds=1)
    gradebook.enter(entry(ADA, submitted_at=elsewhere), "a", elsewhere)
    submitted = gradebook.grade("ada").submitted
    assert (submitted.submitted_at, submitted.first_seen) == (elsewhere, elsewhere)
    assert submitted.submitted_at.utcoffset() == timedelta(0)


def test_a_moment_without_offset_is_refused(gradebook: Gradebook) -> None:
    with pytest.raises(Exception, match="has no offset from UTC"):
        gradebook.enter(entry(ADA), "a", NOON.replace(tzinfo=None))
    assert gradebook.students() == ()


def test_the_seed_is_drawn_once_and_is_secret(gradebook: Gradebook, gradebook_url: str) -> None:
    seed = gradebook.seed("homework 1")
    with Gradebook.open(gradebook_url) as again:
        assert again.seed("homework 1") == seed
        assert again.seed("homework 2") != seed
    assert 0 <= seed < 2**63


def test_facts_are_remembered(gradebook: Gradebook, gradebook_url: str) -> None:
    known = replace(FACTS, due=NOON, late=Late(25, 3), notices=("\ud800 was left out",))
    gradebook.describe(FACTS)
    gradebook.describe(known)
    with Gradebook.open(gradebook_url) as again:
        assert again.facts() == known
        assert again.course() == replace(
            again.course(), title="Homework 1", max_score=12, due=NOON, notices=known.notices
        )


def test_a_late_submission_counts_less(gradebook: Gradebook) -> None:
    gradebook.describe(replace(FACTS, due=NOON - timedelta(hours=30), late=Late(25, 3)))
    grade_all(gradebook, gradebook.enter(entry(ADA), "a", NOON), 4, 4, 4)
    grade = gradebook.grade("ada")
    assert (grade.late_factor, grade.score) == (0.5, 6)


def test_the_same_content_is_entered_once(gradebook: Gradebook) -> None:
    first = gradebook.enter(entry(ADA), "a", NOON)
    assert gradebook.enter(entry(ADA, "again.py"), "a", LATER) == first
    submitted = gradebook.grade("ada").submitted
    assert (submitted.label, submitted.first_seen) == ("again.py", NOON)
    assert kinds(gradebook, ADA) == ["submitted"]


def test_a_new_version_takes_the_place_of_the_old_one(gradebook: Gradebook) -> None:
    first = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, first, 4, 4, 4)
    second = gradebook.enter(entry(ADA, "new.py"), "b", LATER)
    grade = gradebook.grade("ada")
    assert second != first
    assert (grade.state, grade.report, grade.submitted.id) == (State.WAITING, None, second)
    assert gradebook.wanted(second, KEYS) == PROBLEMS


def test_going_back_to_an_earlier_version_brings_its_result_back(gradebook: Gradebook) -> None:
    first = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, first, 4, 4, 4)
    gradebook.enter(entry(ADA), "b", LATER)
    assert gradebook.enter(entry(ADA), "a", LATER) == first
    assert gradebook.grade("ada").points == 12
    assert gradebook.wanted(first, KEYS) == ()
    assert kinds(gradebook, ADA) == ["submitted", "graded", "submitted", "submitted"]


def test_what_is_known_of_a_student_is_brought_up_to_date(gradebook: Gradebook) -> None:
    gradebook.enter(entry(Student("ada"), on_roster=False), "a", NOON)
    assert not gradebook.grade("ada").on_roster
    gradebook.enrol([ADA])
    assert (gradebook.grade("ada").student, gradebook.grade("ada").on_roster) == (ADA, True)


def test_who_handed_in_nothing_is_missing(gradebook: Gradebook) -> None:
    gradebook.enrol([ADA, BEN])
    gradebook.enter(entry(ADA), "a", NOON)
    assert [(grade.student.key, grade.state) for grade in gradebook.course().grades] == [
        ("ada", State.WAITING),
        ("ben", State.MISSING),
    ]


def test_progress_counts_students_by_state(gradebook: Gradebook) -> None:
    gradebook.enrol([BEN])
    first = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, first, 4, 3, 2)
    gradebook.enter(entry(ADA), "b", NOON)
    second = gradebook.enter(entry(Student("cy")), "c", NOON)
    gradebook.fail(second, State.UNREADABLE, "It is empty.", now=NOON)
    assert gradebook.progress() == {
        State.WAITING: 1, State.GRADED: 0, State.UNREADABLE: 1, State.GRADER_ERROR: 0, State.MISSING: 1,
    }  # fmt: skip


def filled(url: str) -> Course:
    """What a gradebook holds of a class in which everything happens that can happen."""
    with Gradebook.open(url) as gradebook:
        gradebook.describe(FACTS)
        gradebook.enrol([Student(name) for name in ("Zoë", "zoe", "Émile", "-", "_")])
        first = gradebook.enter(entry(ADA), "a", NOON)
        grade_all(gradebook, first, 4, 3, 2.25)
        gradebook.override("ada", "td_error", 1 / 3, "", "Grace", LATER)
        gradebook.fail(gradebook.enter(entry(BEN), "b", NOON), State.UNREADABLE, "It is empty.", now=NOON)
        return gradebook.course()


def test_a_file_and_a_server_hold_the_same(tmp_path: Path, postgres: Server) -> None:
    assert filled(str(tmp_path / "gradebook.sqlite")) == filled(postgres.new_database())


def test_a_class_is_entered_whole_or_not_at_all(gradebook: Gradebook) -> None:
    """Somebody whose submission is still to be entered would be missing, and that is a zero."""
    broken = entry(ADA, submitted_at=NOON.replace(tzinfo=None))  # no moment, so it can't be stored
    with pytest.raises(Exception, match="offset from UTC"):
        gradebook.enter_class([(entry(BEN), "b"), (broken, "a")], [Student("zoe")], NOON)
    assert gradebook.students() == ()
    numbers = gradebook.enter_class([(entry(BEN), "b"), (entry(ADA), "a")], [Student("zoe")], NOON)
    assert [gradebook.grade(key).submitted.id for key in ("ben", "ada")] == list(numbers)
    assert gradebook.progress() == {**dict.fromkeys(State, 0), State.WAITING: 2, State.MISSING: 1}
    assert gradebook.enter_class([(entry(ADA), "a")], [BEN], NOON) == numbers[1:]
    assert gradebook.progress()[State.WAITING] == 2
