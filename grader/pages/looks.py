"""Signs and words for outcomes and states, and how numbers and times are written on pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from grader.gradebook.model import State
from grader.model.verdict import Outcome, ProblemReport
from grader.model.words import number
from grader.report.groups import is_proved, is_unwritten, missing


@dataclass(frozen=True, slots=True)
class Look:
    """How an outcome is shown: the word says it all without sign and colour."""

    sign: str
    word: str
    kind: str
    """Class in the stylesheet."""


_OUTCOMES = {
    Outcome.PASSED: Look("✓", "passed", "good"),
    Outcome.FAILED: Look("✗", "failed", "bad"),
    Outcome.SUBMISSION_ERROR: Look("✗", "error", "bad"),
    Outcome.UNDECIDED: Look("?", "undecided", "open"),
    Outcome.BLOCKED: Look("·", "waiting", "quiet"),
    Outcome.GRADER_ERROR: Look("!", "grader error", "ours"),
}

NOT_GRADED = Look("·", "not graded yet", "quiet")

STATES = {
    State.WAITING: Look("·", "not graded yet", "quiet"),
    State.GRADED: Look("✓", "graded", "good"),
    State.UNREADABLE: Look("✗", "unreadable", "bad"),
    State.GRADER_ERROR: Look("!", "grader error", "ours"),
    State.MISSING: Look("–", "nothing handed in", "open"),
}


def look_of(outcome: Outcome) -> Look:
    """How the outcome of a check is shown."""
    return _OUTCOMES[outcome]


def look_of_problem(problem: ProblemReport) -> Look:
    """How the outcome of a whole problem is shown."""
    if missing(problem) is not None:
        return Look("–", "not found", "open")
    if is_unwritten(problem):
        return Look("–", "not written yet", "open")
    look = look_of(problem.outcome)
    return Look(look.sign, f"{look.word}, proved", look.kind) if is_proved(problem) else look


def percent(share: float) -> str:
    """A share from 0 to 1 as a whole number of per cent."""
    return f"{round(100 * share)} %"


def exact_percent(share: float) -> str:
    """A share that somebody has set: `87.5 %`."""
    return f"{number(round(100 * share, 2))} %"


def moment(at: datetime) -> str:
    """A time for people: `21 Nov 2026, 08:52 UTC`. One without an offset is taken for UTC, as all stored ones are."""
    utc = _utc(at)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}, {utc:%H:%M} UTC"


def timestamp(at: datetime) -> str:
    """A time for programs: `2026-11-21T08:52:00+00:00`."""
    return _utc(at).isoformat(timespec="seconds")


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""In English whatever the machine's language."""


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
