"""The report on a class."""

from __future__ import annotations

import re
from itertools import pairwise

from grader.classroom.model import Student
from grader.gradebook.model import Grade, State
from grader.pages import class_report, student_file
from tests.pages.classes import (
    SAMPLE,
    course,
    drawn_class,
    failed_by_us,
    graded,
    not_found,
    passed,
    problem,
    raised,
    wrong,
)
from tests.pages.html_reading import read

HEADING = re.compile(r"<h2[^>]*>(.*?)</h2>")


def text_of(*grades: Grade, notices: tuple[str, ...] = ()) -> str:
    return read(class_report(course(*grades, notices=notices))).flowing()


def test_a_large_class_has_all_its_sections_and_is_one_self_contained_page() -> None:
    html = class_report(drawn_class(60, seed=5))
    wanted = [
        "Needs attention", "Scores", "Misconceptions", "Problems", "Hardest checks", "Graded by hand", "Timing",
        "All students",
    ]  # fmt: skip
    assert HEADING.findall(html) == wanted
    page = read(html)
    addresses = {value for _, name, value in page.attributes if name in ("href", "src")}
    assert all(each.startswith(("#", "data:,", "students/")) for each in addresses)
    assert "script" not in page.tags


def test_headings_go_down_one_level_at_a_time() -> None:
    tags = read(class_report(drawn_class(60, seed=5))).tags
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_an_empty_class_is_a_page_too() -> None:
    text = text_of()
    assert "Students0" in text
    assert "Nothing is graded yet." in text
    assert "Needs attention" not in text


def test_a_class_of_which_nothing_is_graded_says_so() -> None:
    text = text_of(Grade(Student("ada"), State.WAITING), Grade(Student("bob"), State.MISSING))
    assert "Nothing is graded yet." in text
    assert "Not graded yet (1)" in text
    assert "Handed in nothing (1)" in text
    assert "Mean score" not in text


def test_what_needs_attention_comes_first_and_failures_of_the_grader_before_all() -> None:
    html = class_report(drawn_class(60, seed=5))
    _, text = read(html).flowing().split("All students", 1)  # the last one of the list of sections
    places = [text.index(each) for each in ("The grader failed (1)", "Unreadable (1)", "Not graded yet (1)",
              "Handed in nothing (1)", "Notices", "Scores")]  # fmt: skip
    assert places == sorted(places)


def test_a_fault_in_a_single_check_is_listed_with_its_problem() -> None:
    text = text_of(graded("ada", problem("td_error", failed_by_us("agreement"), passed("contract"))))
    assert "The grader failed (1)" in text
    assert "td_error, check agreement: The grader itself failed here" in text


def test_a_student_who_is_not_on_the_roster_is_listed() -> None:
    text = text_of(graded("eve", problem("td_error", passed("agreement")), on_roster=False))
    assert "Not on the roster (1) eve" in text


def test_a_score_that_is_not_final_is_not_given() -> None:
    html = class_report(course(Grade(Student("ada"), State.GRADER_ERROR, fault="It ended two workers.")))
    assert "ada not final ! grader error" in read(html).flowing()


def test_the_distribution_has_a_text_alternative_with_its_counts() -> None:
    full = [problem(name, passed("a", 4.0)) for name, *_ in course().problems]
    html = class_report(course(graded("ada", *full), graded("bob", *full), graded("cy", full[0])))
    labels = [value for tag, name, value in read(html).attributes if (tag, name) == ("svg", "aria-label")]
    assert labels == ["Distribution of scores. 3.2 to 4.8 points: 1; 14.4 to 16 points: 2"]


def test_a_misconception_is_told_with_its_feedback_and_everybody_who_shares_it() -> None:
    grades = (
        graded("ada", problem("td_error", wrong("agreement", proven=True), wrong("edges")), name="Ada Lovelace"),
        graded("bob", problem("td_error", wrong("agreement"))),
        graded("cy", problem("td_error", wrong("agreement", 1))),
        graded("dee", problem("td_error", passed("agreement"))),
    )
    html = class_report(course(*grades))
    text = read(html).flowing()
    first = text.index(
        "Temporal-difference error: 2 of 4 (50 %) td_error You let rewards of the next episode flow back."
    )
    assert "Who (proved for 1): Ada Lovelace bob" in text[first:]
    assert "Temporal-difference error: 1 of 4 (25 %) td_error You leave γ out. Who: cy" in text[first:]
    assert "<em>next</em> episode" in html
    assert "<code>1 - dones[t]</code>" in html


def test_failures_that_nothing_explains_are_listed_apart() -> None:
    text = text_of(
        graded("ada", problem("td_error", raised("agreement"))),
        graded("bob", problem("td_error", *not_found("td_error"))),
    )
    assert "None was found." in text
    assert (
        "Failures that no known misconception explains Temporal-difference error: 1 of 2 (50 %) td_error Who: ada"
        in text
    )


def test_rare_misconceptions_and_long_lists_of_names_are_folded_away() -> None:
    many = [graded(f"student{n}", problem("td_error", wrong("agreement"))) for n in range(13)]
    assert "<summary>Who</summary>" in class_report(course(*many))
    assert "<summary>Who</summary>" not in class_report(course(*many[:12]))


def test_problems_are_shown_with_their_mean_points_and_success() -> None:
    grades = (
        graded("ada", problem("td_error", passed("agreement", 4.0))),
        graded("bob", problem("td_error", wrong("agreement"))),
        graded("cy", problem("td_error", *not_found("td_error"))),
    )
    text = text_of(*grades)
    assert "Temporal-difference error question 2 1.33 / 4 33 % 1" in text
    assert "Discounted returns question 1 not graded yet" in text


def test_overrides_are_listed_with_author_time_and_reason() -> None:
    text = text_of(SAMPLE)
    assert "Ada Lovelace ppo_clip_objective 1.5 Right idea, see me. Prof. Bellman, 5 Mar 2026, 12:00 UTC" in text


def test_late_students_are_marked() -> None:
    assert "✓ graded late, 90 %" in text_of(SAMPLE)


def test_students_are_linked_by_safe_names_and_by_another_address_where_one_is_given() -> None:
    grade = graded("../../etc/passwd", problem("td_error", passed("agreement")))
    assert f'href="{student_file("../../etc/passwd")}"' in class_report(course(grade))
    assert "../.." not in str([v for _, n, v in read(class_report(course(grade))).attributes if n == "href"])
    assert 'href="/student/16"' in class_report(course(grade), link=lambda key: f"/student/{len(key)}")


def test_the_sections_are_listed_before_them_and_only_those_that_are_there() -> None:
    for shown in (drawn_class(60, seed=5), course(), course(graded("ada", problem("td_error", passed("agreement"))))):
        html = class_report(shown)
        listed = re.findall(r'<li><a href="#(\w+)">(.*?)</a></li>', html)
        assert listed == re.findall(r'<h2 id="(\w+)">(.*?)</h2>', html)


def test_the_seconds_of_a_problem_are_told() -> None:
    text = text_of(
        graded("ada", problem("td_error", passed("agreement"), seconds=1)),
        graded("bob", problem("td_error", passed("agreement"), seconds=2)),
    )
    assert "Mean seconds Temporal-difference error1.5 All students" in text
