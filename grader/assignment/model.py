"""What an assignment file says, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from grader.assignment.source import Source

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Late:
    """What lateness costs."""

    per_day_percent: float
    """Share of the points that each day that has begun takes away."""

    most_days: int
    """Days after which nothing counts any more."""

    grace_minutes: float = 0
    """Lateness up to this much costs nothing."""


@dataclass(frozen=True, slots=True)
class AssignedLimits:
    """What a submission may use."""

    timeout: float = 10.0
    """CPU seconds of one call."""

    training: float = 60.0
    """CPU seconds of one training of an agent."""

    memory: float = 4.0
    """Gigabytes (2³⁰ bytes) on top of what the libraries take."""


@dataclass(frozen=True, slots=True)
class Band:
    """What a speed is worth."""

    at_most: float
    """Times the reference's time, in the same run."""

    points: float


@dataclass(frozen=True, slots=True)
class Override:
    """What holds for one problem alone."""

    points: float | None = None
    """What it is worth altogether; as its author says where None."""

    hidden: tuple[str, ...] | None = None
    """Checks that count in the final grade only; the assignment's where None."""

    forbidden: tuple[str, ...] = ()
    """Functions of PyTorch that an answer must not call."""

    forbidden_points: float = 1
    """What doing without them is worth."""

    speed: tuple[Band, ...] = ()
    """What `grader bench` says a speed is worth; `grader check` doesn't time anything."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One assignment of a course."""

    title: str
    choose: tuple[str, ...] = ()
    """Names of problems, or questions (`q2`); all problems where empty."""

    problems: tuple[Path, ...] = ()
    """Folders with problems beside the bundled ones."""

    due: datetime | None = None
    """The last moment to hand in; with an offset from UTC."""

    late: Late | None = None
    hidden: tuple[str, ...] = ()
    """Checks that count in the final grade only."""

    device: str = "auto"
    limits: AssignedLimits = AssignedLimits()
    problem: Mapping[str, Override] = field(default_factory=dict)
    """By name, what holds for single problems."""

    source: Source = Source(Path(), "")  # noqa: RUF009 -- as above
    """The file itself, for messages about it."""

    def override(self, problem: str) -> Override:
        """What holds for this problem alone."""
        return self.problem.get(problem, Override())

    def hidden_in(self, problem: str) -> tuple[str, ...]:
        """The checks of this problem that count in the final grade only, by name."""
        own = self.override(problem).hidden
        return self.hidden if own is None else own


EVERYTHING = Assignment("")
"""Where there is no assignment file: every problem as its author made it."""


def late_factor(assignment: Assignment, submitted: datetime) -> float:
    """The share of the points, from 0 to 1, that counts for what was handed in at this moment.

    Up to the due date and the minutes of grace everything counts, and so it does where the file names no due date or
    no policy. After that each day that has begun since the due date (not since the grace ran out) costs its share, and
    after the most days nothing counts.

    Raises:
        ValueError: the moment has no offset from UTC.
    """
    if submitted.tzinfo is None:
        raise ValueError("a moment without an offset from UTC can't be compared with a due date")
    due, late = assignment.due, assignment.late
    if due is None or late is None or submitted - due <= timedelta(minutes=late.grace_minutes):
        return 1.0
    days = -((due - submitted) // DAY)  # rounded up: a day that has begun counts
    if days > late.most_days:
        return 0.0
    return max(0.0, 1.0 - days * late.per_day_percent / 100)
