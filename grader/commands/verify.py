"""`grader verify`: the problems prove themselves, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from grader.assignment.apply import Applied
from grader.assignment.model import Assignment
from grader.catalog.find import Catalog, Place
from grader.catalog.fingerprint import fingerprint_of
from grader.catalog.load import load
from grader.commands.destination import require_writable, stdout_look, write_file, write_stdout
from grader.commands.interrupts import interrupts_wait_for
from grader.commands.progress import Bar, progress_on_stderr
from grader.commands.verify_cache import Cache, default_folder
from grader.commands.workers import each_done, shown_on
from grader.compare.evaluate import one_thread
from grader.errors import ProblemDefinitionError, UsageError
from grader.exit_codes import ExitCode
from grader.marking import resolve_device
from grader.model.visible import visible
from grader.report.terminal import to_text
from grader.run.prover import Prover
from grader.self_proof import prove_itself
from grader.session import assignment_of
from grader.verification import Kind, Result, Verified, verify

SCHEMA = 1
"""Raised when a key of the JSON report changes its meaning or goes away."""

MOST_ON_GPU = 4
"""Processes that share the GPUs unless told otherwise: each holds a context, half a gigabyte or so of their memory."""

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
    workers: int = 1
    """Processes; 0 for one per core."""

    remember: bool = False
    """Whether what holds is kept in a cache."""

    only_formulas: bool = False
    verbose: bool = False
    assignment: Path | None = None
    device: str = "cpu"
    """Where the answers of the self-proof get their tensors."""


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
        UsageError: the request or the assignment file names what does not exist.
        ProblemDefinitionError: a problem file is broken.
    """
    if not 0 < request.timeout <= 3600:
        raise UsageError(f"--timeout {request.timeout:g}: choose a number of seconds between 0 and 3600.")
    assignment, catalog, places = asked_for(request)
    with (
        interrupts_wait_for("torch"),
        progress_on_stderr("loading the problems") or nullcontext() as progress,
    ):
        Applied(assignment, catalog, final=True)  # what the file says of their checks and calls has to exist
        rows = _rows(request, places, progress, resolve_device(request.device))
    look = text_look(request)
    write_text(request, _as_json(places, rows) if request.as_json else _as_table(rows, *look, verbose=request.verbose))
    return ExitCode.PASSED if all(row.is_fine for row in rows) else ExitCode.FAILED


def asked_for(request: Request) -> tuple[Assignment, Catalog, tuple[Place, ...]]:
    """The assignment or what stands for none, its catalog, and the problems that are wanted.

    The file that the result goes to has to be writable.

    Raises:
        UsageError: the request or the assignment file names what does not exist.
    """
    if request.output is not None:
        require_writable(request.output)
    assignment, catalog = assignment_of(request.assignment, request.catalog)
    return assignment, catalog, catalog.choose(request.names)


def _rows(request: Request, places: tuple[Place, ...], progress: Bar | None, device: str) -> list[Row]:
    """What is known of each problem, or found now; in the order of the catalog."""
    cache = Cache(default_folder() if request.remember and not request.only_formulas else None)
    on = "" if device == "cpu" else f" on {device}"
    keys = {place.id: fingerprint_of(place.path) + on for place in places}
    found = {place.id: cache.get(place.path, keys[place.id]) for place in places}
    waiting = [place for place in places if found[place.id] is None]
    job = partial(verified_problem, timeout=request.timeout, only_formulas=request.only_formulas, device=device)
    workers = request.workers or (MOST_ON_GPU if device == "cuda" else 0)
    for place, rows in shown_on(progress, each_done(job, waiting, workers), len(waiting)):
        found[place.id] = rows
        cache.put(place.path, keys[place.id], rows)
    cache.save()
    return [Row(place.id, row, _is_slow(row, request.timeout)) for place in places for row in found[place.id] or ()]


def verified_problem(place: Place, timeout: float, only_formulas: bool, device: str = "cpu") -> list[Verified]:
    """Everything about one problem.

    Raises:
        ProblemDefinitionError: it is broken.
    """
    try:
        with Prover(timeout) as prover, one_thread():
            prover.start()
            entry = load(place)
            rows = list(verify(entry, prover.judge))
            return rows if only_formulas else [*rows, *prove_itself(entry, prover.judge, device)]
    except ProblemDefinitionError as error:
        raise ProblemDefinitionError(f"the problem {place.id} can't be verified: {error}") from error


