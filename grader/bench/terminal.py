"""Speed report to text for a terminal: for every problem a table of times, and a sentence where one doesn't count."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from grader.bench.model import (
    Ceilings,
    Contest,
    Contestant,
    Direction,
    Measured,
    ProblemSpeed,
    SpeedReport,
    Standing,
    State,
)
from grader.model.verdict import Outcome, ProblemReport
from grader.model.visible import visible
from grader.model.words import number
from grader.report.terminal import LONGEST_NAME, prose, to_text
from grader.report.untrusted import paragraphs

_DIM = "bright_black"
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_GIGA = 1e9


def render_terminal(report: SpeedReport, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
    """The report for people; `verbose` adds how many calls were timed and how far the grader's clock could tell."""
    return to_text(_parts(report, verbose), width=width, color=color)


def _parts(report: SpeedReport, verbose: bool) -> Iterator[RenderableType]:
    yield Text(visible(report.submission, LONGEST_NAME), "bold")
    yield Text(visible(report.machine), _DIM)
    if report.ceilings is not None:
        yield Text(_measured_ceilings(report.ceilings), _DIM)
    yield Text()
    for problem in report.problems:
        yield Group(*_problem(problem, verbose))
        yield Text()
    for notice in report.notices:
        yield Text.assemble(("Note: ", "yellow"), prose(visible(str(notice))))
    where = f"isolation {visible(report.isolation)}, device {visible(report.device)}"
    yield Text(f"The same inputs again with --seed {report.seed} ({where})", _DIM)


def _measured_ceilings(ceilings: Ceilings) -> str:
    copied, multiplied = ceilings.bytes_per_second / _GIGA, 2 * ceilings.operations_per_second / _GIGA
    return f"In this run: a copy moves {copied:,.0f} GB/s, a product of matrices does {multiplied:,.0f} GFLOP/s"


def _problem(problem: ProblemSpeed, verbose: bool) -> Iterator[RenderableType]:
    report = problem.report
    about = f" · {visible(report.title, LONGEST_NAME)} · question {report.question}"
    yield Rule(Text.assemble((visible(report.id, LONGEST_NAME), "bold"), about), align="left", style=_DIM)
    if problem.state is not State.TIMED:
        yield prose(_not_timed(problem), "yellow")
        yield from _award(problem)
        return
    yield Text(visible(problem.inputs, 400), _DIM)
    for contest in problem.contests:
        yield Padding(_table(contest), (1, 0, 0, 0))
        if verbose and contest.yours is not None and not contest.yours.by_the_graders_clock:
            yield Text(_exactness(contest.yours), _DIM)
        yield from _remarks(contest)
    yield from _failed(report)
    yield from _award(problem)


def _not_timed(problem: ProblemSpeed) -> str:
    match problem.state:
        case State.NOT_FOUND:
            return "There is no such function in your submission, so there is nothing to time."
        case State.FAULT:
            said = visible(problem.fault) if problem.fault else "a check of ours failed"
            return f"The grader itself failed here, and it is not your fault: {said}"
        case _:
            return "Not timed: make it right first, then fast. `grader check` explains what is wrong."


def _table(contest: Contest) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(contest.direction.value, no_wrap=True, min_width=len(Direction.BOTH.value))
    for heading in ("one call", "rounds", "× reference", "of the bound"):
        table.add_column(heading, justify="right", no_wrap=True)
    reference = contest.times.get(Contestant.REFERENCE)
    for name, measured in contest.times.items():
        table.add_row(*_row(name, measured, reference, contest), style=_style(name, contest))
    table.add_row("bound", duration(contest.bound), _least(contest), _times(contest.bound, reference), "", style=_DIM)
    return table


def _row(name: Contestant, measured: Measured, reference: Measured | None, contest: Contest) -> Iterator[str]:
    yield name.value
    yield duration(measured.seconds)
    yield f"{duration(measured.low)} – {duration(measured.high)}"
    yield _times(measured.seconds, reference)
    yield f"{100 * contest.bound / measured.seconds:.0f} %" if measured.seconds > 0 else ""


def _least(contest: Contest) -> str:
    """What the bound comes from."""
    if contest.is_bound_by_bytes:
        return f"for {contest.work.bytes / 1e6:.3g} MB"
    return f"for {2 * contest.work.operations / 1e9:.3g} GFLOP"


def _exactness(yours: Measured) -> str:
    return f"{yours.calls} calls; by itself the grader's clock would miss {duration(yours.unseen)} in each"


def _times(seconds: float, reference: Measured | None) -> str:
    return "" if reference is None or reference.seconds <= 0 else f"{seconds / reference.seconds:.2f}"


def _style(name: Contestant, contest: Contest) -> str:
    if name is not Contestant.YOURS:
        return ""
    return "bold green" if contest.standing is Standing.COUNTED else "bold red"


def _remarks(contest: Contest) -> Iterator[RenderableType]:
    for note in contest.notes:
        yield Text(visible(note), _DIM)
    for paragraph in paragraphs(contest.remark):
        yield prose(f"✗ {paragraph}", "red")
    if contest.yours is not None and contest.yours.by_the_graders_clock:
        yield prose(
            "Your time is by the grader's own clock: the calls took longer than what was measured beside them, as "
            "where work goes on after the function has returned.",
            "yellow",
        )


def _failed(report: ProblemReport) -> Iterator[RenderableType]:
    failed = [v.check for v in report.verdicts if v.outcome in (Outcome.FAILED, Outcome.SUBMISSION_ERROR)]
    if failed:
        yield prose(f"Not everything is right yet: {', '.join(map(visible, failed))}. See `grader check`.", "yellow")


def _award(problem: ProblemSpeed) -> Iterator[RenderableType]:
    if problem.award is not None:
        earned = problem.award
        points = f"{number(earned.points)} of {number(earned.most)}"
        yield Text.assemble(("Points for speed: ", "bold"), (points, "bold"), f" ({earned.reason})")


def duration(seconds: float) -> str:
    """Seconds with three digits in the unit that suits them: `4.21 ms`."""
    size, unit = next(((size, unit) for size, unit in _UNITS if abs(seconds) >= size), _UNITS[-1])
    digits = f"{seconds / size:#.3g}".rstrip(".")
    return f"{digits} {unit}"
