"""Sorts what a report holds into the groups that are shown together: not found, not written yet, blocked."""

from __future__ import annotations

from collections.abc import Iterable

from grader.model.evidence import ExceptionRaised, FunctionMissing, Prerequisite, ProvedEqual
from grader.model.verdict import Outcome, ProblemReport, Verdict


def missing(problem: ProblemReport) -> FunctionMissing | None:
    """Why the problem has no function to grade, if it has none."""
    found = [v.evidence for v in problem.verdicts if isinstance(v.evidence, FunctionMissing)]
    return found[0] if found and len(found) == len(problem.verdicts) else None


def is_unwritten(problem: ProblemReport) -> bool:
    """Whether the function is still the starter's: it raises NotImplementedError, and all else waits for that."""
    looked_at = [v.evidence for v in problem.verdicts if v.outcome is not Outcome.BLOCKED]
    return bool(looked_at) and all(isinstance(e, ExceptionRaised) and e.is_unwritten for e in looked_at)


def is_proved(problem: ProblemReport) -> bool:
    """Whether everything passed and the function was proved to be the formula."""
    proved = any(isinstance(v.evidence, ProvedEqual) for v in problem.verdicts)
    return proved and problem.outcome is Outcome.PASSED


def passed(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts that passed; some have something to tell, such as a proof."""
    return [v for v in verdicts if v.outcome is Outcome.PASSED]


def blocked(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """The verdicts that wait for another check, by that check's name."""
    waiting: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if isinstance(verdict.evidence, Prerequisite):
            waiting.setdefault(verdict.evidence.check, []).append(verdict)
    return waiting


def lost(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts that need an explanation: neither passed nor waiting."""
    return [v for v in verdicts if v.outcome is not Outcome.PASSED and not isinstance(v.evidence, Prerequisite)]
