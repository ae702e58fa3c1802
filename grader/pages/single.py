"""The page of a submission that stands alone: a class of one."""

from __future__ import annotations

from collections.abc import Mapping

from grader.classroom.model import Student
from grader.gradebook.model import Answer, Course, Grade, State
from grader.model.verdict import Report
from grader.pages.student import student_page


def page_of_report(report: Report, title: str, formulas: Mapping[str, str], answers: Mapping[str, Answer]) -> str:
    """A feedback page for a report of `grader check`; `title` is the assignment's, and may be empty."""
    grade = Grade(Student(report.submission), State.GRADED, report=report)
    problems = tuple((problem.id, problem.title, problem.question, problem.max_score) for problem in report.problems)
    course = Course(title, report.max_score, problems, (grade,), formulas=formulas)
    return student_page(grade, course, answers, with_seed=True)
