"""`grader verify`: the problems prove themselves, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from grader.catalog.find import Place, catalog_in
from grader.catalog.load import load
from grader.commands.destination import require_writable, stdout_look, write_file, write_stdout
from grader.commands.interrupts import interrupts_wait_for
from grader.commands.progress import Bar, progress_on_stderr
from grader.compare.evaluate import one_thread
from grader.errors import ProblemDefinitionError, UsageError
from grader.exit_codes import ExitCode
from grader.grading import Prove
from grader.model.visible import visible
from grader.report.terminal import to_text
from grader.run.prover import Prover
from grader.verification import Kind, Result, Verified, verify

SCHEMA = 1
"""Raised when a key of the JSON report changes its meaning or goes away."""

FILE_WIDTH = 100
"""Columns of a table that is written to a file."""

_NOTHING_TO_PROVE = "no formula to prove"
_SAME = "It is the same mathematics: name it in `numerical`, or give the formula an instance that tells them apart."


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    names: tuple[str, ...]
    catalog: Path | None
    as_json: bool
    output: Path | None
    timeout: float


@dataclass(frozen=True, slots=True)
class Row:
    """A claim of a problem with what became of it; `is_slow` where that took too long."""

    problem: str
    verified: Verified
    is_slow: bool

    @property
    def is_fine(self) -> bool:
        """Whether nothing is to be done about it."""
        return self.verified.holds and not self.is_slow


def run(request: Request) -> ExitCode:
    """Verify, write, and return the exit code.

    Raises:
        UsageError: the request names what does not exist.
        ProblemDefinitionError: a problem file is broken.
    """
    if not 0 < request.timeout <= 3600:
        raise UsageError(f"--timeout {request.timeout:g}: choose a number of seconds between 0 and 3600.")
    if request.output is not None:
        require_writable(request.output)
    places = catalog_in(request.catalog).choose(request.names)
    with (
        interrupts_wait_for("torch"),
        progress_on_stderr("loading the problems") or nullcontext() as progress,
        Prover(request.timeout) as prover,
    ):
        prover.start()
        rows = list(_verified(places, prover.judge, request.timeout, progress))
    _write(request, places, rows)
    return ExitCode.PASSED if all(row.is_fine for row in rows) else ExitCode.FAILED


def _verified(places: tuple[Place, ...], prove: Prove, timeout: float, progress: Bar | None) -> Iterator[Row]:
    with one_thread():
        for index, place in enumerate(places):
            if progress is not None:
                progress.problem_started(place.id, index, len(places))
            try:
                for verified in verify(load(place), prove):
                    yield Row(place.id, verified, verified.seconds > timeout)
            except ProblemDefinitionError as error:
                raise ProblemDefinitionError(f"the problem {place.id} can't be verified: {error}") from error


def _write(request: Request, places: tuple[Place, ...], rows: list[Row]) -> None:
    width, color = (FILE_WIDTH, False) if request.output else stdout_look()
    text = _as_json(places, rows) if request.as_json else _as_table(rows, width, color)
    if request.output is None:
        write_stdout(text)
    else:
        write_file(request.output, text)


def _as_json(places: tuple[Place, ...], rows: list[Row]) -> str:
    problems = [
        {"id": place.id, "checks": [_check(row.verified) for row in rows if row.problem == place.id]}
        for place in places
    ]
    return json.dumps({"schema": SCHEMA, "problems": problems}, indent=2) + "\n"


def _check(verified: Verified) -> dict[str, Any]:
    return {
        "kind": verified.kind.value,
        "name": verified.name,
        "outcome": verified.outcome.value,
        "method": verified.method,
        "seconds": round(verified.seconds, 4),
    }


def _as_table(rows: list[Row], width: int, color: bool) -> str:
    return to_text((_table(rows), Text(), *_explained(rows), _summary(rows)), width=width, color=color)


def _table(rows: list[Row]) -> Table:
    table = Table(box=None)
    table.add_column("", no_wrap=True)
    table.add_column("Problem and check", overflow="fold")
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Method")
    table.add_column("Seconds", justify="right", no_wrap=True)
    last = None
    for row in rows:
        if row.problem != last:
            table.add_row("", Text(row.problem, "cyan"))
        verified = row.verified
        mark = Text("✓", "green") if row.is_fine else Text("✗", "bold red")
        name = f"{'formula: ' if verified.kind is Kind.FORMULA else ''}{verified.name}"
        table.add_row(mark, name, _outcome(row), verified.method or "", f"{verified.seconds:.3f}")
        last = row.problem
    return table


def _outcome(row: Row) -> Text:
    outcome = _NOTHING_TO_PROVE if row.verified.outcome is Result.NONE else row.verified.outcome.value
    return Text(f"{outcome}, slow" if row.is_slow else outcome, "" if row.is_fine else "red")


def _explained(rows: list[Row]) -> Iterator[RenderableType]:
    for row in rows:
        if row.is_fine:
            continue
        yield Text.assemble(("✗ ", "bold red"), (f"{row.problem}, {row.verified.name}", "bold"), f": {_reason(row)}")
        yield Text()


def _reason(row: Row) -> str:
    verified = row.verified
    if verified.holds:
        return f"right, but it took {verified.seconds:.1f} s. A smaller instance of the formula is faster."
    about = f"{verified.outcome.value}, and should be {verified.wanted.value}."
    return f"{about} {visible(verified.detail) or _SAME}"


def _summary(rows: list[Row]) -> Text:
    problems = len({row.problem for row in rows})
    trouble = sum(not row.is_fine for row in rows)
    seconds = sum(row.verified.seconds for row in rows)
    about = f"{len(rows)} checks of {problems} problem{'s' if problems > 1 else ''} in {seconds:.1f} s"
    return Text.assemble((about, "bold"), ": everything holds." if not trouble else f": {trouble} to look at.")