def _is_slow(row: Verified, timeout: float) -> bool:
    """Proofs have a limit; putting an answer through all checks takes what the checks take."""
    return row.kind in (Kind.FORMULA, Kind.MISCONCEPTION) and row.seconds > timeout


def text_look(request: Request) -> tuple[int, bool]:
    """Columns of what is written, and whether it is coloured."""
    return (FILE_WIDTH, False) if request.output else stdout_look()


def write_text(request: Request, text: str) -> None:
    """Write a result where the request wants it."""
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


def _as_table(rows: list[Row], width: int, color: bool, *, verbose: bool) -> str:
    table = _every_row(rows) if verbose else _by_problem(rows)
    return to_text((table, Text(), *_explained(rows), _summary(rows)), width=width, color=color)


def _by_problem(rows: list[Row]) -> Table:
    """One line for each problem, with counts."""
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    table.add_column("Problem", style="cyan", overflow="fold")
    table.add_column("Formula")
    for title in ("Misconceptions", "Checks", "Answers", "Regions"):
        table.add_column(title, no_wrap=True)
    table.add_column("Seconds", justify="right", no_wrap=True)
    for problem in dict.fromkeys(row.problem for row in rows):
        own = [row for row in rows if row.problem == problem]
        mark = Text("✓", "green") if all(row.is_fine for row in own) else Text("✗", "bold red")
        counts = (
            _count(own, Kind.MISCONCEPTION, Kind.DIAGNOSIS),
            _count(own, Kind.CHECK),
            _count(own, Kind.REFERENCE, Kind.STARTER, Kind.ANSWER, Kind.SPEED),
            _count(own, Kind.REGION, Kind.SIDE),
        )
        table.add_row(mark, problem, _formula(own), *counts, f"{sum(row.verified.seconds for row in own):.1f}")
    return table


def _count(rows: list[Row], *kinds: Kind) -> Text:
    """How many of these are fine; a misconception is looked at twice, as mathematics and by the checks."""
    every = {row.verified.name for row in rows if row.verified.kind in kinds}
    wrong = {row.verified.name for row in rows if row.verified.kind in kinds and not row.is_fine}
    if not every:
        return Text("–", "bright_black")
    return Text(f"{len(every) - len(wrong)} of {len(every)}" if wrong else str(len(every)), "red" if wrong else "")


def _formula(rows: list[Row]) -> Text:
    of_formula = [row for row in rows if row.verified.kind is Kind.FORMULA]
    wrong = next((row for row in of_formula if not row.is_fine), None)
    if wrong is not None:
        return _outcome(wrong)
    methods = dict.fromkeys(row.verified.method for row in of_formula if row.verified.method)
    short = [method.partition(",")[0] for method in methods]
    return Text(f"proved, {' and '.join(short)}" if short else _NOTHING_TO_PROVE, "" if short else "bright_black")


def _every_row(rows: list[Row]) -> Table:
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
        name = f"{verified.kind.value}: {verified.name}"
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
        what = f"{row.problem}, {row.verified.kind.value} {row.verified.name}"
        yield Text.assemble(("✗ ", "bold red"), (what, "bold"), f": {_reason(row)}")
        yield Text()


def _reason(row: Row) -> str:
    verified = row.verified
    if verified.holds:
        return f"right, but it took {verified.seconds:.1f} s. A smaller instance of the formula is faster."
    if verified.outcome is Result.FAILED:
        return visible(verified.detail)
    about = f"{verified.outcome.value}, and should be {verified.wanted.value}."
    return f"{about} {visible(verified.detail) or _SAME}"


def _summary(rows: list[Row]) -> Text:
    problems = len({row.problem for row in rows})
    trouble = sum(not row.is_fine for row in rows)
    seconds = sum(row.verified.seconds for row in rows)
    about = f"{len(rows)} checks of {problems} problem{'s' if problems > 1 else ''} in {seconds:.1f} s"
    return Text.assemble((about, "bold"), ": everything holds." if not trouble else f": {trouble} to look at.")
