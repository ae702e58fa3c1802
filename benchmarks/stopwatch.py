"""Measures where the time of a marking goes, from outside: by checks and references that note what they take.

Wall time is told apart by what the host waits for. CPU time of other processes is read from `/proc` (Linux), in steps
of 10 ms: sums over many checks are right, single ones are rounded.
"""

from __future__ import annotations

import functools
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.model.formula import Claim
from grader.model.problem import CatalogEntry, Check, Examination, Trial

PROVER = b"grader.run.prover_process"
"""What tells the prover's process from those of the sandbox."""

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Seconds:
    """CPU time so far: of this process, of the sandbox with everything it started, and of the prover."""

    host: float
    sandbox: float
    prover: float

    def since(self, start: Seconds) -> Seconds:
        """What was used since then."""
        return Seconds(self.host - start.host, self.sandbox - start.sandbox, self.prover - start.prover)

    @property
    def total(self) -> float:
        """Of all processes."""
        return self.host + self.sandbox + self.prover


def cpu_so_far() -> Seconds:
    """CPU time of this process and of all that descend from it; of ended ones as far as their parents know."""
    sandbox = prover = 0.0
    for process in _descendants(os.getpid()):
        used = _cpu_of(process)
        if PROVER in _read(process, "cmdline"):
            prover += used
        else:
            sandbox += used
    return Seconds(time.process_time(), sandbox, prover)


def _descendants(process: int) -> Iterator[int]:
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, thread.read_text().split()):
            yield child
            yield from _descendants(child)


def _cpu_of(process: int) -> float:
    fields = _read(process, "stat").rpartition(b")")[2].split()  # the name before it may hold anything
    return sum(map(int, fields[11:15])) / TICKS  # utime, stime, cutime, cstime


def _read(process: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{process}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""  # it has just ended; its parent has its time


@dataclass(frozen=True, slots=True)
class Measured:
    """What one check of one problem took."""

    problem: str
    check: str
    kind: str
    wall: float
    cpu: Seconds


@dataclass
class Stopwatch:
    """Everything that was measured in one marking."""

    checks: list[Measured] = field(default_factory=list)
    waited: Counter[str] = field(default_factory=Counter)
    """Wall seconds that the host waited, for the `sandbox` or the `prover`."""

    in_talk: float = 0.0
    """CPU seconds that the host spent while it waited: on writing requests and reading answers."""

    in_reference: float = 0.0
    """CPU seconds that the host spent in references, which the sandbox never sees."""

    def on(self, entry: CatalogEntry) -> CatalogEntry:
        """The same problem, measured."""
        problem = entry.problem
        checks = tuple(_Timed(check, entry.id, self) for check in problem.checks)
        return replace(entry, problem=replace(problem, checks=checks, reference=self._timed(problem.reference)))

    def _timed(self, reference: Any) -> Any:
        if isinstance(reference, type):
            return reference

        @functools.wraps(reference)
        def timed(*arguments: Any, **named: Any) -> Any:
            started = time.process_time()
            try:
                return reference(*arguments, **named)
            finally:
                self.in_reference += time.process_time() - started

        return timed

    @contextmanager
    def waiting(self, request: object) -> Iterator[None]:
        """Around the time in which somebody else answers a request."""
        started, worked = time.perf_counter(), time.process_time()
        yield
        self.waited["prover" if isinstance(request, Claim) else "sandbox"] += time.perf_counter() - started
        self.in_talk += time.process_time() - worked


@dataclass(frozen=True)
class _Timed:
    """A check that takes note of what it took."""

    check: Check
    problem: str
    stopwatch: Stopwatch

    @property
    def name(self) -> str:
        return self.check.name

    @property
    def points(self) -> float:
        return self.check.points

    @property
    def title(self) -> str:
        return self.check.title

    @property
    def requires(self) -> str | None:
        return self.check.requires

    def examine(self, trial: Trial) -> Examination:
        before, started = cpu_so_far(), time.perf_counter()
        examination = self.check.examine(trial)
        try:
            request = next(examination)
            while True:
                with self.stopwatch.waiting(request):
                    answer = yield request
                request = examination.send(answer)
        except StopIteration as stop:
            wall = time.perf_counter() - started
            cpu = cpu_so_far().since(before)
            self.stopwatch.checks.append(Measured(self.problem, self.name, _kind(self.check), wall, cpu))
            return stop.value


def _kind(check: Check) -> str:
    """The name of its class; the check for float64 is an Agreement of its own kind."""
    return "full_precision" if check.name == "float64" else type(check).__name__
