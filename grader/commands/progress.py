"""Shows on stderr how far the marking is, where somebody is looking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

if TYPE_CHECKING:
    from grader.model.exchange import Training
    from grader.model.verdict import ProblemReport


class Bar:
    """A progress bar that takes what the marking tells."""

    def __init__(self, bar: Progress, first: str) -> None:
        self._bar = bar
        self._task = bar.add_task(first, total=None)

    def problem_started(self, problem_id: str, index: int, total: int) -> None:
        """Name the problem; `index` counts from 0."""
        self._bar.update(self._task, description=problem_id, completed=index, total=total)

    def agent_trained(self, training: Training, steps: int, mean_return: float | None) -> None:
        """Show how far the training is, and what the agent has earned lately."""
        earned = "" if mean_return is None else f", return {mean_return:.4g}"
        told = f"{training.function}: {training.environment}, {steps:,} of {training.total_steps:,} steps{earned}"
        self._bar.update(self._task, description=told)

    def timing_started(self, problem_id: str, index: int, total: int) -> None:
        """Name the problem that is timed next; `index` counts from 0."""
        self._bar.update(self._task, description=f"timing {problem_id}", completed=index, total=total)

    def problem_finished(self, report: ProblemReport) -> None:  # noqa: ARG002 -- the protocol of the marking
        """Advance by one."""
        self._bar.advance(self._task)


def progress_on_stderr(first: str = "starting the sandbox") -> AbstractContextManager[Bar] | None:
    """A bar that is gone when it is done, or None where stderr is no terminal; `first` says what comes first."""
    console = Console(stderr=True)
    looking = console.is_terminal and console.file.isatty()  # FORCE_COLOR alone makes no terminal of a log
    return _shown(console, first) if looking else None


@contextmanager
def _shown(console: Console, first: str) -> Iterator[Bar]:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        yield Bar(bar, first)
