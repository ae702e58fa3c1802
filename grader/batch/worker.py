"""Does jobs in a process of a pool: it opens one sandbox and one prover, and keeps them from job to job."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time

from grader.batch.gpus import take
from grader.batch.interrupts import ignored
from grader.batch.job import Done, Faulted, Graded, Job, Share, Terms
from grader.batch.remembering import Remembering
from grader.compare.remembering import new_memory, remembering
from grader.errors import GraderError, SandboxError
from grader.model.exchange import Training
from grader.model.verdict import ProblemReport
from grader.run.backend import Isolation
from grader.run.zygote import choose_backend
from grader.session import Options, Workbench

LOOK = 1.0
"""Seconds between two looks at whether the process that started a worker is still there."""


def prepare() -> None:
    """Set a new process of a pool up: an interrupt at the terminal is for the process that runs the class."""
    os.setpgid(0, 0)
    ignored()
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()


def _leave_with(parent: int) -> None:
    """End this process, and what it runs, once the process that started it is gone, however that ended."""
    while os.getppid() == parent:
        time.sleep(LOOK)
    _leave()


def do(job: Job) -> Done:
    """Grade a submission in this process. What goes wrong on our side is told, and the next job starts afresh.

    A bench serves one job at a time: threads of a worker take turns.
    """
    with _TURN:
        try:
            return _bench(job.terms).do(job)
        except GraderError as error:
            clear()
            return Faulted(job.number, str(error))
        except Exception as error:  # noqa: BLE001 -- a bug of ours must neither cost a student points nor stop a class
            clear()
            return Faulted(job.number, f"{type(error).__name__}: {error}")


def require_sandbox(isolation: Isolation) -> None:
    """A class is not graded without isolation unless somebody says so.

    Raises:
        SandboxError: nothing on this machine isolates submissions, and nobody said so.
    """
    backend, notices = choose_backend(isolation)
    if backend.isolation is Isolation.NONE and isolation is not Isolation.NONE:
        why = " ".join(notices)
        raise SandboxError(
            f"Nothing here can keep submissions from reading or changing this machine's files. {why} "
            "Install bubblewrap, or accept that with --isolation none."
        )


class Bench:
    """An open sandbox, and what was computed for the class so far."""

    def __init__(self, terms: Terms) -> None:
        """Open the sandbox; it imports torch meanwhile."""
        self.terms = terms
        require_sandbox(terms.isolation)
        if terms.gpus is not None:
            take(terms.gpus)
        final = terms.final and terms.assignment is not None  # without an assignment nothing is hidden
        self._bench = Workbench(
            Options(
                (), terms.seed, terms.device, terms.isolation, terms.timeout, terms.catalog, terms.assignment, final
            ),
            many=True,
        )  # fmt: skip
        self._places = {place.id: place for place in self._bench.places}
        self._requests = Remembering()
        self._expectations = new_memory()

    def do(self, job: Job) -> Graded:
        """Grade the job's problems."""
        loading = _Loading(started := time.perf_counter())
        self._requests.seconds.clear()
        places = tuple(self._places[name] for name in job.problems)
        with remembering(self._expectations):
            report = self._bench.mark(
                job.submission, seed=job.terms.seed, places=places, progress=loading, through=self._requests.through
            )
        self._requests.seconds[Share.SANDBOX] += loading.seconds
        spent = dict(self._requests.seconds)
        whole = time.perf_counter() - started
        asked = spent.get(Share.SANDBOX, 0.0) + spent.get(Share.SYMBOLIC, 0.0)
        return Graded(job.number, report, {**spent, Share.ORACLE: whole - asked})

    def close(self) -> None:
        """End the sandbox."""
        self._bench.close()


class _Loading:
    """Takes the time until the first problem is graded: till then the submission is loaded into the sandbox."""

    def __init__(self, started: float) -> None:
        self._started = started
        self.seconds = 0.0

    def problem_started(self, problem_id: str, index: int, total: int) -> None:  # noqa: ARG002 -- a protocol's
        """Note the time, once."""
        if index == 0:
            self.seconds = time.perf_counter() - self._started

    def agent_trained(self, training: Training, steps: int, mean_return: float | None) -> None:
        """Nobody watches."""

    def problem_finished(self, report: ProblemReport) -> None:
        """Nobody watches."""


_TURN = threading.Lock()

_OPEN: list[Bench] = []
"""The bench of this process, if there is one."""


def _bench(terms: Terms) -> Bench:
    """The open bench, or a new one where there is none for these terms."""
    if _OPEN and _OPEN[0].terms != terms:
        clear()
    if not _OPEN:
        _OPEN.append(Bench(terms))
    return _OPEN[0]


@atexit.register
def clear() -> None:
    """Close the bench of this process, if there is one."""
    while _OPEN:
        _OPEN.pop().close()


def _leave(*_signal: object) -> None:
    try:
        clear()
    finally:
        os._exit(0)
