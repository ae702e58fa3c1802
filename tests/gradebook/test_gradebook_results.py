"""What grading showed: recorded whole, graded again where it has to be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.classroom.model import Student
from grader.gradebook.model import State
from grader.gradebook.store import Gradebook
from grader.model.verdict import Outcome, Report
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
    problem,
    report,
)


def kinds(gradebook: Gradebook, student: Student) -> list[str]:
    return [event.kind for event in gradebook.history(student.key)]


def test_only_what_changed_is_graded_again(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    assert gradebook.wanted(submission, KEYS) == PROBLEMS
    grade_all(gradebook, submission, 4, 3, 2)
    assert gradebook.wanted(submission, KEYS) == ()
    changed = {**KEYS, PROBLEMS[1]: "second", "new": "first"}
    assert gradebook.wanted(submission, changed) == (PROBLEMS[1], "new")
    assert gradebook.grade("ada").state is State.WAITING


def test_what_was_wanted_for_a_while_is_graded_once_the_old_keys_are_back(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, submission, 4, 3, 2)
    gradebook.wanted(submission, {**KEYS, PROBLEMS[1]: "second"})
    assert gradebook.wanted(submission, KEYS) == ()
    assert gradebook.grade("ada").state is State.GRADED


def test_a_part_that_is_graded_again_leaves_the_rest(gradebook: Gradebook) -> None:
    gradebook.describe(FACTS)
    submission = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, submission, 4, 3, 2)
    changed = {**KEYS, PROBLEMS[0]: "second"}
    assert gradebook.record(submission, changed, report(2, seed=8), seconds=1, now=LATER)
    grade = gradebook.grade("ada")
    assert [each.score for each in grade.report.problems] == [2, 3, 2]
    assert (grade.report.seed, grade.state) == (8, State.GRADED)
    assert gradebook.wanted(submission, changed) == ()
    assert gradebook.history("ada")[-1].text == "Graded anew (`discounted_returns`): 7 of 12 points, 9 before."


def test_a_part_that_was_not_graded_keeps_a_submission_waiting(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    assert gradebook.record(submission, KEYS, report(4, 4), seconds=1, now=NOON)
    assert gradebook.grade("ada").state is State.WAITING
    assert gradebook.wanted(submission, KEYS) == (PROBLEMS[2],)


def test_the_same_result_again_is_no_event(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, submission, 4, 3, 2)
    grade_all(gradebook, submission, 4, 3, 2)
    assert kinds(gradebook, ADA) == ["submitted", "graded"]


def test_a_failure_of_the_grader_is_not_final_and_is_tried_again(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    faulty = replace(report(4, 4), problems=(problem(PROBLEMS[0]), problem(PROBLEMS[1], 4, Outcome.GRADER_ERROR)))
    keys = dict.fromkeys(PROBLEMS[:2], "first")
    assert gradebook.record(submission, keys, faulty, seconds=1, now=NOON)
    grade = gradebook.grade("ada")
    assert (grade.state, grade.is_final) == (State.GRADER_ERROR, False)
    assert grade.fault == "The grader itself failed on `td_error`; that costs no points. Grade it again."
    assert gradebook.wanted(submission, keys) == (PROBLEMS[1],)


def test_a_report_without_a_key_for_a_problem_stores_nothing(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    with pytest.raises(ValueError, match="no keys are given for \\['td_error'\\]"):
        gradebook.record(submission, {PROBLEMS[0]: "first"}, report(4, 4), seconds=1, now=NOON)
    assert gradebook.grade("ada").report is None


def test_a_report_that_holds_no_data_stores_nothing(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, submission, 4, 3, 2)
    broken = replace(
        report(0, 0, 0), problems=(*report(0, 0).problems, replace(problem("layer_norm"), output=object()))
    )
    with pytest.raises(TypeError, match="is no str"):
        gradebook.record(submission, KEYS, broken, seconds=1, now=NOON)
    assert gradebook.grade("ada").points == 9


def test_an_unknown_submission_is_refused(gradebook: Gradebook) -> None:
    with pytest.raises(ValueError, match="there is no submission 7"):
        gradebook.record(7, KEYS, report(4), seconds=1, now=NOON)


def test_a_report_on_no_problems_is_stored(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    assert gradebook.record(submission, {}, Report("a", 1, "none", "cpu", ()), seconds=1, now=NOON)
    assert gradebook.grade("ada").state is State.GRADED


def test_an_unreadable_submission_has_no_points_left(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, submission, 4, 3, 2)
    assert gradebook.fail(submission, State.UNREADABLE, "The archive is truncated.", now=LATER)
    grade = gradebook.grade("ada")
    assert (grade.state, grade.fault, grade.points) == (State.UNREADABLE, "The archive is truncated.", 0)
    assert kinds(gradebook, ADA) == ["submitted", "graded", "failed"]


def test_a_failure_of_the_grader_keeps_earlier_results_without_their_being_final(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, submission, 4, 3, 2)
    assert gradebook.fail(submission, State.GRADER_ERROR, "It ended two workers.", now=LATER)
    grade = gradebook.grade("ada")
    assert (grade.points, grade.is_final, grade.fault) == (9, False, "It ended two workers.")
    assert gradebook.wanted(submission, KEYS) == PROBLEMS


def test_the_same_failure_again_is_no_event(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    for _ in range(2):
        assert gradebook.wanted(submission, KEYS) == PROBLEMS
        assert gradebook.fail(submission, State.UNREADABLE, "It is empty.", now=NOON)
    assert gradebook.fail(submission, State.UNREADABLE, "It is a picture.", now=NOON)
    assert kinds(gradebook, ADA) == ["submitted", "failed", "failed"]


def test_a_submission_can_be_graded_after_a_failure(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    gradebook.fail(submission, State.GRADER_ERROR, "It ended two workers.", now=NOON)
    grade_all(gradebook, submission, 4, 3, 2)
    grade = gradebook.grade("ada")
    assert (grade.state, grade.fault) == (State.GRADED, "")


def test_only_failures_can_be_failed_with(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    with pytest.raises(ValueError, match="is no failure"):
        gradebook.fail(submission, State.GRADED, "", now=NOON)


def test_no_grade_stays_final_that_was_made_from_something_else(gradebook: Gradebook) -> None:
    """Also of those who are not looked at now, or not any more since the batch was killed before it came to them."""
    ada, ben = (gradebook.enter(entry(student), "a", NOON) for student in (ADA, BEN))
    unreadable = gradebook.enter(entry(Student("eve")), "a", NOON)
    grade_all(gradebook, ada, 4, 3, 2)
    changed = {**KEYS, PROBLEMS[1]: "second"}
    assert gradebook.record(ben, changed, report(4, 4, 4), seconds=1, now=NOON)
    gradebook.fail(unreadable, State.UNREADABLE, "It is empty.", now=NOON)
    gradebook.describe(FACTS, changed)
    states = {student.key: gradebook.grade(student.key).state for student in gradebook.students()}
    assert states == {"ada": State.WAITING, "ben": State.GRADED, "eve": State.UNREADABLE}
    gradebook.describe(FACTS, {**changed, "new": "first"})
    assert gradebook.grade("ben").state is State.WAITING
    assert gradebook.wanted(ada, KEYS) == ()
    assert gradebook.grade("ada").state is State.GRADED


def test_an_earlier_version_that_is_outdated_does_not_come_back_as_final(gradebook: Gradebook) -> None:
    grade_all(gradebook, gradebook.enter(entry(ADA), "a", NOON), 4, 3, 2)
    gradebook.enter(entry(ADA), "b", LATER)
    gradebook.describe(FACTS, {**KEYS, PROBLEMS[1]: "second"})
    gradebook.enter(entry(ADA), "a", LATER)
    assert gradebook.grade("ada").state is State.WAITING
