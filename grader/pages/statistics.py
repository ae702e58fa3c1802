"""What a whole class shows: how problems and checks went, and who shares which misconception."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median

from grader.gradebook.model import Course, Grade, State
from grader.model.verdict import Outcome, ProblemReport, Verdict
from grader.report.groups import is_unwritten, lost, missing

BINS = 10
"""Columns of the distribution of scores."""

_ROUNDING = 1e-9
"""Points are sums of floats."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A problem as one student's report shows it."""

    grade: Grade
    problem: ProblemReport

    @property
    def points(self) -> float:
        """Points that count, by hand or graded; lateness apart."""
        return self.grade.points_of(self.problem.id)

    @property
    def is_absent(self) -> bool:
        """Whether there was no answer to look at."""
        return missing(self.problem) is not None or is_unwritten(self.problem)


@dataclass(frozen=True, slots=True)
class ProblemFigures:
    """How a problem went."""

    name: str
    title: str
    question: int
    points: float
    graded: int
    absent: int
    """Students who have not answered it."""

    full: int
    """Students with all points."""

    mean: float
    """Points, of all who were graded."""

    seconds: float
    """Mean time of grading."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A misconception and all who share it."""

    problem: str
    title: str
    feedback: str
    grades: tuple[Grade, ...]
    proved: int
    """Of how many students' answers it was proved."""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A problem with failures that no misconception explains."""

    problem: str
    title: str
    grades: tuple[Grade, ...]


@dataclass(frozen=True, slots=True)
class CheckFigures:
    """How often a check passed where it was looked at."""

    problem: str
    check: str
    sentence: str
    looked_at: int
    passed: int

    @property
    def share(self) -> float:
        """Share that passed."""
        return self.passed / self.looked_at


@dataclass(slots=True)
class _Shared:
    """A misconception while it is being counted."""

    problem: ProblemReport
    feedback: str
    grades: dict[str, Grade] = field(default_factory=dict)
    proved: set[str] = field(default_factory=set)


def scores(course: Course) -> list[float]:
    """What counts, for every student whose grading is done."""
    return [grade.score for grade in course.grades if grade.state is State.GRADED]


def distribution(course: Course) -> list[int]:
    """How many scores lie in each tenth of the points; the greatest belongs to the last."""
    counts = [0] * BINS
    for score in scores(course):
        tenth = int(BINS * score / course.max_score + _ROUNDING) if course.max_score > 0 else 0
        counts[min(BINS - 1, max(0, tenth))] += 1
    return counts


def problem_figures(course: Course) -> list[ProblemFigures]:
    """For each problem of the assignment, in its order."""
    seen = _by_problem(course)
    return [_figures(*asked, seen.get(asked[0], [])) for asked in course.problems]


def mistakes(course: Course) -> list[Mistake]:
    """Misconceptions, the most frequent first; a student counts once for each."""
    shared: dict[tuple[str, str], _Shared] = {}
    for seen in _every(course):
        for verdict in seen.problem.verdicts:
            if verdict.misconception is not None:
                key = seen.problem.id, verdict.misconception
                _count(shared.setdefault(key, _Shared(seen.problem, verdict.diagnosis or "")), seen.grade, verdict)
    found = [
        Mistake(each.problem.id, each.problem.title, each.feedback, tuple(each.grades.values()), len(each.proved))
        for each in shared.values()
    ]
    return sorted(found, key=lambda mistake: (-len(mistake.grades), mistake.problem, mistake.feedback))


def unexplained(course: Course) -> list[Unexplained]:
    """Problems with failures that no misconception explains, the most frequent first."""
    found: dict[str, tuple[str, list[Grade]]] = {}
    for seen in _every(course):
        if not seen.is_absent and _has_failed_unexplained(seen.problem):
            found.setdefault(seen.problem.id, (seen.problem.title, []))[1].append(seen.grade)
    listed = [Unexplained(name, title, tuple(grades)) for name, (title, grades) in found.items()]
    return sorted(listed, key=lambda each: (-len(each.grades), each.problem))


def hardest_checks(course: Course, most: int = 10) -> list[CheckFigures]:
    """The checks that fewest passed among those where they were looked at; only ones that somebody failed."""
    looked_at: dict[tuple[str, str], list[Verdict]] = {}
    for seen in _every(course):
        for verdict in () if seen.is_absent else seen.problem.verdicts:
            if verdict.outcome not in (Outcome.BLOCKED, Outcome.GRADER_ERROR):
                looked_at.setdefault((seen.problem.id, verdict.check), []).append(verdict)
    figures = [
        CheckFigures(*key, verdicts[0].title, len(verdicts), sum(map(_is_fine, verdicts)))
        for key, verdicts in looked_at.items()
    ]
    failed = [each for each in figures if each.passed < each.looked_at]
    return sorted(failed, key=lambda each: (each.share, -each.looked_at, each.problem, each.check))[:most]


def seconds_of(grade: Grade) -> float:
    """Wall time that grading took."""
    return 0.0 if grade.report is None else sum(problem.seconds for problem in grade.report.problems)


def slowest(course: Course, most: int = 5) -> list[tuple[Grade, float]]:
    """The submissions that took longest, with their seconds."""
    timed = [(grade, seconds_of(grade)) for grade in course.grades if grade.report is not None]
    return sorted(timed, key=lambda pair: (-pair[1], pair[0].student.key))[:most]


def middle(values: Iterable[float]) -> float:
    """The median; 0 where there is nothing."""
    listed = list(values)
    return median(listed) if listed else 0.0


def mean(values: Iterable[float]) -> float:
    """The mean; 0 where there is nothing."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def with_faults_of_ours(course: Course) -> list[tuple[Grade, tuple[str, ...]]]:
    """Students for whom the grader failed, with what it says of it."""
    found = [(grade, tuple(_faults(grade))) for grade in course.grades]
    return [(grade, faults) for grade, faults in found if faults]


def _faults(grade: Grade) -> Iterator[str]:
    if grade.state is State.GRADER_ERROR:
        yield grade.fault or "The grader failed."
    for problem in () if grade.report is None else grade.report.problems:
        for verdict in problem.verdicts:
            if verdict.outcome is Outcome.GRADER_ERROR:
                yield f"`{problem.id}`, check `{verdict.check}`: {verdict.message}"


def _every(course: Course) -> Iterator[Seen]:
    for grade in course.grades:
        for problem in () if grade.report is None else grade.report.problems:
            yield Seen(grade, problem)


def _by_problem(course: Course) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = {}
    for seen in _every(course):
        found.setdefault(seen.problem.id, []).append(seen)
    return found


def _figures(name: str, title: str, question: int, points: float, seen: list[Seen]) -> ProblemFigures:
    return ProblemFigures(
        name,
        title,
        question,
        points,
        len(seen),
        sum(each.is_absent for each in seen),
        sum(each.points >= points - _ROUNDING for each in seen),
        mean(each.points for each in seen),
        mean(each.problem.seconds for each in seen),
    )


def _count(shared: _Shared, grade: Grade, verdict: Verdict) -> None:
    shared.grades[grade.student.key] = grade
    if verdict.proven:
        shared.proved.add(grade.student.key)


def _has_failed_unexplained(problem: ProblemReport) -> bool:
    """A mistake that is explained once explains the whole problem's failures."""
    failed = [v for v in lost(problem.verdicts) if v.outcome in (Outcome.FAILED, Outcome.SUBMISSION_ERROR)]
    return bool(failed) and not any(v.misconception for v in failed)


def _is_fine(verdict: Verdict) -> bool:
    return verdict.outcome in (Outcome.PASSED, Outcome.UNDECIDED)
