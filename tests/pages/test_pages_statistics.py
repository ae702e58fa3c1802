"""What is counted over a class."""

from __future__ import annotations

import dataclasses

from grader.classroom.model import Student
from grader.gradebook.model import Grade, State
from grader.pages.statistics import (
    distribution,
    hardest_checks,
    mistakes,
    problem_figures,
    scores,
    slowest,
    unexplained,
)
from tests.pages.classes import (
    OVERRIDE,
    course,
    failed_by_us,
    graded,
    not_found,
    passed,
    problem,
    raised,
    waiting,
    wrong,
)


def td_error(key: str, *verdicts, **more: object) -> Grade:
    return graded(key, problem("td_error", *verdicts), **more)


def test_only_finished_gradings_are_among_the_scores() -> None:
    unfinished = dataclasses.replace(td_error("bob", passed("agreement")), state=State.WAITING)
    nothing = Grade(Student("cy"), State.MISSING)
    assert scores(course(td_error("ada", passed("agreement")), unfinished, nothing)) == [2.0]


def test_the_greatest_score_and_one_above_it_belong_to_the_last_tenth_and_a_negative_one_to_the_first() -> None:
    worth = (16.0, 20.0, -1.0, 1.6, 1.59)
    grades = [td_error(f"s{i}", passed("agreement", points)) for i, points in enumerate(worth)]
    assert distribution(course(*grades)) == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_a_score_on_an_edge_is_counted_above_it_whatever_the_rounding() -> None:
    whole = course(td_error("ada", passed("a", 0.1), passed("b", 0.2)))
    assert distribution(dataclasses.replace(whole, max_score=1.0)).index(1) == 3


def test_an_assignment_without_points_has_all_scores_in_the_first_tenth() -> None:
    assert distribution(dataclasses.replace(course(td_error("ada")), max_score=0.0))[0] == 1


def test_a_student_counts_once_for_a_misconception_that_failed_several_checks() -> None:
    (found,) = mistakes(course(td_error("ada", wrong("agreement"), wrong("edges", proven=True))))
    assert [grade.student.key for grade in found.grades] == ["ada"]
    assert found.proved == 1


def test_one_misconception_of_two_problems_is_two() -> None:
    grade = graded("ada", problem("td_error", wrong("a")), problem("discounted_returns", wrong("a")))
    assert [each.problem for each in mistakes(course(grade))] == ["discounted_returns", "td_error"]


def test_a_failure_beside_an_explained_one_counts_as_explained() -> None:
    assert unexplained(course(td_error("ada", wrong("agreement"), raised("edges")))) == []
    assert [each.problem for each in unexplained(course(td_error("ada", raised("agreement"))))] == ["td_error"]


def test_a_check_counts_where_it_was_looked_at() -> None:
    grades = (
        td_error("ada", wrong("agreement"), waiting("contract")),
        td_error("bob", passed("agreement"), passed("contract")),
        td_error("cy", *not_found("td_error")),
        td_error("dee", failed_by_us("agreement")),
    )
    (hardest,) = hardest_checks(course(*grades))
    assert (hardest.check, hardest.passed, hardest.looked_at) == ("agreement", 1, 2)


def test_points_given_by_hand_count_in_the_figures_of_a_problem() -> None:
    override = dataclasses.replace(OVERRIDE, problem="td_error", points=4.0)
    grades = (
        td_error("ada", wrong("agreement"), overrides={"td_error": override}),
        td_error("bob", wrong("agreement")),
    )
    figures = next(each for each in problem_figures(course(*grades)) if each.name == "td_error")
    assert (figures.mean, figures.full, figures.graded) == (2.0, 1, 2)


def test_the_slowest_submissions_come_first() -> None:
    grades = [graded(f"s{i}", problem("td_error", passed("a"), seconds=float(i))) for i in range(8)]
    found = slowest(course(*grades, Grade(Student("x"), State.MISSING)))
    assert [(grade.student.key, seconds) for grade, seconds in found][:2] == [("s7", 7.0), ("s6", 6.0)]
    assert len(found) == 5
