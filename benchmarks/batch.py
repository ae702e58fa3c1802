"""What grading a class costs: rate, gain of a second worker, memory, and where the time goes.

    python benchmarks/batch.py [--students N] [--seed N] [--workers N]

Makes a class (see `benchmarks/classroom.py`), grades it with one worker and with several, each time into a new
gradebook, writes its pages and files, and prints a Markdown table. The rate is that between the first and the last
submission, so it leaves out what is paid once: importing torch and starting the sandboxes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from classroom import ASSIGNMENT, make_class

from grader.batch.grading import ClassOptions, grade_class
from grader.batch.job import Share, Terms
from grader.batch.running import Tally
from grader.classroom.model import Classroom
from grader.commands.batch import write
from grader.model.verdict import Report

LOOKS = 0.5
"""Seconds between two looks at the memory of all processes."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        classroom = Path(folder) / "class"
        make_class(classroom, given.students, given.seed)
        runs = {n: _run(classroom, Path(folder), n) for n in sorted({1, given.workers})}
    print(f"{given.students} submissions to nine problems, seed {given.seed}; {os.cpu_count()} cores\n")
    print("| figure |" + "".join(f" {n} worker{'s' if n > 1 else ''} |" for n in runs))
    print("|---|" + "---|" * len(runs))
    for name, cell in ROWS.items():
        print(f"| {name} |" + "".join(f" {cell(run)} |" for run in runs.values()))
    if len(runs) > 1:
        print(f"\nGain of {given.workers} workers over one: {runs[given.workers].rate / runs[1].rate:.2f}")


@dataclass(slots=True)
class Watching:
    """A display that looks at the clock."""

    moments: list[float] = field(default_factory=list)

    def planned(self, total: int, known: int) -> None:
        """Nothing to do."""

    def graded(self, label: str, report: Report) -> None:  # noqa: ARG002 -- the protocol of a display
        """Note when."""
        self.moments.append(time.perf_counter())

    def failed(self, label: str, why: str) -> None:  # noqa: ARG002 -- likewise
        """Note when."""
        self.moments.append(time.perf_counter())

    def retried(self, label: str, why: str) -> None:
        """Nothing to do."""

    def waiting(self, others: int) -> None:
        """Nothing to do."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run over the class showed."""

    tally: Tally
    moments: list[float]
    wall: float
    processor: float
    output: float
    memory: float
    gradebook: int

    @property
    def rate(self) -> float:
        """Submissions a minute, from the first to the last."""
        return 60 * (len(self.moments) - 1) / (self.moments[-1] - self.moments[0])

    def share(self, share: Share) -> float:
        """Of the workers' time, in per cent."""
        return 100 * self.tally.seconds.get(share, 0.0) / sum(self.tally.seconds.values())


ROWS = {
    "submissions a minute": lambda run: f"{run.rate:.0f}",
    "marginal wall seconds each": lambda run: f"{60 / run.rate:.2f}",
    "CPU seconds each, all processes": lambda run: f"{run.processor / len(run.moments):.2f}",
    "whole run, s": lambda run: f"{run.wall:.1f}",
    "graded, unreadable, failed": lambda run: f"{run.tally.graded}, {run.tally.unreadable}, {run.tally.failed}",
    "waiting for the sandbox, %": lambda run: f"{run.share(Share.SANDBOX):.0f}",
    "references, comparing, diagnosis, %": lambda run: f"{run.share(Share.ORACLE):.0f}",
    "symbolic proofs, %": lambda run: f"{run.share(Share.SYMBOLIC):.0f}",
    "pages, tables and LMS files, s": lambda run: f"{run.output:.1f}",
    "peak memory of all processes, MB": lambda run: f"{run.memory / 1e6:.0f}",
    "gradebook, MB": lambda run: f"{run.gradebook / 1e6:.1f}",
}


def _run(classroom: Path, folder: Path, workers: int) -> Run:
    gradebook = folder / f"{workers}.sqlite"
    options = ClassOptions(classroom, str(gradebook), terms=Terms(0, ASSIGNMENT), workers=workers)
    watching, classrooms = Watching(), list[Classroom]()
    memory = _Memory()
    started, before = time.perf_counter(), _processor()
    with memory:
        tally = grade_class(options, watching, classrooms.append)
    wall, processor = time.perf_counter() - started, _processor() - before
    started = time.perf_counter()
    write(str(gradebook), folder / f"{workers}-grades")
    output = time.perf_counter() - started
    return Run(tally, watching.moments, wall, processor, output, memory.peak, gradebook.stat().st_size)


def _processor() -> float:
    """CPU seconds of this process and of all children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class _Memory:
    """The largest sum of what all processes hold for themselves (USS), looked at now and then."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._is_over.wait(LOOKS):
            self.peak = max(self.peak, _memory_now())

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        self._thread.join()


def _memory_now() -> float:
    total = 0.0
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        try:
            total += process.memory_full_info().uss
        except psutil.Error:
            continue
    return total


if __name__ == "__main__":
    main()
