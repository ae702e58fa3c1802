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
from grader.report.formats import Format
from grader.run.backend import Isolation
from grader.session import Options, check_submission

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
    from grader.report.render import render  # noqa: PLC0415 -- as above

    if request.output is not None:
        write_file(request.output, render(report, request.format, width=FILE_WIDTH, verbose=request.verbose))
        return
    width, color = stdout_look()
    write_stdout(render(report, request.format, width=width, color=color, verbose=request.verbose))
