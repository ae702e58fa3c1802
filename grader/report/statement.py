"""The text of `grader show`: everything a student needs to know to write one function, generated from the problem."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from grader.model.problem import CatalogEntry
from grader.model.words import number
from grader.report.terminal import to_text

_INDENT = (0, 0, 0, 2)


def render_statement(entry: CatalogEntry, *, width: int = 80, color: bool = False) -> str:
    """Title, source, statement, formula, header, arguments and checks."""
    return to_text(_parts(entry), width=width, color=color)


def _parts(entry: CatalogEntry) -> Iterator[RenderableType]:
    problem = entry.problem
    heading = Text.assemble((problem.title, "bold"), f" · question {entry.question} · {number(problem.points)} points")
    yield Rule(heading, align="left", style="bright_black")
    yield Text(problem.source, "bright_black")
    yield Text()
    yield Markdown(problem.statement.strip(), hyperlinks=False)
    yield from _section("Formula (LaTeX)", Text(problem.latex))
    yield from _section("Write", Text(problem.signature.header(entry.id), "cyan"))
    yield from _section("Arguments", _arguments(entry))
    yield from _section("Checks", _checks(entry))
    yield from _order(entry)


def _section(title: str, body: RenderableType) -> Iterator[RenderableType]:
    yield Text()
    yield Text(title, "bold")
    yield Padding(body, _INDENT)


def _arguments(entry: CatalogEntry) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column()
    for row in entry.problem.signature.describe():
        grid.add_row(*row)
    return grid


def _checks(entry: CatalogEntry) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column()
    for check in entry.problem.checks:
        grid.add_row(check.name, number(check.points), check.title)
    return grid


def _order(entry: CatalogEntry) -> Iterator[RenderableType]:
    waiting: dict[str, list[str]] = {}
    for check in entry.problem.checks:
        if check.requires:
            waiting.setdefault(check.requires, []).append(check.name)
    for required, names in waiting.items():
        text = f"{', '.join(names)}: looked at once {required} passes"
        yield Padding(Text(text, "bright_black"), _INDENT)
