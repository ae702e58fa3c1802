"""The feedback page of one student."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from grader.gradebook.model import Answer, Course, Grade, State
from grader.model.words import number
from grader.pages.looks import STATES, exact_percent
from grader.pages.problem import Asked, ProblemShown, problem_shown
from grader.pages.prose import prose, prose_paragraphs
from grader.pages.rendering import rendered
from grader.report.untrusted import visible_lines

_DAY_SECONDS = 24 * 60 * 60

_STANDING = {
    State.WAITING: "Not everything is graded yet, so this is not the final score.",
    State.UNREADABLE: "Nothing in your submission could be graded.",
    State.GRADER_ERROR: "The grader failed on your submission. This costs you nothing: it will be graded again.",
    State.MISSING: "You have handed in nothing.",
}
"""What a student should know first where there is more to say than the score."""


def student_page(grade: Grade, course: Course, answers: Mapping[str, Answer], *, with_seed: bool = False) -> str:
    """Everything a student should know about a grade, as one HTML document that needs nothing else.

    `answers` holds the student's code by problem, where there is any to show. The seed is shown `with_seed` alone: that
    of a gradebook is secret.
    """
    problems = tuple(_problems(grade, course, answers))
    report = grade.report
    return rendered(
        "student.html.j2",
        grade=grade,
        course=course,
        report=report,
        with_seed=with_seed,
        state=STATES[grade.state],
        standing=_STANDING.get(grade.state, ""),
        fault=prose_paragraphs(grade.fault),
        late=_late(grade, course),
        questions=[(question, tuple(group)) for question, group in groupby(problems, key=lambda p: p.question)],
        notices=() if report is None else tuple(prose(str(notice)) for notice in report.notices),
        output=() if report is None else tuple(visible_lines(report.output)),
    )


def _problems(grade: Grade, course: Course, answers: Mapping[str, Answer]) -> Iterator[ProblemShown]:
    """The problems of the assignment in its order, then what was graded besides."""
    graded = {} if grade.report is None else {report.id: report for report in grade.report.problems}
    latex = course.formulas.get
    asked = {
        name: Asked(name, title, question, points, latex(name)) for name, title, question, points in course.problems
    }
    for name, report in graded.items():
        asked.setdefault(name, Asked(name, report.title, report.question, report.max_score, latex(name)))
    for name, each in asked.items():
        yield problem_shown(each, grade, graded.get(name), answers.get(name))


def _late(grade: Grade, course: Course) -> str:
    """How late it was and what that costs, in one sentence; empty where it was in time."""
    days = _days_late(grade, course)
    if grade.late_factor == 1.0 and not days:
        return ""
    by = "late" if not days else "1 day late" if days == 1 else f"{days} days late"
    if grade.late_factor == 1.0:
        return "Handed in after the deadline, within what is allowed: it costs nothing."
    counts = f"{exact_percent(grade.late_factor)} of the points count"
    return f"Handed in {by}: {counts}, {number(grade.score)} of {number(grade.points)}."


def _days_late(grade: Grade, course: Course) -> int:
    """Days that have begun since the deadline."""
    submitted_at = None if grade.submitted is None else grade.submitted.submitted_at
    if submitted_at is None or course.due is None or submitted_at <= course.due:
        return 0
    return -int((course.due - submitted_at).total_seconds() // _DAY_SECONDS)
