"""Report to text for a terminal: a table of problems, then one short explanation for every check that lost points."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from grader.model.evidence import Counterexample, Evidence
from grader.model.submission import Notice
from grader.model.verdict import Outcome, ProblemReport, Report, Verdict
from grader.model.visible import visible
from grader.model.words import number
from grader.report.groups import blocked, is_proved, is_unwritten, lost, missing, passed
from grader.report.layout import FORMULA, YOURS, reason_label, reasons, rows
from grader.report.untrusted import paragraphs, visible_lines

_LOOK = {
    Outcome.PASSED: ("✓", "passed", "green"),
    Outcome.FAILED: ("✗", "failed", "red"),
    Outcome.SUBMISSION_ERROR: ("✗", "error", "red"),
    Outcome.UNDECIDED: ("?", "undecided", "yellow"),
    Outcome.BLOCKED: ("·", "waiting", "bright_black"),
    Outcome.GRADER_ERROR: ("!", "grader error", "magenta"),
}
"""Sign, word and colour of every outcome; the word says it all without the colour."""

_DIM = "bright_black"
_ROW_COLOR = {"expected": "green", "got": "red", FORMULA: "green", YOURS: "red"}

_INDENT = (0, 0, 0, 2)

LONGEST_NAME = 60
WIDEST = 110
"""Columns that prose is laid out in at most: longer lines are hard to read."""


def render_terminal(report: Report, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
    """The report for people; `verbose` adds the checks that passed and what the code printed."""
    return to_text(_parts(report, verbose), width=width, color=color)


def to_text(parts: Iterable[RenderableType], *, width: int, color: bool) -> str:
    """What rich makes of renderables; markup and emoji codes are off, since they would act on what students wrote."""
    written = io.StringIO()
    console = Console(
        file=written, width=min(width, WIDEST), force_terminal=color, color_system="standard" if color else None,
        markup=False, highlight=False, emoji=False, legacy_windows=False,
    )  # fmt: skip
    console.print(Group(*parts))
    return "\n".join(line.rstrip() for line in written.getvalue().split("\n"))


def prose(text: str, style: str = "") -> Text:
    """One paragraph, with what stands in backquotes set off."""
    shown = Text(text, style=style)
    shown.highlight_regex(r"`[^`]+`", "cyan")
    return shown


def _parts(report: Report, verbose: bool) -> Iterator[RenderableType]:
    yield _table(report)
    yield Text()
    for problem in report.problems:
        if _has_details(problem, verbose):
            yield from _problem(problem, verbose)
    yield from _not_answered(report)
    if verbose and report.output:
        yield from _printed("Your code printed while it was loaded", report.output)
        yield Text()
    for notice in report.notices:
        yield _notice(notice)
    if report.notices:
        yield Text()
    yield _total(report)
    yield Text(_replay(report), style=_DIM)
    if not verbose and (report.output or any(problem.output for problem in report.problems)):
        yield Text("Your code printed something: --verbose shows it.", _DIM)


def _table(report: Report) -> Table:
    table = Table(title=Text(visible(report.submission, LONGEST_NAME), "bold"), title_justify="left", box=None)
    table.add_column("Question", style=_DIM, no_wrap=True)
    table.add_column("Function", no_wrap=True, overflow="ellipsis")
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    last = None
    for problem in report.problems:
        question = "" if problem.question == last else str(problem.question)
        name = visible(problem.id, LONGEST_NAME)
        table.add_row(question, name, _points(problem.score, problem.max_score), _state(problem))
        last = problem.question
    return table


def _state(problem: ProblemReport) -> Text:
    if missing(problem) is not None:
        return Text("– not found", "yellow")
    if is_unwritten(problem):
        return Text("– not written yet", "yellow")
    sign, word, color = _LOOK[problem.outcome]
    return Text(f"{sign} {word}{', proved' if is_proved(problem) else ''}", color)


def _has_details(problem: ProblemReport, verbose: bool) -> bool:
    if missing(problem) is not None or is_unwritten(problem):
        return False
    return verbose or problem.outcome is not Outcome.PASSED or bool(problem.notices)


def _problem(problem: ProblemReport, verbose: bool) -> Iterator[RenderableType]:
    about = f" · {visible(problem.title, LONGEST_NAME)} · question {problem.question}"
    heading = Text.assemble((visible(problem.id, LONGEST_NAME), "bold"), about)
    yield Rule(heading, align="left", style=_DIM)
    told: set[str] = set()
    fine = [part for v in passed(problem.verdicts) if verbose for part in _fine(v)]
    explained = [(_headline(v), *_explained(v, told)) for v in lost(problem.verdicts)]
    for block in (fine, *explained, [*_remarks(problem, verbose)]):
        if block:
            yield Group(*block)
            yield Text()


def _fine(verdict: Verdict) -> Iterator[RenderableType]:
    yield _headline(verdict)
    yield from _message(verdict, _DIM)
    yield from _values(verdict.evidence)


def _remarks(problem: ProblemReport, verbose: bool) -> Iterator[RenderableType]:
    yield from _waiting(problem)
    yield from (_notice(notice) for notice in problem.notices)
    if verbose:
        yield from _printed("Your code printed", problem.output)


def _headline(verdict: Verdict) -> RenderableType:
    sign, _, color = _LOOK[verdict.outcome]
    line = Table.grid(expand=True, padding=(0, 1))
    line.add_column(style=f"bold {color}")
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True)
    about = Text.assemble((visible(verdict.check), f"bold {color}"), f": {visible(verdict.title)}")
    line.add_row(sign, about, _points(verdict.points, verdict.max_points))
    return line


def _message(verdict: Verdict, style: str = "") -> Iterator[RenderableType]:
    for paragraph in paragraphs(verdict.message):
        yield Padding(prose(paragraph, style), _INDENT)


def _explained(verdict: Verdict, told: set[str]) -> Iterator[RenderableType]:
    yield from _message(verdict)
    is_told = verdict.diagnosis in told
    if verdict.diagnosis:
        yield Text()
        yield Padding(Group(*_reason(verdict, verdict.diagnosis, told)), _INDENT)
    if is_told and not isinstance(verdict.evidence, Counterexample):
        return  # the numbers above, in a smaller case, show the same mistake
    yield from _values(verdict.evidence)


def _values(evidence: Evidence | None) -> Iterator[RenderableType]:
    found = rows(evidence)
    if not found:
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style=_DIM, no_wrap=True)
    grid.add_column(overflow="fold")
    for row in found:
        grid.add_row(row.label, Text("\n".join(row.lines), _ROW_COLOR.get(row.label, "")))
    yield Text()
    yield Padding(grid, (0, 0, 0, 4))


def _reason(verdict: Verdict, diagnosis: str, told: set[str]) -> Iterator[RenderableType]:
    """A misconception is explained once in a problem; several checks may fail because of it."""
    first, *others = ["the same as above."] if diagnosis in told else reasons(verdict)
    yield Text.assemble((f"{reason_label(verdict)} ", "bold yellow"), prose(first))
    for paragraph in others:
        yield prose(paragraph)
    told.add(diagnosis)


def _marked(mark: str, text: Text, style: str = "") -> RenderableType:
    """A paragraph that hangs behind its mark."""
    line = Table.grid(padding=(0, 1))
    line.add_column(style=style, no_wrap=True)
    line.add_column()
    line.add_row(mark, text)
    return line


def _notice(notice: Notice) -> RenderableType:
    return _marked("Note:", prose(visible(str(notice))), "yellow")


def _waiting(problem: ProblemReport) -> Iterator[RenderableType]:
    for check, verdicts in blocked(problem.verdicts).items():
        names = ", ".join(visible(v.check) for v in verdicts)
        points = number(sum(v.max_points for v in verdicts))
        text = f"{names}: looked at once {visible(check)} passes ({points} more points)"
        yield _marked("·", Text(text, _DIM), _DIM)


def _not_answered(report: Report) -> Iterator[RenderableType]:
    lines: list[str] = []
    gone: list[str] = []
    for problem in report.problems:
        evidence = missing(problem)
        if evidence is None:
            continue
        if evidence.near or evidence.reason:
            lines.append(visible(problem.verdicts[0].message))
        else:
            gone.append(visible(problem.id, LONGEST_NAME))
    unwritten = [visible(p.id, LONGEST_NAME) for p in report.problems if is_unwritten(p)]
    if gone:
        lines.append(f"Not found in your submission: {', '.join(gone)}")
    if unwritten:
        lines.append(f"Not written yet (NotImplementedError): {', '.join(unwritten)}")
    yield from (_marked("–", prose(line), "yellow") for line in lines)
    if lines:
        yield Text()


def _printed(title: str, output: str) -> Iterator[RenderableType]:
    if output:
        yield Text(f"{title}:", _DIM)
        yield Padding(Text("\n".join(visible_lines(output))), _INDENT)


def _points(reached: float, possible: float) -> str:
    return f"{number(reached)} / {number(possible)}"


def _total(report: Report) -> Text:
    every = report.problems and all(p.outcome is Outcome.PASSED for p in report.problems)
    line = Text.assemble(("Total ", "bold"), (_points(report.score, report.max_score), "bold"), " points")
    return line.append(": every check passed." if every else "")


def _replay(report: Report) -> str:
    where = f"isolation {visible(report.isolation)}, device {visible(report.device)}"
    return f"Replay with --seed {report.seed} ({where})"
