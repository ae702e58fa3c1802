"""`grader check`: has one submission checked, writes the report, and says by exit code how it went."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.commands.destination import require_writable, stdout_look, write_file, write_stdout
from grader.commands.interrupts import interrupts_wait_for
from grader.commands.progress import progress_on_stderr
from grader.exit_codes import ExitCode
from grader.intake import read_submission
from grader.report.formats import Format
from grader.run.backend import Isolation
from grader.session import Options, assignment_of, check_submission

if TYPE_CHECKING:
    from grader.model.verdict import Report

FILE_WIDTH = 100
"""Columns of a terminal report that is written to a file."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    path: Path
    format: Format
    output: Path | None
    problems: tuple[str, ...]
    device: str | None
    seed: int | None
    isolation: Isolation
    timeout: float | None
    verbose: bool
    catalog: Path | None = None
    assignment: Path | None = None
    final: bool = False

    def options(self) -> Options:
        """What of it concerns the grading."""
        return Options(
            self.problems, self.seed, self.device, self.isolation, self.timeout, self.catalog, self.assignment,
            self.final,
        )  # fmt: skip


def run(request: Request) -> ExitCode:
    """Check, write, and return the exit code."""
    if request.output is not None:
        require_writable(request.output)
    with interrupts_wait_for("torch"), progress_on_stderr() or nullcontext() as progress:
        report = check_submission(request.path, request.options(), progress)
    _write(request, report)
    return exit_code_of(report)


def exit_code_of(report: Report) -> ExitCode:
    """A fault of ours outweighs a failure; what is undecided costs nothing and fails nothing."""
    from grader.model.verdict import Outcome  # noqa: PLC0415 -- imports torch: only after the sandbox has begun to

    outcomes = {verdict.outcome for problem in report.problems for verdict in problem.verdicts}
    if Outcome.GRADER_ERROR in outcomes:
        return ExitCode.GRADER_ERROR
    return ExitCode.PASSED if outcomes <= {Outcome.PASSED, Outcome.UNDECIDED} else ExitCode.FAILED


def _write(request: Request, report: Report) -> None:
    width, color = stdout_look() if request.output is None else (FILE_WIDTH, False)
    text = _rendered(request, report, width=width, color=color)
    if request.output is not None:
        write_file(request.output, text)
    else:
        write_stdout(text)


def _rendered(request: Request, report: Report, *, width: int, color: bool) -> str:
    from grader.report.render import render  # noqa: PLC0415 -- as above

    if request.format is Format.HTML:
        return _page(request, report)
    return render(report, request.format, width=width, color=color, verbose=request.verbose)


def _page(request: Request, report: Report) -> str:
    """The report as a web page, with formulas and the code that was graded."""
    from grader.catalog.load import load  # noqa: PLC0415 -- as above
    from grader.pages import answers_of, page_of_report  # noqa: PLC0415 -- as above

    assignment, catalog = assignment_of(request.assignment, request.catalog)
    formulas = {place.id: load(place).problem.latex for place in catalog.choose(request.problems)}
    answers = answers_of(read_submission(request.path), report)
    return page_of_report(report, assignment.title, formulas, answers)
