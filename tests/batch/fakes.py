"""Stand-ins for the gradebook's neighbours: workers that do what a script says, and a display that takes notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from grader.batch.job import Done, Graded, Job, Share
from grader.classroom.model import Entry, Student
from grader.model.verdict import Outcome, ProblemReport, Report, Verdict

PROBLEMS = ("layer_norm", "td_error")


class Scripted(Executor):
    """Answers every job at once with what `answer` makes of it; an exception stands for a worker that died."""

    def __init__(self, answer: Callable[[Job], Done]) -> None:
        self.answer = answer
        self.jobs: list[Job] = []
        self.was_cancelled = False

    def submit(self, _function: Callable[..., Any], /, *args: Any, **_options: Any) -> Future[Any]:
        (job,) = args
        self.jobs.append(job)
        future: Future[Any] = Future()
        try:
            future.set_result(self.answer(job))
        except Exception as error:
            future.set_exception(error)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.was_cancelled = cancel_futures


class Notes:
    """What a display was told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, ...]] = []

    def planned(self, total: int, known: int) -> None:
        self.lines.append(("planned", str(total), str(known)))

    def graded(self, label: str, report: Report) -> None:
        self.lines.append(("graded", label))

    def failed(self, label: str, why: str) -> None:
        self.lines.append(("failed", label, why))

    def retried(self, label: str, why: str) -> None:
        self.lines.append(("retried", label))

    def waiting(self, others: int) -> None:
        self.lines.append(("waiting", str(others)))


def entry(folder: Path, name: str, text: str = "def td_error(): ...\n") -> Entry:
    """What a student of this name handed in: one file."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return Entry(Student(name), f"{name}.py", ((f"{name}.py", path),))


def report_on(job: Job, points: Mapping[str, float] | None = None) -> Report:
    """A report with one verdict for each problem of the job."""
    earned = points or {}
    problems = tuple(
        ProblemReport(name, name, 1, (Verdict("agreement", "agrees", Outcome.PASSED, earned.get(name, 1.0), 1.0),))
        for name in job.problems
    )
    return Report(job.submission.name, job.terms.seed, "none", "cpu", problems)


def graded(job: Job) -> Graded:
    """The job done."""
    return Graded(job.number, report_on(job), {Share.SANDBOX: 1.0, Share.ORACLE: 0.5})
