"""The feedback page of a student."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from itertools import pairwise

import pytest

from grader.classroom.model import Student
from grader.gradebook.model import Grade, State, Submitted
from grader.model.words import number
from grader.pages import page_of_report, student_page
from tests.pages.classes import (
    ANSWERS,
    DUE,
    FORMULAS,
    OVERRIDE,
    SAMPLE,
    course,
    failed_by_us,
    graded,
    not_found,
    passed,
    problem,
    proved,
    report,
    trained,
    wrong,
)
from tests.pages.html_reading import Page, read


def page_of(grade: Grade) -> Page:
    return read(student_page(grade, course(grade), ANSWERS))


def test_the_page_is_what_was_agreed(golden) -> None:
    html = student_page(SAMPLE, course(SAMPLE), ANSWERS)
    golden("student_page.html", re.sub(r"<style>.*?</style>", "<style></style>", html, flags=re.DOTALL))


def test_the_page_asks_nothing_of_any_other_place() -> None:
    page = page_of(SAMPLE)
    addresses = {value for _, name, value in page.attributes if name in ("href", "src", "action", "data", "srcset")}
    assert {each for each in addresses if not each.startswith(("#", "data:,"))} == set()
    assert not {"script", "img", "iframe", "object", "form"} & set(page.tags)
    assert "url(" not in student_page(SAMPLE, course(SAMPLE), {})
    assert "@import" not in student_page(SAMPLE, course(SAMPLE), {})


def test_headings_go_down_one_level_at_a_time_and_there_is_one_title() -> None:
    levels = [int(tag[1]) for tag in page_of(SAMPLE).tags if re.fullmatch(r"h\d", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_every_problem_of_the_assignment_has_a_row_that_leads_to_it() -> None:
    grade = graded("ada", problem("td_error", passed("agreement")))
    page = page_of(grade)
    targets = [value.removeprefix("#") for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert targets == ["content", *(f"problem-{name}" for name, *_ in course().problems)]
    assert set(targets) <= set(page.ids)
    assert page.flowing().count("not graded yet") == 6  # three problems, in the table and where they are told


def test_the_total_counts_overrides_and_lateness() -> None:
    text = page_of(SAMPLE).flowing()
    assert SAMPLE.points == 4 + 0 + 1.5 + 2
    assert f"{number(SAMPLE.score)} of 16 points" in text
    assert "Handed in 1 day late: 90 % of the points count, 6.75 of 7.5." in text


def test_an_override_says_who_gave_it_when_and_why() -> None:
    text = page_of(SAMPLE).flowing()
    assert "1.5 points by hand in place of the grader’s 2, by Prof. Bellman on 5 Mar 2026, 12:00 UTC." in text
    assert "Right idea, see me." in text
    assert "error by hand" in text


def test_a_comment_is_shown_to_its_end_with_its_lines() -> None:
    comment = f"First:\n  {'x' * 3000}\nLast."
    grade = dataclasses.replace(SAMPLE, overrides={OVERRIDE.problem: dataclasses.replace(OVERRIDE, comment=comment)})
    assert comment in page_of(grade).text


def test_a_name_has_spaces_whatever_the_roster_uses_for_them() -> None:
    page = page_of(Grade(Student("y", "山田\u3000太郎\u00a0Yamada"), State.MISSING))
    assert page.text.count("山田 太郎 Yamada") == 2  # the title and the heading


def test_a_submission_in_time_is_not_called_late() -> None:
    assert "late" not in page_of(graded("ada", problem("td_error", passed("agreement")))).flowing().lower()


@pytest.mark.parametrize(
    ("late_by", "factor", "said"),
    [
        (timedelta(minutes=5), 1.0, "Handed in after the deadline, within what is allowed: it costs nothing."),
        (timedelta(days=2), 0.8, "Handed in 2 days late: 80 % of the points count, 1.6 of 2."),
        (timedelta(days=2, seconds=1), 0.7, "Handed in 3 days late: 70 % of the points count, 1.4 of 2."),
        (timedelta(hours=1), 0.875, "Handed in 1 day late: 87.5 % of the points count, 1.75 of 2."),
        (None, 0.5, "Handed in late: 50 % of the points count, 1 of 2."),
    ],
)
def test_lateness_is_told_in_days_that_have_begun(late_by, factor, said) -> None:
    submitted = Submitted(1, "a", "0", None if late_by is None else DUE + late_by, DUE)
    grade = graded("ada", problem("td_error", passed("agreement")), late_factor=factor, submitted=submitted)
    assert said in page_of(grade).flowing()


def test_a_failed_check_shows_its_message_reason_and_values() -> None:
    text = page_of(SAMPLE).flowing()
    assert "✗ failed agreement" in text
    assert "your result at index (0,) is 0.5, and should be 0." in text
    assert "Reason: You let rewards of the next episode flow back. Multiply by 1 - dones[t]." in text
    assert "expected [0, 1] got [0.5, 1]" in text


def test_a_misconception_is_explained_once_in_a_problem() -> None:
    text = page_of(SAMPLE).flowing()
    assert text.count("flow back") == 1
    assert "Likely reason: The same as above." in text


def test_a_reason_is_called_likely_where_it_is_not_proved() -> None:
    grade = graded("ada", problem("td_error", wrong("agreement")))
    assert "Likely reason: You let" in page_of(grade).flowing()


def test_checks_that_wait_are_told_with_what_they_wait_for() -> None:
    assert "contract: looked at once agreement passes (2 more points)." in page_of(SAMPLE).flowing()


def test_the_formula_is_mathml() -> None:
    assert page_of(SAMPLE).tags.count("math") == len(FORMULAS)


def test_the_line_of_an_exception_is_marked_in_the_code() -> None:
    html = student_page(SAMPLE, course(SAMPLE), ANSWERS)
    assert re.findall(r'class="line marked"><span class="at">(\d+)</span>', html) == ["3"]
    assert "An exception was raised in this line: return x + y" in " ".join(read(html).text.split())


def test_a_learning_curve_has_a_text_alternative() -> None:
    page = page_of(SAMPLE)
    curves = [value for tag, name, value in page.attributes if (tag, name) == ("svg", "aria-label")]
    assert len(curves) == 1
    assert curves[0].startswith("Learning curve: mean return over 2,048 steps, from -5 at the start to 3 at the end")
    assert "▁" not in page.text


def test_an_agent_that_left_no_curve_has_no_plot() -> None:
    page = page_of(graded("ada", problem("train", trained("learns", ()))))
    assert "svg" not in page.tags
    assert "Your agent earned 3.1" in page.flowing()


def test_a_function_that_was_not_found_is_told_once() -> None:
    text = page_of(graded("ada", problem("td_error", *not_found("td_error")))).flowing()
    assert text.count("Found td_errors, expected td_error: is it only named differently?") == 1
    assert "– not found" in text


def test_a_problem_that_is_fine_is_folded_and_others_are_open() -> None:
    html = student_page(SAMPLE, course(SAMPLE), ANSWERS)
    parts = {name: html.split(f'id="problem-{name}"')[1].split("</article>")[0] for name, *_ in course().problems}
    folded = {name for name, part in parts.items() if "Formula, checks and code" in part}
    assert folded == {"discounted_returns"}


def test_what_the_code_printed_is_shown() -> None:
    assert "What your code printed step 1" in page_of(SAMPLE).flowing()
    loaded = dataclasses.replace(SAMPLE, report=report(output="loading\n" * 100))
    assert "What your code printed while it was loaded loading" in page_of(loaded).flowing()
    assert page_of(loaded).text.count("loading") == 40


def test_notices_are_shown() -> None:
    assert "solution.ipynb:3: The line magic %pip was left out." in page_of(SAMPLE).flowing()


def test_a_failure_of_the_grader_is_not_called_the_students() -> None:
    text = page_of(graded("ada", problem("td_error", failed_by_us("agreement")))).flowing()
    assert "! grader error" in text
    assert "costs you nothing" in text


@pytest.mark.parametrize(
    ("state", "said", "has_total"),
    [
        (State.WAITING, "this is not the final score", False),
        (State.GRADER_ERROR, "The grader failed on your submission. This costs you nothing", False),
        (State.UNREADABLE, "Nothing in your submission could be graded.", True),
        (State.MISSING, "You have handed in nothing.", True),
    ],
)
def test_a_grade_without_a_report_says_why_and_gives_a_total_only_if_it_is_final(state, said, has_total) -> None:
    grade = Grade(Student("ada"), state, fault="It holds `hw.pdf` alone.\nMend it.")
    text = page_of(grade).flowing()
    assert said in text
    assert "It holds hw.pdf alone. Mend it." in text
    assert ("0 of 16 points" in text) is has_total


def test_a_grade_that_is_not_final_says_so_beside_its_points() -> None:
    grade = dataclasses.replace(graded("ada", problem("td_error", passed("agreement"))), state=State.WAITING)
    assert "2 of 16 points so far" in page_of(grade).flowing()


def test_the_seed_of_a_gradebook_is_kept_secret_and_that_of_a_single_check_is_told() -> None:
    assert "987654321" not in student_page(SAMPLE, course(SAMPLE), ANSWERS)
    assert SAMPLE.report is not None
    assert "--seed 987654321" in page_of_report(SAMPLE.report, "", FORMULAS, ANSWERS)


def test_a_page_of_a_single_report_shows_the_same_problems() -> None:
    assert SAMPLE.report is not None
    page = read(page_of_report(SAMPLE.report, "Homework 1", FORMULAS, ANSWERS))
    assert {each for each in page.ids if each.startswith("problem-")} == {
        f"problem-{p.id}" for p in SAMPLE.report.problems
    }
    assert "6 of 16 points" not in page.flowing()
    assert f"{number(SAMPLE.report.score)} of {number(SAMPLE.report.max_score)} points" in page.flowing()


def test_the_same_grade_gives_the_same_page() -> None:
    grade = graded("ada", problem("td_error", proved("symbolic")))
    assert student_page(grade, course(grade), ANSWERS) == student_page(grade, course(grade), ANSWERS)
