"""Marks one submission in an open sandbox: finds its answers, loads it, and grades problem after problem."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol, assert_never

import torch

from grader.catalog.find import Place
from grader.catalog.load import load
from grader.errors import UsageError
from grader.grading import Ask, Prove, grade, unanswered
from grader.intake.names import Answers, find_answers
from grader.model.evidence import FunctionMissing
from grader.model.exchange import Acting, Answer, Call, Request, Session, Trace, Training
from grader.model.formula import Claim
from grader.model.problem import CatalogEntry
from grader.model.submission import Notice, Submission
from grader.model.timing import Recalling, Timing
from grader.model.verdict import Outcome, ProblemReport, Report
from grader.run.runner import Loaded, Runner, Watch
from grader.run.zygote import Slot
from grader.tracing import trace_own

Load = Callable[[Place], CatalogEntry]
"""Loads a problem."""

Through = Callable[[Ask], Ask]
"""Puts itself between the checks and what carries out their requests: to measure, or to remember answers."""


class Progress(Protocol):
    """Is told how far the marking is."""

    def problem_started(self, problem_id: str, index: int, total: int) -> None:
        """The problem is about to be graded; `index` counts from 0."""

    def agent_trained(self, training: Training, steps: int, mean_return: float | None) -> None:
        """An agent has taken so many steps of its training, and earned so much lately if any episode ended."""

    def problem_finished(self, report: ProblemReport) -> None:
        """The problem has been graded."""


def resolve_device(wanted: str) -> str:
    """`cpu` or `cuda` for what was asked.

    Raises:
        UsageError: a device that this machine does not have, or that does not exist.
    """
    if wanted not in ("cpu", "cuda", "auto"):
        raise UsageError(f"There is no device `{wanted}`: choose cpu, cuda or auto.")
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise UsageError(f"--device cuda: {_without_gpu()}")
    return "cuda" if available and wanted != "cpu" else "cpu"


def _without_gpu() -> str:
    """Why PyTorch finds no GPU, and what to do about that."""
    if torch.version.cuda is None:
        return (
            f"the PyTorch that is installed here ({torch.__version__}) was built without CUDA. Install one that has it "
            "(https://pytorch.org/get-started), or use --device cpu."
        )
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    hidden = f" CUDA_VISIBLE_DEVICES is {visible!r}, which may hide it." if visible is not None else ""
    return (
        f"PyTorch (for CUDA {torch.version.cuda}) finds no GPU on this machine.{hidden} "
        "`nvidia-smi` shows whether the driver does; --device cpu grades without one."
    )


def mark(
    submission: Submission,
    places: tuple[Place, ...],
    slot: Slot,
    *,
    seed: int,
    device: str,
    notices: tuple[Notice, ...],
    progress: Progress | None,
    prove: Prove,
    load: Load = load,
    through: Through | None = None,
) -> Report:
    """The report on a submission, problem by problem in the catalog's order.

    `through` is handed what carries out every request, and gives what is used in its place.
    """
    resolution = find_answers(submission, [place.id for place in places])
    answers = dict(resolution.found)
    entries = tuple(load(place) for place in places)  # while the sandbox is still importing torch
    runner = Runner(slot, submission, answers, device)
    ask = asking(runner, prove, _nobody_watches if progress is None else progress.agent_trained)
    if through is not None:
        ask = through(ask)
    try:
        loaded = runner.load() if answers else Loaded()
        loading_output = runner.take_printed()
        reports = tuple(
            _marked(entry, index, len(entries), resolution, loaded, runner, ask, seed, device, progress)
            for index, entry in enumerate(entries)
        )
    finally:
        runner.end()
    told = (*submission.notices, *resolution.notices, *loaded.notices, *notices)
    return Report(submission.name, seed, slot.backend.isolation.value, device, reports, told, loading_output)


@contextmanager
def timing(submission: Submission, names: Sequence[str], slot: Slot, device: str, prove: Prove) -> Iterator[Ask]:
    """What carries out requests to a child of its own, in which a GPU is not waited for after every operation."""
    answers = dict(find_answers(submission, names).found)
    runner = Runner(slot, submission, answers, device, in_step=False)
    try:
        runner.load()
        yield asking(runner, prove)
    finally:
        runner.end()


def _marked(
    entry: CatalogEntry,
    index: int,
    total: int,
    resolution: Answers,
    loaded: Loaded,
    runner: Runner,
    ask: Ask,
    seed: int,
    device: str,
    progress: Progress | None,
) -> ProblemReport:
    if progress is not None:
        progress.problem_started(entry.id, index, total)
    started = time.monotonic()
    runner.next_problem()
    absent = missing(entry.id, resolution, loaded)
    report = unanswered(entry, absent) if absent else grade(entry, ask, seed, device)
    if report.outcome is Outcome.SUBMISSION_ERROR and not absent:
        runner.end()  # an error may have left threads, memory or files behind
    report = replace(report, output=runner.take_printed(), seconds=time.monotonic() - started)
    if progress is not None:
        progress.problem_finished(report)
    return report


def _nobody_watches(training: Training, steps: int, mean_return: float | None) -> None:
    """Where no progress is shown."""


def asking(runner: Runner, prove: Prove, watch: Watch = _nobody_watches) -> Ask:
    """Has the sandbox do what concerns the student's function, and this process what concerns ours and claims."""

    def ask(request: Request) -> Answer:
        match request:
            case Call():
                return runner.ask(request)
            case Trace():
                return runner.trace(request) if request.own is None else trace_own(request.own, request)
            case Session():
                return runner.session(request)
            case Training():
                return runner.train(request, watch)
            case Acting():
                return runner.act(request)
            case Timing():
                return runner.time(request)
            case Recalling():
                return runner.recall(request)
            case Claim():
                return prove(request)
            case _:
                assert_never(request)

    return ask


def missing(name: str, resolution: Answers, loaded: Loaded) -> FunctionMissing | None:
    """Why there is nothing to call under this name, or None where there is."""
    near = dict(resolution.missing).get(name)
    if near is not None:
        return FunctionMissing(name, tuple(near))
    kind = loaded.types.get(name, "missing")
    if kind == "function":
        return None
    path = dict(resolution.found)[name].path
    if kind == "missing":
        where = "; see the notices" if loaded.notices else ""
        return FunctionMissing(name, (), f"the code of {path} that defines it did not run to the end{where}.")
    return FunctionMissing(name, (), f"in {path} it is a value of type {kind}, not a function.")
