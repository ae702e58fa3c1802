"""Points by hand: they count in place of the graded ones, whatever is graded."""

from __future__ import annotations

import pytest

from grader.errors import UsageError
from grader.gradebook.store import Gradebook
from tests.gradebook.samples import (
    ADA,
    FACTS,
    LATER,
    NOON,
    PROBLEMS,
    entry,
    grade_all,
)


def test_points_by_hand_outlive_a_regrade(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, submission, 4, 3, 2)
    gradebook.override("ada", PROBLEMS[2], 3.5, "A good idea", "Grace", LATER)
    grade_all(gradebook, submission, 4, 4, 0)
    grade = gradebook.grade("ada")
    given = grade.overrides[PROBLEMS[2]]
    assert grade.points == 11.5
    assert (given.points, given.comment, given.author, given.at) == (3.5, "A good idea", "Grace", LATER)


def test_points_by_hand_outlive_a_new_version(gradebook: Gradebook) -> None:
    gradebook.describe(FACTS)
    gradebook.enter(entry(ADA), "a", NOON)
    gradebook.override("ada", PROBLEMS[2], 3, "", "Grace", LATER)
    gradebook.enter(entry(ADA), "b", LATER)
    assert gradebook.grade("ada").points == 3


def test_new_points_by_hand_take_the_place_of_the_old(gradebook: Gradebook) -> None:
    gradebook.describe(FACTS)
    gradebook.enrol([ADA])
    gradebook.override("ada", "td_error", 3, "", "Grace", NOON)
    gradebook.override("ada", "td_error", 1, "A slip", "Alan", LATER)
    assert gradebook.grade("ada").points == 1
    assert [(event.text, event.author) for event in gradebook.history("ada")] == [
        ("3 points for `td_error` by hand.", "Grace"),
        ("1 point for `td_error` by hand: A slip", "Alan"),
    ]


def test_points_by_hand_can_be_taken_back(gradebook: Gradebook) -> None:
    grade_all(gradebook, gradebook.enter(entry(ADA), "a", NOON), 4, 3, 2)
    gradebook.override("ada", PROBLEMS[2], 4, "", "Grace", NOON)
    gradebook.remove_override("ada", PROBLEMS[2], "Wrong student", "Grace", LATER)
    assert (gradebook.grade("ada").points, gradebook.grade("ada").overrides) == (9, {})
    assert gradebook.history("ada")[-1].text == "Points by hand for `layer_norm` taken back: Wrong student"


def test_points_that_were_not_given_can_not_be_taken_back(gradebook: Gradebook) -> None:
    gradebook.enrol([ADA])
    with pytest.raises(UsageError, match="No points were given by hand for `td_error`"):
        gradebook.remove_override("ada", "td_error", "", "Grace", NOON)


@pytest.mark.parametrize("points", [-0.5, float("nan"), float("inf")])
def test_points_have_to_be_points(gradebook: Gradebook, points: float) -> None:
    gradebook.enrol([ADA])
    with pytest.raises(UsageError, match="are no points"):
        gradebook.override("ada", "td_error", points, "", "Grace", NOON)


def test_a_problem_that_the_assignment_lacks_gets_no_points(gradebook: Gradebook) -> None:
    gradebook.describe(FACTS)
    gradebook.enrol([ADA])
    with pytest.raises(UsageError, match=r"no problem `layer_nrom`. Did you mean `layer_norm`\?"):
        gradebook.override("ada", "layer_nrom", 1, "", "Grace", NOON)


def test_an_unknown_student_gets_no_points(gradebook: Gradebook) -> None:
    with pytest.raises(UsageError, match="no student `ada`"):
        gradebook.override("ada", "td_error", 1, "", "Grace", NOON)


@pytest.mark.parametrize("ask", [Gradebook.grade, Gradebook.history])
def test_an_unknown_student_has_no_grade(gradebook: Gradebook, ask) -> None:
    with pytest.raises(UsageError, match="no student `ada`"):
        ask(gradebook, "ada")
