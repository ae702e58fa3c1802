"""Times one submission from path to speed report: grades it first, and times the problems that are right."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import torch

from grader.assignment.model import Band
from grader.bench.ceilings import MB, flushed, machine, measure
from grader.bench.contest import DTYPE, Race, Setting, run_race
from grader.bench.judging import award
from grader.bench.model import Contest, Contestant, Direction, ProblemSpeed, SpeedReport, State
from grader.catalog.find import Catalog
from grader.catalog.load import load
from grader.errors import GraderError, NothingToGrade, UsageError
from grader.grading import EARNS, Ask
from grader.intake import read_submission
from grader.marking import Progress
from grader.model.problem import CatalogEntry, Function
from grader.model.signature import Gradient
from grader.model.speed import Speed, recipes
from grader.model.verdict import Outcome, ProblemReport, Report
from grader.report.groups import missing
from grader.run.limits import GB
from grader.session import Options, Workbench
from reference.kernels import kernel

NEEDED = frozenset({"agreement", "gradient"})
"""Checks that have to pass before a problem is timed."""

MEMORY = 512 * MB
"""Of the inputs and results of one round on a processor."""

GPU_MEMORY = 48 * GB
"""That the student's function may have on a GPU, if it has so much."""

SHARE = 4
"""Of a GPU's free memory, the inputs and results of one round take at most one part in so many: twice, for the
student's process and this one, and what is computed on the way comes on top."""

Watch = Callable[[str, int, int], None]
"""Is told which problem is timed next: its name, its number from 0, and of how many."""


def bench_submission(
    path: Path,
    options: Options,
    *,
    compiled: bool = False,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> SpeedReport:
    """Grade, time what is right, and report.

    Raises:
        UsageError: the options or the assignment file name what does not exist, or nothing that is ever timed.
        NothingToGrade: there is no readable answer at `path`, or none to a problem that is timed.
        SandboxError: the sandbox can't be started or fails.
        ProblemDefinitionError: a problem file is broken.
    """
    with Workbench(options, gpu_memory=GPU_MEMORY) as bench:
        submission = read_submission(path)
        places = tuple(place for place in bench.places if load(place).problem.speed is not None)
        if not places:
            raise UsageError(f"None of these problems is timed. {_timed_ones(bench.catalog)}")
        seed = secrets.randbits(63) if options.seed is None else options.seed
        report = bench.mark(submission, seed=seed, places=places, progress=progress)
        if not options.problems:
            report = _without_missing(report)
        entries = {place.id: load(place) for place in places}
        bands = {name: bench.assignment.override(name).speed for name in entries}
        with bench.timing(submission, [problem.id for problem in report.problems]) as ask:
            return _timed(report, entries, bands, ask, compiled=compiled, watch=watch)


def _timed_ones(catalog: Catalog) -> str:
    names = [place.id for place in catalog.places if load(place).problem.speed is not None]
    return f"These are: {', '.join(names)}." if names else "No problem here is."


def _without_missing(report: Report) -> Report:
    """Where no problem was named, those that the submission has no answer to are left out."""
    found = tuple(problem for problem in report.problems if missing(problem) is None)
    if not found:
        raise NothingToGrade("There is no function in this submission whose speed is measured.")
    return Report(report.submission, report.seed, report.isolation, report.device, found, report.notices, report.output)


def _timed(
    report: Report,
    entries: dict[str, CatalogEntry],
    bands: dict[str, tuple[Band, ...]],
    ask: Ask,
    *,
    compiled: bool,
    watch: Watch | None,
) -> SpeedReport:
    setting = _setting(report) if any(_state(each) is State.TIMED for each in report.problems) else None
    problems = []
    for i, problem in enumerate(report.problems):
        if watch is not None:
            watch(problem.id, i, len(report.problems))
        own = bands[problem.id]
        problems.append(_problem(problem, entries[problem.id], own, ask, setting, compiled=compiled))
    return SpeedReport(
        report.submission, report.seed, report.isolation, report.device, machine(report.device),
        None if setting is None else setting.ceilings, tuple(problems), report.notices,
    )  # fmt: skip


def _setting(report: Report) -> Setting:
    device = report.device
    memory = min(torch.cuda.mem_get_info()[0], GPU_MEMORY) // SHARE if device == "cuda" else MEMORY
    return Setting(device, report.seed, measure(device, DTYPE), flushed(device), memory)


def _state(report: ProblemReport) -> State:
    if missing(report) is not None:
        return State.NOT_FOUND
    looked_at = [verdict for verdict in report.verdicts if verdict.check in NEEDED]
    if any(verdict.outcome is Outcome.GRADER_ERROR for verdict in looked_at):
        return State.FAULT
    return State.TIMED if all(verdict.outcome in EARNS for verdict in looked_at) else State.NOT_RIGHT


def _problem(
    report: ProblemReport,
    entry: CatalogEntry,
    bands: tuple[Band, ...],
    ask: Ask,
    setting: Setting | None,
    *,
    compiled: bool,
) -> ProblemSpeed:
    state = _state(report)
    speed = entry.problem.speed
    if state is not State.TIMED or setting is None or speed is None:
        return ProblemSpeed(report, state, award=award(bands, (), is_right=False))
    try:
        contests = tuple(_contests(entry, speed, ask, setting, compiled=compiled))
    except torch.cuda.OutOfMemoryError:
        return ProblemSpeed(report, State.FAULT, fault="the GPU has too little memory left for these sizes.")
    except GraderError as error:
        return ProblemSpeed(report, State.FAULT, fault=str(error))
    is_right = all(verdict.outcome in EARNS for verdict in report.verdicts)
    earned = award(bands, contests, is_right=is_right)
    return ProblemSpeed(report, state, contests, earned, _inputs(entry, speed, setting.device))


def _contests(entry: CatalogEntry, speed: Speed, ask: Ask, setting: Setting, *, compiled: bool) -> list[Contest]:
    differentiated = entry.problem.signature.named(Gradient.GRADED)
    directions = (Direction.FORWARD, Direction.BOTH) if differentiated else (Direction.FORWARD,)
    own = _own(entry, setting.device, compiled=compiled)
    return [run_race(Race(entry, speed, direction, own, setting), ask) for direction in directions]


def _own(entry: CatalogEntry, device: str, *, compiled: bool) -> dict[Contestant, Function]:
    """What is timed in this process: the reference, and beside it what this device has a use for."""
    own = {Contestant.REFERENCE: entry.problem.reference}
    if compiled:
        own[Contestant.COMPILED] = torch.compile(entry.problem.reference)
    fast = kernel(entry.id) if device == "cuda" else None
    if fast is not None:
        own[Contestant.KERNEL] = fast
    return own


def _inputs(entry: CatalogEntry, speed: Speed, device: str) -> str:
    scale = speed.gpu if device == "cuda" else speed.cpu
    drawn = recipes(entry.problem.signature, speed, scale)
    return ", ".join(f"{each['name']} {_written(each)}" for each in drawn)


def _written(recipe: object) -> str:
    assert isinstance(recipe, dict)
    return str(recipe["value"]) if recipe["kind"] == "number" else str(tuple(recipe["shape"]))
