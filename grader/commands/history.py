"""`grader history`: where a student stands, and how it came to that."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from grader.commands.destination import stdout_look, write_stdout
from grader.exit_codes import ExitCode
from grader.gradebook.model import Event, Grade, State
from grader.gradebook.store import Gradebook
from grader.model.visible import visible
from grader.model.words import number
from grader.report.json_report import as_json
from grader.report.terminal import to_text

SCHEMA = 1
"""Raised when a key of the JSON object changes its meaning or goes away."""

_STATES = {
    State.WAITING: "waiting to be graded",
    State.GRADED: "graded",
    State.UNREADABLE: "can't be read",
    State.GRADER_ERROR: "the grader failed",
    State.MISSING: "nothing was handed in",
}


def run(student: str, gradebook: str, *, in_json: bool) -> ExitCode:
    """Print a student's history.

    Raises:
        UsageError: there is no such gradebook or student.
    """
    with Gradebook.open(gradebook, create=False) as opened:
        key = opened.find(student).key
        grade, events = opened.grade(key), opened.history(key)
    write_stdout(_in_json(grade, events) if in_json else _in_words(grade, events))
    return ExitCode.PASSED


def _in_json(grade: Grade, events: tuple[Event, ...]) -> str:
    document = {
        "schema": SCHEMA,
        "student": {"key": grade.student.key, "name": grade.student.name, "email": grade.student.email},
        "state": grade.state.value,
        "fault": grade.fault,
        "points": float(grade.points),
        "late_factor": float(grade.late_factor),
        "score": float(grade.score),
        "overrides": [
            {
                "problem": override.problem,
                "points": float(override.points),
                "comment": override.comment,
                "author": override.author,
                "at": _iso(override.at),
            }
            for override in grade.overrides.values()
        ],
        "events": [
            {"at": _iso(event.at), "kind": event.kind, "text": event.text, "author": event.author} for event in events
        ],
    }
    return json.dumps(as_json(document), indent=2, allow_nan=False) + "\n"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _in_words(grade: Grade, events: tuple[Event, ...]) -> str:
    width, color = stdout_look()
    heading = Text(visible(grade.student.shown), "bold")
    if grade.student.name:
        heading.append(f"  {visible(grade.student.key)}", "bright_black")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bright_black", no_wrap=True)
    table.add_column()
    for event in events:
        by = f" ({visible(event.author)})" if event.author else ""
        table.add_row(f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC", Text(visible(event.text) + by))
    return to_text((heading, Text(_standing(grade)), Text(), table), width=width, color=color)


def _standing(grade: Grade) -> str:
    said = f"{number(grade.score)} points, {_STATES[grade.state]}"
    if grade.late_factor != 1:
        said += f"; {number(grade.points)} points count to {number(100 * grade.late_factor)} % because of lateness"
    return said + (f"; by hand: {', '.join(map(visible, grade.overrides))}." if grade.overrides else ".")
