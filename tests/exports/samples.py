"""A small course whose strings can be chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from grader.classroom.model import Student
from grader.gradebook.model import Course, Grade, Override, State, Submitted
from grader.model.submission import Notice
from grader.model.verdict import Outcome, ProblemReport, Report, Verdict

AT = datetime(2026, 1, 9, 10, 28, 53, 5, UTC)
PROBLEMS = (("layer_norm", "Layer normalisation", 12, 4.0), ("ppo_loss", "PPO's loss", 7, 6.0))


def report(points: float = 2.5, message: str = "It differs.", misconception: str | None = "sums") -> Report:
    norm = (
        Verdict("agreement", "gives the right values", Outcome.PASSED, points, 3.0),
        Verdict("edges", "is right at the edges", Outcome.FAILED, 0.0, 1.0, message, misconception, "You add. Divide."),
    )
    loss = (Verdict("agreement", "gives the right values", Outcome.PASSED, 6.0, 6.0),)
    problems = (
        ProblemReport("layer_norm", "Layer normalisation", 12, norm, (Notice(message),), output=message),
        ProblemReport("ppo_loss", "PPO's loss", 7, loss),
    )
    return Report(message, 1, "sandlock", "cpu", problems, (Notice(message),), output=message)


def graded(student: Student, label: str = "hw.py", message: str = "It differs.") -> Grade:
    submitted = Submitted(1, label, "ab" * 32, AT, AT)
    return Grade(student, State.GRADED, submitted, report(message=message), graded_at=AT)


def overridden(grade: Grade, points: float = 4.0, comment: str = "A good idea.", author: str = "ta") -> Grade:
    return replace(grade, overrides={"layer_norm": Override("layer_norm", points, comment, author, AT)})


def course(*grades: Grade, title: str = "Homework 1") -> Course:
    return Course(title, 10.0, PROBLEMS, grades)


def hostile(text: str) -> Course:
    """A course in which everything that a student can choose is this text, between two harmless students."""
    ids = dict.fromkeys(("canvas", "sis", "login", "moodle", "gradescope", "github"), text)
    student = Student(text, text, text, ids, text)
    middle = replace(overridden(graded(student, text, text), comment=text, author=text), fault=text)
    return course(
        graded(Student("anna", "Anna", "anna@uni.edu", {"canvas": "1", "moodle": "345"})),
        middle,
        graded(Student("zoe", "Zoe", "zoe@uni.edu", {"canvas": "2", "moodle": "346"})),
    )


def unfinished() -> tuple[Grade, ...]:
    """One grade in every state that is not final, with points that must not be handed on."""
    waiting = replace(graded(Student("w", "Waiting", ids={"canvas": "3", "moodle": "3"})), state=State.WAITING)
    failed = Grade(
        Student("f", "Failed", ids={"canvas": "4", "moodle": "4"}), State.GRADER_ERROR, fault="ended two workers"
    )
    return failed, replace(waiting, report=None), waiting
