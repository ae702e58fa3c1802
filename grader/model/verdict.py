"""Outcomes, findings, verdicts and the report: what a grade is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NoReturn

from grader.model.evidence import Evidence
from grader.model.submission import Notice

if TYPE_CHECKING:
    from grader.model.exchange import Observed  # brings torch, which reading a report does without


class Outcome(Enum):
    """How a check ended. No None, NaN or boolean stands for one of these."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    BLOCKED = "blocked"
    SUBMISSION_ERROR = "submission_error"
    GRADER_ERROR = "grader_error"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check concludes, before points and words: an outcome, why, and everything it saw."""

    outcome: Outcome
    evidence: Evidence | None = None
    observed: tuple[Observed, ...] = ()
    """Calls that tell a misconception by their results."""

    proven: str | None = None
    """Name of the misconception that the function was proved to be."""

    named: str | None = None
    """Name of the misconception that behaves the same, where the check itself had to find out: chance was involved."""

    def __bool__(self) -> NoReturn:
        raise TypeError("a Finding has no truth value; compare its outcome")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check of one problem, graded and explained."""

    check: str
    title: str
    """The check's sentence, as a student reads it."""

    outcome: Outcome
    points: float
    max_points: float
    message: str = ""
    """The evidence in words, in the second person: why points were lost, what was proved of an answer that passed, or
    why something is undecided. Empty where there is nothing to say."""

    misconception: str | None = None
    """Name of the misconception that explains the failure, if one does."""

    diagnosis: str | None = None
    """That misconception's feedback."""

    evidence: Evidence | None = None
    proven: bool = False
    """The diagnosis is certain: the function was proved to equal the misconception."""

    def __bool__(self) -> NoReturn:
        raise TypeError("a Verdict has no truth value; compare its outcome")


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """All verdicts on one problem."""

    id: str
    title: str
    question: int
    verdicts: tuple[Verdict, ...]
    notices: tuple[Notice, ...] = ()
    output: str = ""
    """What the student's code printed while this problem was graded, capped."""

    seconds: float = 0.0
    """Wall time; never part of a comparison between reports."""

    @property
    def score(self) -> float:
        """Points reached."""
        return sum(v.points for v in self.verdicts)

    @property
    def max_score(self) -> float:
        """Points that can be reached."""
        return sum(v.max_points for v in self.verdicts)

    @property
    def outcome(self) -> Outcome:
        """The gravest outcome of its verdicts: a grader error before a submission error before a failure."""
        present = {v.outcome for v in self.verdicts}
        gravest = (Outcome.GRADER_ERROR, Outcome.SUBMISSION_ERROR, Outcome.FAILED, Outcome.BLOCKED, Outcome.UNDECIDED)
        return next((outcome for outcome in gravest if outcome in present), Outcome.PASSED)


@dataclass(frozen=True, slots=True)
class Report:
    """The grade of one submission, with what is needed to reproduce it."""

    submission: str
    seed: int
    isolation: str
    device: str
    problems: tuple[ProblemReport, ...]
    notices: tuple[Notice, ...] = ()
    output: str = ""
    """What the student's code printed while it was loaded, capped."""

    @property
    def score(self) -> float:
        """Points reached."""
        return sum(p.score for p in self.problems)

    @property
    def max_score(self) -> float:
        """Points that can be reached."""
        return sum(p.max_score for p in self.problems)
