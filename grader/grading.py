"""Grades one problem: drives its checks with observations, scores them, diagnoses and words what failed.

Whatever answers the requests is passed in: the sandbox's runner for submissions, or a trusted function in this process.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from grader.checks.agreement import Agreement, judged_by_value
from grader.compare.evaluate import graded_on, one_thread
from grader.diagnose import diagnose
from grader.model.evidence import (
    Counterexample,
    DeviceMismatch,
    DtypeMismatch,
    ForbiddenCall,
    FunctionMissing,
    GraderFault,
    GradientLeak,
    GradientMissing,
    InputModified,
    Prerequisite,
    PropertyViolation,
    ProvedEqual,
    ValueMismatch,
)
from grader.model.exchange import Answer, Observed, Precision, Request
from grader.model.formula import Claim
from grader.model.problem import CatalogEntry, Check, CostlyCheck, Examination, Misconception, Trial
from grader.model.proof import Judged
from grader.model.submission import Notice
from grader.model.verdict import Finding, Outcome, ProblemReport, Verdict
from grader.model.wording import describe

SAYS_MORE = (
    Counterexample, DeviceMismatch, DtypeMismatch, ForbiddenCall, GraderFault, GradientLeak, GradientMissing,
    InputModified, PropertyViolation, ProvedEqual,
)  # fmt: skip
"""Evidence worth telling even where the values are wrong already; everything else would only say that again."""

EARNS = (Outcome.PASSED, Outcome.UNDECIDED, Outcome.GRADER_ERROR)
"""What is not known to be wrong costs nothing, and keeps no other check from being graded."""

HOPELESS = frozenset({Outcome.SUBMISSION_ERROR, Outcome.BLOCKED})
"""Where the check that another one requires ended like this, that one isn't even tried."""

Ask = Callable[[Request], Answer]
"""Does what a check asks for and says what came of it."""

Prove = Callable[[Claim], Judged]
"""Decides a claim."""


def grade(entry: CatalogEntry, ask: Ask, seed: int, device: str = "cpu") -> ProblemReport:
    """All verdicts on one problem; exceptions of ours become GRADER_ERROR verdicts with full points."""
    problem = entry.problem
    trial = trial_of(entry, seed, device)
    findings: dict[str, Finding] = {}
    with one_thread(), graded_on(device):
        for check in problem.checks:
            findings[check.name] = _examined(check, trial, ask, findings.get(check.requires or ""))
        faults: list[Notice] = []
        verdicts = tuple(_verdict(entry, check, findings, trial, faults) for check in problem.checks)
    return ProblemReport(entry.id, problem.title, entry.question, verdicts, tuple(faults))


def trial_of(entry: CatalogEntry, seed: int, device: str = "cpu") -> Trial:
    """What the checks of a problem need to know about it."""
    problem = entry.problem
    return Trial(
        entry.id,
        problem.signature,
        problem.reference,
        problem.examples,
        problem.edges,
        seed,
        device,
        problem.formula,
        problem.named_misconceptions(),
    )


def unanswered(entry: CatalogEntry, evidence: FunctionMissing) -> ProblemReport:
    """The report on a problem whose function is not there: no points, one explanation."""
    message = describe(evidence)
    verdicts = tuple(
        Verdict(c.name, c.title, Outcome.SUBMISSION_ERROR, 0.0, c.points, message, evidence=evidence)
        for c in entry.problem.checks
    )
    return ProblemReport(entry.id, entry.problem.title, entry.question, verdicts)


def run_examination(examination: Examination, ask: Ask) -> Finding:
    """Drive a check's generator to its finding."""
    try:
        request = next(examination)
        while True:
            request = examination.send(ask(request))
    except StopIteration as stop:
        finding: Finding = stop.value
        return finding


def _examined(check: Check, trial: Trial, ask: Ask, required: Finding | None) -> Finding:
    costly = isinstance(check, CostlyCheck) and check.is_costly
    if required is not None and required.outcome in (HOPELESS | {Outcome.FAILED} if costly else HOPELESS):
        return Finding(Outcome.BLOCKED, Prerequisite(check.requires or ""))
    try:
        return run_examination(check.examine(trial), ask)
    except Exception as error:  # noqa: BLE001 -- our bug must not cost a student points or stop the other problems
        return Finding(Outcome.GRADER_ERROR, GraderFault(f"{type(error).__name__}: {error}"))


