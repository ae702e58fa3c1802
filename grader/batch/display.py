"""Shows how a class comes along: a bar with rate and remaining time at a terminal, a line now and then in a log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from grader.model.visible import visible

if TYPE_CHECKING:
    from grader.model.verdict import Report

LONGEST = 60
"""Characters of a submission's name."""

SHARE = 10
"""Of a class, in parts: a log has a line for each."""


class Lines:
    """For logs: a line for every tenth of the class, and one for every failure."""

    def __init__(self, console: Console) -> None:
        """Lines go to this console."""
        self._console = console
        self._started = time.monotonic()
        self._total = self._done = 0

    def planned(self, total: int, known: int) -> None:
        """Say how much there is to do."""
        self._total = total
        unchanged = f"; {known} unchanged" if known else ""
        self._say(f"{total} to grade{unchanged}")

    def graded(self, _label: str, _report: Report) -> None:
        """Count it."""
        self._count()

    def failed(self, label: str, why: str) -> None:
        """Tell it, and count it."""
        self._say(f"{_short(label)}: {_short(why, 200)}")
        self._count()

    def retried(self, label: str, why: str) -> None:
        """Tell it."""
        self._say(f"{_short(label)} is tried again: {_short(why, 200)}")

    def waiting(self, others: int) -> None:
        """Nothing is said: it would be said every second."""

    def _count(self) -> None:
        self._done += 1
        if self._done == self._total or self._done * SHARE // self._total > (self._done - 1) * SHARE // self._total:
            minutes = (time.monotonic() - self._started) / 60
            self._say(f"{self._done} of {self._total} done, {self._done / max(minutes, 1e-9):.0f} a minute")

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class Bar:
    """For terminals: one line that moves, and one for every failure above it."""

    def __init__(self, bar: Progress) -> None:
        """The bar has no task yet."""
        self._bar = bar
        self._task: TaskID = bar.add_task("reading the class", total=None, about="")
        self._started = time.monotonic()
        self._done = self._failed = 0

    def planned(self, total: int, known: int) -> None:
        """Show how much there is to do."""
        about = f"{known} unchanged" if known else ""
        self._bar.update(self._task, description="grading", total=total, completed=0, about=about)
        self._started = time.monotonic()

    def graded(self, label: str, _report: Report) -> None:
        """Advance."""
        self._advance(label)

    def failed(self, label: str, why: str) -> None:
        """Tell it above the bar, and advance."""
        self._failed += 1
        self._bar.console.print(f"{_short(label)}: {_short(why, 200)}", markup=False, highlight=False)
        self._advance(label)

    def retried(self, label: str, why: str) -> None:
        """Tell it above the bar."""
        self._bar.console.print(f"{_short(label)} is tried again: {_short(why, 200)}", markup=False, highlight=False)

    def waiting(self, others: int) -> None:
        """Say what is waited for."""
        self._bar.update(self._task, description=f"waiting for {others} that another run is grading")

    def _advance(self, label: str) -> None:
        self._done += 1
        minutes = (time.monotonic() - self._started) / 60
        failures = f", {self._failed} could not be graded" if self._failed else ""
        about = f"{self._done / max(minutes, 1e-9):.0f} a minute{failures}"
        self._bar.update(self._task, description=_short(label, 30), advance=1, about=about)


@contextmanager
def display_on_stderr() -> Iterator[Lines | Bar]:
    """A bar where somebody is looking, lines where stderr goes to a file or a log."""
    console = Console(stderr=True)
    if not (console.is_terminal and console.file.isatty()):  # FORCE_COLOR alone makes no terminal of a log
        yield Lines(console)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[about]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        yield Bar(bar)


def _short(text: str, longest: int = LONGEST) -> str:
    return visible(" ".join(text.split()), longest)
