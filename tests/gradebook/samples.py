"""A small class and reports on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grader.classroom.model import Entry, Student
from grader.gradebook.model import ClassFacts
from grader.gradebook.store import Gradebook
from grader.model.evidence import Setting, ValueMismatch
from grader.model.submission import Notice
from grader.model.verdict import Outcome, ProblemReport, Report, Verdict

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
PROBLEMS = ("discounted_returns", "td_error", "layer_norm")
KEYS = dict.fromkeys(PROBLEMS, "first")
FACTS = ClassFacts("Homework 1", tuple((name, name.replace("_", " "), 1, 4.0) for name in PROBLEMS))
ADA, BEN = Student("ada", "Ada Lovelace", "ada@example.org", {"canvas": "17"}), Student("ben", "Ben")

_SETTING = Setting("a small case", "float32", {"x": [0.0, float("inf")], "gamma": 0.5})
_MISMATCH = ValueMismatch(_SETTING, [0.0], [0.5], (0,), 0.0, 0.5, 1e-6, 1, 2, False)


def entry(student: Student, label: str = "answers.py", **more: object) -> Entry:
    """What a student handed in."""
    return replace(Entry(student, label, ((label, Path(label)),), NOON), **more)


def problem(name: str, points: float = 4.0, outcome: Outcome = Outcome.PASSED) -> ProblemReport:
    """A report on one problem of four points: two for each of two checks."""
    first = Verdict("agreement", "agrees", Outcome.PASSED, min(points, 2.0), 2.0)
    if points < 4 and outcome is Outcome.PASSED:
        second = Verdict("edges", "edges", Outcome.FAILED, points - 2, 2.0, "Not so.", "no_cut", "Cut.", _MISMATCH)
    else:
        second = Verdict("edges", "edges", outcome, points - 2, 2.0)
    return ProblemReport(name, name.replace("_", " "), 1, (first, second), (Notice("Look."),), "out\x00", 0.25)


def report(*points: float, seed: int = 7) -> Report:
    """A report on the first problems, with these points."""
    problems = tuple(problem(name, each) for name, each in zip(PROBLEMS, points, strict=False))
    return Report("answers", seed, "none", "cpu", problems, (Notice("No sandbox.", "a.py", 3),), "loading\n")


def grade_all(gradebook: Gradebook, submission_id: int, *points: float, **more: object) -> None:
    """Record a report with these points for the problems."""
    assert gradebook.record(submission_id, KEYS, report(*points), seconds=1.0, now=NOON, **more)
