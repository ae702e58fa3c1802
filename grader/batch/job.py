"""What a worker is asked to do and what it says; plain data, fit to be sent to another process or machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from grader.batch.gpus import Shared
from grader.model.submission import Submission
from grader.model.verdict import Report
from grader.run.backend import Isolation


@dataclass(frozen=True, slots=True)
class Terms:
    """What is the same for all submissions of a class. A worker keeps its sandbox as long as these don't change."""

    seed: int
    """The same for everybody: all students get the same cases, and what is expected of them is computed once."""

    assignment: Path | None = None
    catalog: Path | None = None
    device: str | None = None
    isolation: Isolation = Isolation.AUTO
    timeout: float | None = None
    final: bool = True
    """Whether the checks that the assignment hides from students are run."""

    gpus: Shared | None = None
    """What the workers of this machine share; elsewhere a worker uses what its own environment shows it."""


@dataclass(frozen=True, slots=True)
class Job:
    """Grade these problems of one submission."""

    number: int
    """Of the submission in the gradebook."""

    submission: Submission
    problems: tuple[str, ...]
    terms: Terms


class Share(Enum):
    """Where the time of a job goes."""

    SANDBOX = "sandbox"
    """Waiting for the student's code."""

    SYMBOLIC = "symbolic"
    """Waiting for proofs."""

    ORACLE = "oracle"
    """References, comparisons, diagnosis: everything else."""


@dataclass(frozen=True, slots=True)
class Graded:
    """The job is done."""

    number: int
    report: Report
    seconds: Mapping[Share, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Faulted:
    """The worker could not do the job: the sandbox failed, or the grader has a bug."""

    number: int
    message: str
    ended_workers: int = 0
    """How many are gone, where this is not a worker's own word."""


Done = Graded | Faulted
