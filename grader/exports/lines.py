"""The gradebook for programs: one JSON object for each student, each on a line of its own."""

from __future__ import annotations

import json
from typing import Any

from grader.exports.scores import Scores, scores_of
from grader.gradebook.model import Course, Grade, Override, Submitted
from grader.report.json_report import as_json

SCHEMA = 1
"""Raised when a key changes its meaning or goes away; new keys may come at any time."""


def json_lines(course: Course) -> str:
    """All grades, in the order of the students' keys; strict JSON in ASCII. The keys are in docs/exports.md."""
    return "".join(f"{json.dumps(as_json(_student(course, grade)), allow_nan=False)}\n" for grade in course.grades)


def _student(course: Course, grade: Grade) -> dict[str, Any]:
    student, scores = grade.student, scores_of(grade)
    return {
        "schema": SCHEMA,
        "key": student.key,
        "name": student.name,
        "email": student.email,
        "ids": dict(sorted(student.ids.items())),
        "section": student.section,
        "on_roster": grade.on_roster,
        "state": grade.state.value,
        "final": scores.final,
        "submission": _submission(grade.submitted),
        "points": scores.points,
        "late_factor": float(grade.late_factor),
        "score": scores.score,
        "max_score": float(course.max_score),
        "problems": [_problem(grade, scores, *problem) for problem in course.problems],
        "fault": grade.fault,
        "graded_at": None if grade.graded_at is None else grade.graded_at.isoformat(),
    }


def _submission(submitted: Submitted | None) -> dict[str, Any] | None:
    if submitted is None:
        return None
    return {
        "label": submitted.label,
        "content_hash": submitted.content_hash,
        "submitted_at": None if submitted.submitted_at is None else submitted.submitted_at.isoformat(),
        "first_seen": submitted.first_seen.isoformat(),
    }


def _problem(grade: Grade, scores: Scores, name: str, title: str, question: int, points: float) -> dict[str, Any]:
    report = scores.reports.get(name)
    misconceptions = [verdict.misconception for verdict in report.verdicts if verdict.misconception] if report else []
    return {
        "name": name,
        "title": title,
        "question": question,
        "score": scores.problem(name),
        "graded_score": float(report.score) if report and scores.final else None,
        "max_score": float(points),
        "outcome": report.outcome.value if report else None,
        "misconceptions": list(dict.fromkeys(misconceptions)),
        "override": _override(grade.overrides.get(name)),
    }


def _override(override: Override | None) -> dict[str, Any] | None:
    if override is None:
        return None
    return {
        "points": float(override.points),
        "comment": override.comment,
        "author": override.author,
        "at": override.at.isoformat(),
    }
