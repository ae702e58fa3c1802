"""What a student's page shows of one problem, laid out for the template; nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from grader.gradebook.model import Answer, Grade, Override
from grader.model.evidence import AgentEvaluated, Counterexample, Evidence
from grader.model.verdict import Outcome, ProblemReport, Verdict
from grader.pages.code import Listing, listing
from grader.pages.formula import formulas
from grader.pages.looks import NOT_GRADED, Look, look_of, look_of_problem
from grader.pages.prose import feedback, prose, prose_paragraphs
from grader.pages.svg import learning_curve
from grader.report.groups import blocked, is_unwritten, lost, missing, passed
from grader.report.layout import Row, reason_label, reasons, rows
from grader.report.untrusted import visible_lines

_SAME = "The same as above."


@dataclass(frozen=True, slots=True)
class CheckShown:
    """One verdict."""

    name: str
    title: Markup
    look: Look
    points: float
    max_points: float
    message: tuple[Markup, ...]
    reason_label: str
    reasons: tuple[Markup, ...]
    rows: tuple[Row, ...]
    curve: Markup


@dataclass(frozen=True, slots=True)
class Waiting:
    """Checks that are looked at once another one passes."""

    names: tuple[str, ...]
    required: str
    points: float


@dataclass(frozen=True, slots=True)
class ProblemShown:
    """One problem with all there is to say about it."""

    name: str
    title: str
    question: int
    look: Look
    points: float
    max_points: float
    override: Override | None
    graded_points: float | None
    """What the grader gave; None where it has not graded the problem."""

    formula: Markup | None
    absent: tuple[Markup, ...] = ()
    """Why there is nothing to look at: the function was not found, or is not written yet."""

    lost: tuple[CheckShown, ...] = ()
    passed: tuple[CheckShown, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    notices: tuple[Markup, ...] = ()
    output: tuple[str, ...] = ()
    code: Listing | None = None

    @property
    def is_fine(self) -> bool:
        """Whether there is nothing to mend and nothing to tell: it can be folded away."""
        return self.look.kind == "good" and not (self.lost or self.notices or self.override)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the assignment says of a problem."""

    name: str
    title: str
    question: int
    points: float
    latex: str | None


def problem_shown(asked: Asked, grade: Grade, report: ProblemReport | None, answer: Answer | None) -> ProblemShown:
    """Lay out a problem, graded or not."""
    formula = None if asked.latex is None else formulas(asked.latex)
    override = grade.overrides.get(asked.name)
    points = grade.points_of(asked.name)
    code = None if answer is None else listing(answer)
    if report is None:
        return ProblemShown(
            asked.name,
            asked.title,
            asked.question,
            NOT_GRADED,
            points,
            asked.points,
            override,
            None,
            formula,
            code=code,
        )
    absent = _absent(report)
    return ProblemShown(
        asked.name,
        asked.title,
        asked.question,
        look_of_problem(report),
        points,
        report.max_score,
        override,
        report.score,
        formula,
        absent,
        () if absent else tuple(_explained(report)),
        tuple(_check(verdict, rows(verdict.evidence)) for verdict in passed(report.verdicts)),
        () if absent else tuple(_waiting(report)),
        tuple(prose(str(notice)) for notice in report.notices),
        tuple(visible_lines(report.output)),
        code,
    )


def _absent(report: ProblemReport) -> tuple[Markup, ...]:
    if missing(report) is not None:
        return prose_paragraphs(report.verdicts[0].message)
    if is_unwritten(report):
        return prose_paragraphs(next(v.message for v in report.verdicts if v.outcome is not Outcome.BLOCKED))
    return ()


def _explained(report: ProblemReport) -> Iterator[CheckShown]:
    """The checks that lost points or are open; a misconception is explained once, though several fail because of it."""
    told: set[str] = set()
    for verdict in lost(report.verdicts):
        is_told = verdict.diagnosis in told
        # the numbers above, in a smaller case, show the same mistake
        shown = () if is_told and not isinstance(verdict.evidence, Counterexample) else rows(verdict.evidence)
        yield _check(verdict, shown, is_told=is_told)
        told.update({verdict.diagnosis} if verdict.diagnosis else ())


def _check(verdict: Verdict, shown: tuple[Row, ...], *, is_told: bool = False) -> CheckShown:
    why = (feedback(_SAME),) if is_told else tuple(feedback(paragraph) for paragraph in reasons(verdict))
    curve = _curve(verdict.evidence)
    return CheckShown(
        verdict.check,
        prose(verdict.title),
        look_of(verdict.outcome),
        verdict.points,
        verdict.max_points,
        prose_paragraphs(verdict.message),
        reason_label(verdict),
        why,
        () if curve else shown,
        curve,
    )


def _curve(evidence: Evidence | None) -> Markup:
    return learning_curve(evidence.curve, evidence.target) if isinstance(evidence, AgentEvaluated) else Markup()


def _waiting(report: ProblemReport) -> Iterator[Waiting]:
    for required, verdicts in blocked(report.verdicts).items():
        yield Waiting(tuple(v.check for v in verdicts), required, sum(v.max_points for v in verdicts))
