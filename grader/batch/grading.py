"""Grades a class from folder to gradebook."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import torch

from grader.assignment.apply import Applied
from grader.assignment.model import Assignment
from grader.batch.changes import what_changes
from grader.batch.choices import Cluster
from grader.batch.cluster import Workers, cluster_workers
from grader.batch.gpus import Shared, gpus_of
from grader.batch.job import Terms
from grader.batch.keys import keys_of
from grader.batch.local import LocalWorkers
from grader.batch.owner import new_owner, release_the_dead
from grader.batch.planning import planned
from grader.batch.running import ClassRun, Display, Tally
from grader.batch.worker import require_sandbox
from grader.catalog.find import Catalog, Place
from grader.classroom.model import Classroom, Layout
from grader.classroom.read import read_class
from grader.errors import UsageError
from grader.gradebook.model import ClassFacts
from grader.gradebook.store import Gradebook
from grader.marking import resolve_device
from grader.run.folders import Folder
from grader.session import assignment_of, require_seconds

MOST_WORKERS = 512

AHEAD = 2
"""Jobs that are handed out for each worker on this machine, so that none waits for us."""


@dataclass(frozen=True, slots=True)
class ClassOptions:
    """What to grade, how, and by whom."""

    folder: Path
    gradebook: str
    layout: Layout | None = None
    roster: Path | None = None
    problems: tuple[str, ...] = ()
    terms: Terms = Terms(0)  # noqa: RUF009 -- a frozen value
    """Its seed is drawn by the gradebook."""

    workers: int = 0
    """Processes, or workers of a cluster; 0 for one per core."""

    scheduler: str | None = None
    cluster: Cluster | None = None
    regrade: bool = False
    per_gpu: int = 1
    """Submissions that share a GPU at a time."""


def grade_class(options: ClassOptions, display: Display, on_class: Callable[[Classroom], None]) -> Tally:
    """Read a class, grade what is to be graded, and record it; `on_class` is told who handed in before that begins.

    Raises:
        UsageError: the options, the assignment or the roster name what does not exist, or the gradebook can't be used.
        NothingToGrade: there is no submission in the folder.
        SandboxError: submissions could not be kept from doing harm here.
        GraderError: something is wrong that concerns every submission.
    """
    _validate(options)
    assignment, catalog = assignment_of(options.terms.assignment, options.terms.catalog)
    places = catalog.choose(options.problems)
    if not _is_elsewhere(options):  # there each worker sees for itself
        require_sandbox(options.terms.isolation)
    classroom = read_class(options.folder, options.layout, options.roster)
    with _gpus(options, assignment) as gpus, Gradebook.open(options.gradebook) as gradebook:
        terms = replace(options.terms, seed=gradebook.seed(assignment.title), gpus=gpus)
        keys = keys_of(places, assignment, terms)
        facts = _facts(assignment, catalog, places, classroom, final=terms.final)
        facts = replace(facts, notices=(*facts.notices, *what_changes(gradebook.facts(), facts)))
        on_class(replace(classroom, notices=facts.notices))
        gradebook.describe(facts, keys)
        release_the_dead(gradebook)
        plan = planned(
            gradebook, classroom.entries, keys, datetime.now(UTC), regrade=options.regrade, missing=classroom.missing
        )
        with _workers(options, assignment, gpus) as workers:
            run = ClassRun(
                gradebook, workers.executor, workers.capacity, terms, keys, new_owner(), display, workers.options,
                regrade=options.regrade,
            )  # fmt: skip
            return run.run(plan)


def _validate(options: ClassOptions) -> None:
    require_seconds(options.terms.timeout)
    if not 0 <= options.workers <= MOST_WORKERS:
        raise UsageError(
            f"--workers {options.workers}: choose a number from 1 to {MOST_WORKERS}, or 0 for one per core."
        )
    if not 1 <= options.per_gpu <= MOST_WORKERS:
        raise UsageError(f"--per-gpu {options.per_gpu}: choose a number from 1 to {MOST_WORKERS}.")
    if options.scheduler is not None and options.cluster is not None:
        raise UsageError("--scheduler names a cluster that runs, --cluster starts one: choose one of them.")


def _is_elsewhere(options: ClassOptions) -> bool:
    """Whether submissions run on other machines."""
    return options.scheduler is not None or options.cluster not in (None, Cluster.LOCAL)


def _facts(
    assignment: Assignment, catalog: Catalog, places: tuple[Place, ...], classroom: Classroom, *, final: bool
) -> ClassFacts:
    applied = Applied(assignment, catalog, final=final)
    entries = [applied.load(place) for place in places]
    problems = tuple((e.id, e.problem.title, e.question, e.problem.points) for e in entries)
    formulas = {entry.id: entry.problem.latex for entry in entries}
    return ClassFacts(assignment.title, problems, assignment.due, assignment.late, classroom.notices, formulas)


def _device(options: ClassOptions, assignment: Assignment) -> str:
    return assignment.device if options.terms.device is None else options.terms.device


@contextmanager
def _gpus(options: ClassOptions, assignment: Assignment) -> Iterator[Shared | None]:
    """What the workers of this machine share, if they are to use GPUs."""
    device = _device(options, assignment)
    if _is_elsewhere(options) or resolve_device(device) == "cpu":
        yield None
        return
    folder = Folder()
    try:
        yield shared_gpus(options, gpus_of(torch.cuda.device_count()), folder.path)
    finally:
        folder.close()


def shared_gpus(options: ClassOptions, names: tuple[str, ...], folder: Path) -> Shared:
    """These GPUs, for as many workers as are wanted.

    Raises:
        UsageError: there are to be more workers than may use them at a time.
    """
    shared = Shared(names, options.per_gpu, folder)
    if options.workers > shared.places:
        here = "is one GPU" if len(names) == 1 else f"are {len(names)} GPUs"
        raise UsageError(
            f"--workers {options.workers}: there {here} here, for {options.per_gpu} at a time each. Leave --workers "
            f"out, or have more of them share a GPU with --per-gpu {-(-options.workers // len(names))}."
        )
    return shared


@contextmanager
def _workers(options: ClassOptions, assignment: Assignment, gpus: Shared | None) -> Iterator[Workers]:
    gpu = gpus is not None or _device(options, assignment) == "cuda"
    number = options.workers or (gpus.places if gpus else 1 if gpu else _cores())
    if options.scheduler is not None or options.cluster is not None:
        wanted = number if options.scheduler is None else options.workers  # how many there are, its scheduler knows
        with cluster_workers(options.scheduler, options.cluster, wanted, gpu=gpu) as workers:
            yield workers
        return
    executor = LocalWorkers(number)
    try:
        yield Workers(executor, AHEAD * number, {})
    finally:
        executor.shutdown(cancel_futures=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
