"""`grader problems` and `grader show`: what there is, and what it asks for."""

from __future__ import annotations

import json
from pathlib import Path

from rich.table import Table
from rich.text import Text

from grader.assignment.apply import Applied, Assigned
from grader.commands.destination import stdout_look, write_stdout
from grader.exit_codes import ExitCode
from grader.model.problem import CatalogEntry
from grader.model.words import number
from grader.report.statement import render_statement
from grader.report.terminal import to_text
from grader.session import assignment_of

SCHEMA = 1
"""Raised when a key of the JSON list changes its meaning or goes away."""


def list_problems(folder: Path | None, assignment: Path | None, *, as_json: bool) -> ExitCode:
    """Print all problems, or those of an assignment, in order of question."""
    entries = [problem.entry for problem in _problems((), folder, assignment)]
    write_stdout(_as_json(entries) if as_json else _as_table(entries))
    return ExitCode.PASSED


def show_problems(name: str, folder: Path | None, assignment: Path | None) -> ExitCode:
    """Print the statement of a problem, or of all problems of a question, without the checks an assignment hides."""
    problems = _problems((name,), folder, assignment)
    write_stdout("\n".join(_shown(problem) for problem in problems))
    return ExitCode.PASSED


def _problems(names: tuple[str, ...], folder: Path | None, file: Path | None) -> list[Assigned]:
    assignment, catalog = assignment_of(file, folder)
    applied = Applied(assignment, catalog, final=True)
    return [applied.assigned(place) for place in catalog.choose(names)]


def _shown(problem: Assigned) -> str:
    width, color = stdout_look()
    statement = render_statement(problem.graded(final=False), width=width, color=color)
    if not problem.hidden:
        return statement
    more = f"  {number(problem.hidden_points)} more points count in the final grade, by checks that are not shown."
    return statement + to_text((Text(more, "bright_black"),), width=width, color=color)


def _as_table(entries: list[CatalogEntry]) -> str:
    width, color = stdout_look()
    table = Table(box=None)
    table.add_column("Question", style="bright_black")
    table.add_column("Name", style="cyan", no_wrap=True)
    table.add_column("Title")
    table.add_column("Points", justify="right", no_wrap=True)
    last = None
    for entry in entries:
        question = "" if entry.question == last else str(entry.question)
        table.add_row(question, entry.id, entry.problem.title, number(entry.problem.points))
        last = entry.question
    total = number(sum(entry.problem.points for entry in entries))
    problems = f"{len(entries)} problem{'s' if len(entries) > 1 else ''}"
    footer = f"{problems}, {total} points. `grader show NAME` tells what one asks for."
    return to_text((table, Text(), Text(footer, "bright_black")), width=width, color=color)


def _as_json(entries: list[CatalogEntry]) -> str:
    listed = [
        {
            "id": entry.id,
            "question": entry.question,
            "topic": entry.topic,
            "title": entry.problem.title,
            "source": entry.problem.source,
            "points": float(entry.problem.points),
        }
        for entry in entries
    ]
    return json.dumps({"schema": SCHEMA, "problems": listed}, indent=2) + "\n"
