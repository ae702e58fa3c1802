"""What the gradebook holds, as data: the grade of a student, and every event on the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from grader.assignment.model import Late
from grader.classroom.model import Student
from grader.model.verdict import Report


class State(Enum):
    """How far a submission is."""

    WAITING = "waiting"
    """Something of it is to be graded, for the first time or anew."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    """There is nothing in it that can be graded; the fault says why."""

    GRADER_ERROR = "grader_error"
    """It could not be graded through no fault of the student's: it ended two workers, or the grader failed."""

    MISSING = "missing"
    """The student is on the roster and handed in nothing."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """One version of what a student handed in."""

    id: int
    label: str
    content_hash: str
    """SHA-256 of the names and contents of its files."""

    submitted_at: datetime | None
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The code with which a student answers one problem, for pages to show beside the verdicts."""

    path: str
    """File inside the submission, as messages call it: `attention.py`, or `solution.ipynb, cell 3`."""

    source: str
    """The lines of the definition, with its decorators."""

    first_line: int
    """Line of that file, or cell, where it begins; counted from 1."""

    line_marked: int | None = None
    """Line of that file where an exception was raised, if one was and it is among these."""


@dataclass(frozen=True, slots=True)
class Override:
    """Points that a person gave for a problem; they count in place of the graded ones, also after a regrade."""

    problem: str
    points: float
    comment: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a student's grade."""

    at: datetime
    kind: str
    """`submitted`, `graded`, `regraded`, `failed`, `override`, `override_removed`."""

    text: str
    """One sentence."""

    author: str = ""
    """The person who did it; empty for the grader."""


@dataclass(frozen=True, slots=True)
class Grade:
    """Where a student stands."""

    student: Student
    state: State
    submitted: Submitted | None = None
    report: Report | None = None
    """What grading the current submission showed; None where nothing was graded yet."""

    overrides: Mapping[str, Override] = field(default_factory=dict)
    """By problem; those in force."""

    late_factor: float = 1.0
    """Share of the points that counts, by the late policy."""

    fault: str = ""
    """Why there is no report, or why it isn't whole."""

    graded_at: datetime | None = None
    on_roster: bool = True

    def points_of(self, problem: str) -> float:
        """Points for a problem: a person's, or the graded ones; lateness apart."""
        if problem in self.overrides:
            return self.overrides[problem].points
        problems = () if self.report is None else self.report.problems
        return next((each.score for each in problems if each.id == problem), 0.0)

    @property
    def points(self) -> float:
        """Points for all problems, lateness apart."""
        graded = () if self.report is None else tuple(problem.id for problem in self.report.problems)
        return sum(self.points_of(problem) for problem in dict.fromkeys((*graded, *self.overrides)))

    @property
    def score(self) -> float:
        """What counts: points times the late factor."""
        return self.points * self.late_factor

    @property
    def is_final(self) -> bool:
        """Whether the score may be handed on: nothing is left to grade, and the grader has not failed."""
        return self.state in (State.GRADED, State.UNREADABLE, State.MISSING)


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What a gradebook knows of the assignment and the class as a whole; the last batch says it."""

    title: str = ""
    problems: tuple[tuple[str, str, int, float], ...] = ()
    """Of the assignment, in order: name, title, question, points."""

    due: datetime | None = None
    late: Late | None = None
    notices: tuple[str, ...] = ()
    """For the instructor: what could not be matched or was left out."""

    formulas: Mapping[str, str] = field(default_factory=dict)
    """By problem, the printed formula in LaTeX without delimiters."""

    @property
    def max_score(self) -> float:
        """Points that can be reached."""
        return sum(points for _, _, _, points in self.problems)


@dataclass(frozen=True, slots=True)
class Course:
    """A whole gradebook, for reports on the class."""

    title: str
    max_score: float
    problems: tuple[tuple[str, str, int, float], ...]
    """Of the assignment, in order: name, title, question, points."""

    grades: tuple[Grade, ...]
    """In the order of the students' keys."""

    notices: tuple[str, ...] = ()
    due: datetime | None = None
    updated_at: datetime | None = None
    formulas: Mapping[str, str] = field(default_factory=dict)
    """By problem, the printed formula in LaTeX without delimiters; pages show it."""

    @classmethod
    def of(cls, facts: ClassFacts, grades: tuple[Grade, ...] = (), updated_at: datetime | None = None) -> Course:
        """The course that these facts tell of, with these grades."""
        return cls(
            facts.title, facts.max_score, facts.problems, grades, facts.notices, facts.due, updated_at, facts.formulas
        )
