"""`grader verify --regions`: which regions of its inputs each case of a problem reaches, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.catalog.find import Place
from grader.catalog.load import load
from grader.commands.interrupts import interrupts_wait_for
from grader.commands.progress import progress_on_stderr
from grader.commands.verify import Request, asked_for, text_look, write_text
from grader.commands.workers import each_done, shown_on
from grader.errors import ProblemDefinitionError
from grader.exit_codes import ExitCode
from grader.model.visible import visible
from grader.regions.asked import DRAWN, asked_of_reference
from grader.regions.reach import Reach, reaches_of
from grader.report.terminal import to_text
from grader.self_proof import SEEDS

SCHEMA = 1
"""Raised when a key of the JSON report changes its meaning or goes away."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of one problem."""

    name: str
    cases: tuple[str, ...]
    """Those with a name, in the author's order."""

    reaches: tuple[Reach, ...]


def run(request: Request) -> ExitCode:
    """Look at the cases, write what they reach, and return the exit code.

    Raises:
        UsageError: the request or the assignment file names what does not exist.
        ProblemDefinitionError: a problem file is broken.
    """
    _, _, places = asked_for(request)
    with (
        interrupts_wait_for("torch"),
        progress_on_stderr("loading the problems") or nullcontext() as progress,
    ):
        done = shown_on(progress, each_done(looked_at, places, request.workers), len(places))
        unordered = dict(done)
    found = [unordered[place] for place in places]
    write_text(request, _as_json(found) if request.as_json else _as_tables(found, *text_look(request)))
    troubles = [reach for looked in found for reach in looked.reaches if reach.trouble]
    return ExitCode.FAILED if troubles else ExitCode.PASSED


def looked_at(place: Place) -> Looked:
    """What the cases of one problem reach.

    Raises:
        ProblemDefinitionError: it is broken.
    """
    try:
        entry = load(place)
        reaches = reaches_of(entry, [asked_of_reference(entry, seed) for seed in SEEDS])
    except ProblemDefinitionError as error:
        raise ProblemDefinitionError(f"the cases of {place.id} can't be looked at: {error}") from error
    return Looked(entry.id, tuple(case.name for case in (*entry.problem.examples, *entry.problem.edges)), reaches)


def _as_json(found: Sequence[Looked]) -> str:
    problems = [
        {"id": looked.name, "cases": looked.cases, "regions": [_region(reach) for reach in looked.reaches]}
        for looked in found
    ]
    return json.dumps({"schema": SCHEMA, "problems": problems}, indent=2) + "\n"


def _region(reach: Reach) -> dict[str, Any]:
    return {
        "kind": reach.origin.value,
        "name": reach.name,
        "place": reach.place,
        "demanded": reach.is_demanded,
        "cases": list(reach.by),
        "unreachable": reach.declared,
        "trouble": reach.trouble,
    }


def _as_tables(found: Sequence[Looked], width: int, color: bool) -> str:
    parts = (part for looked in found for part in _of_problem(looked))
    return to_text((*parts, _summary(found)), width=width, color=color)


def _of_problem(looked: Looked) -> Iterator[RenderableType]:
    numbers = {case: number for number, case in enumerate(looked.cases, start=1)}
    yield Text(looked.name, "bold cyan")
    listed = " · ".join(f"{number} {visible(case)}" for case, number in numbers.items())
    yield Padding(Text(f"Cases: {listed}" if numbers else "It has no named cases."), (0, 0, 0, 2))
    table = Table(box=None)
    table.add_column("", no_wrap=True)
    table.add_column("Region", overflow="fold")
    table.add_column("Cases that reach it", overflow="fold")
    for reach in looked.reaches:
        table.add_row(_mark(reach), _named(reach), _reached(reach, numbers))
    yield table
    yield Text()


def _mark(reach: Reach) -> Text:
    if reach.trouble:
        return Text("✗", "bold red")
    is_proven = reach.is_demanded and reach.declared is None
    return Text("✓", "green") if is_proven else Text("·", "bright_black")


def _named(reach: Reach) -> Text:
    return Text.assemble(visible(reach.name), (f" ({visible(reach.place)})" if reach.place else "", "bright_black"))


def _reached(reach: Reach, numbers: Mapping[str, int]) -> Text:
    """`1, 3–5, drawn`, and what is wrong with that; or why there is none."""
    named = _ranges([numbers[case] for case in reach.by if case in numbers])
    told = ", ".join([*named, *([DRAWN] if DRAWN in reach.by else [])])
    if reach.trouble:
        return Text(f"{told}: {reach.trouble}" if told else reach.trouble, "red")
    if reach.declared is not None:
        return Text(f"unreachable: {visible(reach.declared)}")
    return Text(told or "–", "" if told else "bright_black")


def _ranges(numbers: Sequence[int]) -> list[str]:
    """`1`, `3–5` for 1, 3, 4, 5."""
    starts = [number for number in numbers if number - 1 not in numbers]
    ends = [number for number in numbers if number + 1 not in numbers]
    return [str(a) if a == b else f"{a}–{b}" for a, b in zip(starts, ends, strict=True)]


def _summary(found: Sequence[Looked]) -> Text:
    reaches = [reach for looked in found for reach in looked.reaches]
    demanded = sum(reach.is_demanded and reach.declared is None for reach in reaches)
    trouble = sum(bool(reach.trouble) for reach in reaches)
    about = f"{demanded} regions of {len(found)} problem{'s' if len(found) > 1 else ''} have to be reached"
    return Text.assemble((about, "bold"), f": {trouble} to look at." if trouble else ", and are.")
