"""`grader bench`: has one submission graded and timed, writes the speed report, and says by exit code how it went."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.commands.check import FILE_WIDTH
from grader.commands.destination import require_writable, stdout_look, write_file, write_stdout
from grader.commands.interrupts import interrupts_wait_for
from grader.commands.progress import progress_on_stderr
from grader.exit_codes import ExitCode
from grader.session import Options

if TYPE_CHECKING:
    from grader.bench.model import SpeedReport


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    path: Path
    as_json: bool
    output: Path | None
    options: Options
    compiled: bool = False
    verbose: bool = False


def run(request: Request) -> ExitCode:
    """Grade, time, write, and return the exit code."""
    from grader.bench.run import bench_submission  # noqa: PLC0415 -- imports torch

    if request.output is not None:
        require_writable(request.output)
    with interrupts_wait_for("torch"), progress_on_stderr() or nullcontext() as progress:
        watch = None if progress is None else progress.timing_started
        report = bench_submission(
            request.path, request.options, compiled=request.compiled, progress=progress, watch=watch
        )
    _write(request, report)
    return exit_code_of(report)


def exit_code_of(report: SpeedReport) -> ExitCode:
    """A fault of ours outweighs a time that doesn't count; being slow fails nothing."""
    from grader.bench.model import State  # noqa: PLC0415 -- imports torch

    if any(problem.state is State.FAULT for problem in report.problems):
        return ExitCode.GRADER_ERROR
    return ExitCode.PASSED if all(problem.is_fine for problem in report.problems) else ExitCode.FAILED


def _write(request: Request, report: SpeedReport) -> None:
    from grader.bench.as_json import render_json  # noqa: PLC0415 -- imports torch
    from grader.bench.terminal import render_terminal  # noqa: PLC0415 -- likewise

    width, color = stdout_look() if request.output is None else (FILE_WIDTH, False)
    if request.as_json:
        text = render_json(report)
    else:
        text = render_terminal(report, width=width, color=color, verbose=request.verbose)
    if request.output is not None:
        write_file(request.output, text)
    else:
        write_stdout(text)
