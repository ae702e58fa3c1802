"""Whether a busy machine changes a verdict: the shipped right answers, graded again and again beside other work.

    python benchmarks/fairness.py [--gradings N] [--busy N] [--quiet N]

Grades `examples/good` with a seed of its own each time, first some on the machine as it is, then the rest beside
processes that compute without end; one of them also fills memory and writes to the disk. Prints a Markdown table: how
many verdicts were given, how many of them differ from those without the load, the slowest call, and how often a limit
was reached. An answer that is right and quick should reach none. Ctrl-C ends it early and prints what there is.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from grader.grading import Ask
from grader.intake import read_submission
from grader.model.exchange import Answer, Request, Stopped
from grader.model.proof import Judged, Undecided
from grader.model.submission import Submission
from grader.model.verdict import Outcome, Report
from grader.session import Options, Workbench

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

SPINNING = """
import os
parent = os.getppid()
while os.getppid() == parent:
    sum(range(100_000))
"""
THRASHING = """
import os
parent = os.getppid()
while os.getppid() == parent:
    pages = bytearray(os.urandom(1 << 20) * 256)
    pages[::4096] = bytes(len(pages[::4096]))
    with open("thrashed", "wb") as file:
        file.write(pages[: 1 << 26])
        file.flush()
        os.fsync(file.fileno())
"""

Verdicts = dict[tuple[str, str], tuple[Outcome, float]]
"""Outcome and points, by problem and check."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gradings", type=int, default=200, help="beside other work")
    parser.add_argument("--busy", type=int, default=2, help="processes of other work")
    parser.add_argument("--quiet", type=int, default=5, help="gradings without it")
    given = parser.parse_args()
    measured = measure(given.gradings, given.busy, given.quiet)
    print("| figure | without | beside other work |\n|---|---|---|")
    for name, (quiet, busy) in measured.rows().items():
        print(f"| {name} | {quiet} | {busy} |")
    for key, count in sorted((measured.changed + measured.reached).items(), key=str):
        print(f"- {' '.join(map(str, key))}: {count}")


@dataclass(slots=True)
class Slowest:
    """What a request to the sandbox took at most; the clocks need not be of one request."""

    cpu: float = 0.0
    wall: float = 0.0
    requests: int = 0


@dataclass(slots=True)
class Fairness:
    """How gradings went."""

    quiet: list[float] = field(default_factory=list)
    """Seconds of each grading without other work."""

    busy: list[float] = field(default_factory=list)
    verdicts: Counter[bool] = field(default_factory=Counter)
    """How many were given without other work (False) and beside it (True)."""

    changed: Counter[tuple[object, ...]] = field(default_factory=Counter)
    """Verdicts that differ from those of the first grading: problem, check, outcome there, outcome here."""

    reached: Counter[tuple[object, ...]] = field(default_factory=Counter)
    """Limits that were reached, of time or any other."""

    slowest: dict[bool, Slowest] = field(default_factory=lambda: {False: Slowest(), True: Slowest()})

    def rows(self) -> dict[str, tuple[object, object]]:
        """Name, figure without other work, figure beside it."""
        slow = (self.slowest[False], self.slowest[True])
        return {
            "gradings": (len(self.quiet), len(self.busy)),
            "median seconds of one": (f"{_median(self.quiet):.2f}", f"{_median(self.busy):.2f}"),
            "verdicts": (self.verdicts[False], self.verdicts[True]),
            "changed": ("", sum(self.changed.values())),
            "requests to the sandbox": (slow[0].requests, slow[1].requests),
            "slowest, CPU s": (f"{slow[0].cpu:.3f}", f"{slow[1].cpu:.3f}"),
            "slowest, wall s": (f"{slow[0].wall:.3f}", f"{slow[1].wall:.3f}"),
            "limits reached": ("", sum(self.reached.values())),
        }


def measure(gradings: int, busy: int, quiet: int = 1) -> Fairness:
    """Grade without other work, then so often beside so many busy processes, in one sandbox."""
    found = Fairness()
    submission = read_submission(EXAMPLES / "good")
    with Workbench(Options(assignment=EXAMPLES / "nine.toml"), many=True) as bench:
        watched = Watched(bench, found)
        bench.mark(submission, seed=0)  # what comes first pays for imports
        first = _graded(bench, watched, submission, 1, found.quiet)
        for seed in range(2, quiet + 1):
            _graded(bench, watched, submission, seed, found.quiet, first)
        watched.is_busy = True
        with working(busy), suppress(KeyboardInterrupt):
            for seed in range(quiet + 1, quiet + 1 + gradings):
                _graded(bench, watched, submission, seed, found.busy, first)
    return found


class Watched:
    """Takes the time of every request, and counts those that ended at a limit."""

    def __init__(self, bench: Workbench, found: Fairness) -> None:
        self._bench, self.found = bench, found
        self.is_busy = False

    def through(self, ask: Ask) -> Ask:
        """Carries requests out by `ask`."""

        def watched(request: Request) -> Answer:
            started, before = time.perf_counter(), self._bench._slot.zygote.spent
            answer = ask(request)
            wall, cpu = time.perf_counter() - started, self._bench._slot.zygote.spent - before
            slowest = self.found.slowest[self.is_busy]
            slowest.requests += 1
            slowest.wall, slowest.cpu = max(slowest.wall, wall), max(slowest.cpu, cpu)
            if isinstance(answer, Stopped):
                self.found.reached[(type(request).__name__, answer.reason.name, answer.detail)] += 1
            if isinstance(answer, Judged) and isinstance(answer.decision, Undecided):
                self.found.reached[(type(request).__name__, answer.decision.reason)] += 1
            return answer

        return watched


def _graded(
    bench: Workbench,
    watched: Watched,
    submission: Submission,
    seed: int,
    seconds: list[float],
    first: Verdicts | None = None,
) -> Verdicts:
    started = time.perf_counter()
    verdicts = verdicts_of(bench.mark(submission, seed=seed, through=watched.through))
    seconds.append(time.perf_counter() - started)
    found = watched.found
    found.verdicts[watched.is_busy] += len(verdicts)
    for key, (outcome, points) in verdicts.items():
        before = (outcome, points) if first is None else first[key]
        if before != (outcome, points):
            found.changed[(*key, before[0].value, outcome.value)] += 1
    return verdicts


def verdicts_of(report: Report) -> Verdicts:
    """The verdicts of a report."""
    return {(p.id, v.check): (v.outcome, v.points) for p in report.problems for v in p.verdicts}


@contextmanager
def working(number: int) -> Iterator[None]:
    """So many processes compute meanwhile; the last also thrashes memory and disk."""
    scripts = [SPINNING] * (number - 1) + [THRASHING] * (number > 0)
    with tempfile.TemporaryDirectory() as folder:
        processes = [subprocess.Popen([sys.executable, "-c", script], cwd=folder) for script in scripts]
        try:
            yield
        finally:
            for process in processes:
                process.kill()
                process.wait()


def _median(seconds: list[float]) -> float:
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2] if ordered else 0.0


if __name__ == "__main__":
    main()