def _verdict(
    entry: CatalogEntry, check: Check, findings: dict[str, Finding], trial: Trial, faults: list[Notice]
) -> Verdict:
    """The finding of one check in words; failures of ours on the way are added to `faults`, and change no points."""
    finding = findings[check.name]
    outcome, evidence = finding.outcome, finding.evidence
    if _is_blocked(check, findings) and not _says_more(entry, check, findings, trial, faults):
        outcome, evidence = Outcome.BLOCKED, Prerequisite(check.requires or "")
    diagnosis = _diagnosed_if_possible(entry, check, findings, faults) if outcome is Outcome.FAILED else None
    return Verdict(
        check.name,
        check.title,
        outcome,
        check.points if _earns(check, outcome, findings) else 0.0,
        check.points,
        describe(evidence) if evidence is not None else "",
        diagnosis.name if diagnosis else None,
        _flowing(diagnosis.feedback) if diagnosis else None,
        evidence,
        proven=diagnosis is not None and diagnosis.name == _proven(findings),
    )


def _earns(check: Check, outcome: Outcome, findings: dict[str, Finding]) -> bool:
    """Whether a verdict gives its points; a failure of ours only where the check was not lost already."""
    return outcome in EARNS and not (outcome is Outcome.GRADER_ERROR and _is_blocked(check, findings))


def _is_blocked(check: Check, findings: dict[str, Finding]) -> bool:
    if check.requires is None:
        return False
    return findings[check.requires].outcome not in EARNS


def _says_more(
    entry: CatalogEntry, check: Check, findings: dict[str, Finding], trial: Trial, faults: list[Notice]
) -> bool:
    """Whether a finding is worth telling although the check that this one requires has failed.

    A proof is of a few small shapes. It stands beside wrong values only as long as these may be lost digits: some were
    right, and so is whatever was observed in float64, as exactly as float32 would be.
    """
    if not isinstance(findings[check.name].evidence, ProvedEqual):
        return isinstance(findings[check.name].evidence, SAYS_MORE)
    try:
        return _may_be_lost_digits(entry, check, findings, trial)
    except Exception as error:  # noqa: BLE001 -- what can't be judged for a fault of ours stands as it was found
        faults.append(_fault(f"compared what `{check.name}` found with the values", error))
        return True


def _may_be_lost_digits(entry: CatalogEntry, check: Check, findings: dict[str, Finding], trial: Trial) -> bool:
    doubled = [
        observed
        for each in entry.problem.checks
        if isinstance(each, Agreement) and each.precision is Precision.DOUBLE
        for observed in findings[each.name].observed
    ]
    single = findings[check.requires or ""].observed
    if not doubled:
        return False  # results that are whole numbers, say, have no digits to lose
    return any(_is_right(trial, each) for each in single) and all(_is_right(trial, each) for each in doubled)


def _is_right(trial: Trial, observed: Observed) -> bool:
    return judged_by_value(trial, observed.call, observed.observation) is None


def _diagnosed_if_possible(
    entry: CatalogEntry, check: Check, findings: dict[str, Finding], faults: list[Notice]
) -> Misconception | None:
    try:
        return _diagnosed(entry, check, findings)
    except Exception as error:  # noqa: BLE001 -- a verdict without an explanation is better than none
        faults.append(_fault(f"looked for what explains `{check.name}`", error))
        return None


def _fault(while_it: str, error: Exception) -> Notice:
    told = f"{type(error).__name__}: {error}"[:300].rstrip(": ")
    return Notice(f"The grader failed while it {while_it} ({told}). The verdict stands; please tell your instructor.")


def _diagnosed(entry: CatalogEntry, check: Check, findings: dict[str, Finding]) -> Misconception | None:
    """What explains the check's observations together with those of the check it requires: a few may fit by chance.

    Where nothing does, a wrong value is explained by what the function was proved to be.
    """
    problem = entry.problem
    finding = findings[check.name]
    misconceptions = problem.named_misconceptions()
    if finding.named is not None:
        return next(each for each in misconceptions if each.name == finding.named)
    if not isinstance(finding.evidence, Counterexample):
        required = findings[check.requires].observed if check.requires else ()
        found = diagnose(problem.reference, misconceptions, required + finding.observed)
        if found is not None or not isinstance(finding.evidence, ValueMismatch):
            return found
    return next((each for each in misconceptions if each.name == _proven(findings)), None)


def _proven(findings: dict[str, Finding]) -> str | None:
    """The misconception that the function was proved to be, by whatever check."""
    return next((finding.proven for finding in findings.values() if finding.proven is not None), None)


def _flowing(text: str) -> str:
    """A docstring's lines joined into paragraphs."""
    return "\n".join(re.sub(r"\s*\n\s*", " ", paragraph) for paragraph in re.split(r"\n\s*\n", text))
