"""Explains one function of a submission: what it computes as mathematics, beside the formula, and if they agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from grader.assignment.apply import Applied
from grader.catalog.find import Catalog, Place
from grader.checks import WithoutCalls
from grader.checks.symbolic import misshapen, placed, untraced
from grader.compare.evaluate import one_thread
from grader.errors import NothingToGrade, UsageError
from grader.grading import Prove
from grader.intake import read_submission
from grader.intake.names import find_answers
from grader.marking import missing
from grader.model.case import Case, rng_for
from grader.model.evidence import Counterexample, Evidence, ForbiddenCall, NotDecided, ProvedEqual, Setting
from grader.model.exchange import Precision, Trace, Traced
from grader.model.explanation import Explanation, Notation
from grader.model.formula import Claim, Expressions, Formula, Instance
from grader.model.graph import Graph
from grader.model.instances import arguments_of, expected, trace_case
from grader.model.problem import CatalogEntry
from grader.model.proof import DifferentShape, Judged, Proved, Refuted, Undecided
from grader.model.show import setting_of, show
from grader.model.signature import Signature
from grader.model.submission import Notice
from grader.model.wording import describe
from grader.run.backend import Isolation
from grader.run.runner import Loaded, Runner
from grader.run.zygote import Slot, choose_backend
from grader.session import assignment_of, limits_of

SEED = 1
"""Of the inputs along which the function is traced; what it computes as mathematics does not depend on them."""

Write = Callable[[Graph, Mapping[str, Expressions], tuple[Expressions, ...], Notation], Explanation | Undecided]
"""Writes a graph and its formula down, or says why it can't be."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A function at one instance, or why it can't be explained at any."""

    problem: str
    instance: str
    explanation: Explanation | None
    evidence: Evidence
    """What was decided there; where there is no explanation, why."""

    forbidden: ForbiddenCall | None = None
    """What it calls that the assignment forbids; None where nothing is forbidden, or the check for it is hidden."""

    notices: tuple[Notice, ...] = ()


def explain_submission(
    path: Path,
    name: str,
    prove: Prove,
    write: Write,
    *,
    notation: Notation = Notation.UNICODE,
    folder: Path | None = None,
    file: Path | None = None,
    isolation: Isolation = Isolation.AUTO,
) -> Explained:
    """Trace the function of one problem in the sandbox, and explain it at the first instance where that works.

    The problem is one of those in `folder`, the bundled ones where that is None, as the assignment in `file` wants it.

    Raises:
        UsageError: the name is not that of one problem with a formula, or something in the file is wrong.
        NothingToGrade: there is no such function at `path`.
        SandboxError: the sandbox can't be started or fails.
        ProblemDefinitionError: the problem file is broken.
    """
    assignment, catalog = assignment_of(file, folder)
    entry, formula = _with_formula(Applied(assignment, catalog, final=False).load(_place(name, catalog)))
    backend, notices = choose_backend(isolation)
    with Slot(backend, limits_of(assignment), gpu=False) as slot:
        submission = read_submission(path)
        answers = find_answers(submission, [entry.id])
        runner = Runner(slot, submission, dict(answers.found))
        loaded = runner.load() if answers.found else Loaded()
        absent = missing(entry.id, answers, loaded)
        if absent is not None:
            raise NothingToGrade(describe(absent))
        explained = _explained(entry, formula, runner, _Author(prove, write, notation))
    told = (*submission.notices, *answers.notices, *loaded.notices, *(Notice(text) for text in notices))
    return replace(explained, notices=told)


def _place(name: str, catalog: Catalog) -> Place:
    places = catalog.choose([name])
    if len(places) > 1:
        names = ", ".join(place.id for place in places)
        raise UsageError(f"--problem {name}: choose one of {names}.")
    return places[0]


def _with_formula(entry: CatalogEntry) -> tuple[CatalogEntry, Formula]:
    if isinstance(entry.problem.formula, str):
        raise UsageError(f"The problem `{entry.id}` has its formula as text only: there is nothing to compare with.")
    return entry, entry.problem.formula


@dataclass(frozen=True, slots=True)
class _Author:
    """Decides and writes."""

    prove: Prove
    write: Write
    notation: Notation


def _explained(entry: CatalogEntry, formula: Formula, runner: Runner, author: _Author) -> Explained:
    """At the first instance where the function can be followed and written down; else why not at the first of all."""
    failures: list[Explained] = []
    with one_thread():
        for instance in formula.instances:
            explained = _at(entry, formula, instance, runner, author)
            if explained.explanation is not None:
                return explained
            failures.append(explained)
    return failures[0]


def _at(entry: CatalogEntry, formula: Formula, instance: Instance, runner: Runner, author: _Author) -> Explained:
    signature, shape = entry.problem.signature, instance.described()
    arguments = arguments_of(signature, formula, instance)
    case = trace_case(signature, formula, instance, rng_for(SEED, entry.id, shape))
    answer = runner.trace(Trace(entry.id, case, arguments.symbolic))
    if not isinstance(answer, Traced):
        return Explained(entry.id, shape, None, untraced(answer))
    inputs = {name: arguments.values[name] for name in arguments.symbolic}
    wanted = expected(signature, formula, instance)
    forbidden = _forbidden(entry, answer)
    shown = author.write(answer.graph, inputs, wanted, author.notation)
    if isinstance(shown, Undecided):
        return Explained(entry.id, shape, None, NotDecided(shown.reason), forbidden)
    judged = author.prove(Claim(answer.graph, inputs, wanted))
    return Explained(entry.id, shape, shown, _evidence(judged, case, signature, instance), forbidden)


def _forbidden(entry: CatalogEntry, traced: Traced) -> ForbiddenCall | None:
    checks = (check for check in entry.problem.checks if isinstance(check, WithoutCalls))
    met = tuple(name for check in checks for name in check.forbidden if name in traced.calls)
    return ForbiddenCall(met) if met else None


def _evidence(judged: Judged, case: Case, signature: Signature, instance: Instance) -> Evidence:
    """What was decided at one instance, for which `case.name` stands."""
    match judged.decision:
        case Proved(method):
            return ProvedEqual(method.value, (case.name,), judged.notes)
        case Undecided(reason):
            return NotDecided(reason, notes=judged.notes)
        case DifferentShape():
            return misshapen(judged.decision, setting_of(case, Precision.DOUBLE), signature, instance)
        case Refuted() as found:
            shown = {name: found.point.get(name, show(value)) for name, value in case.inputs.items()}
            result, index = placed(found, signature)
            return Counterexample(
                Setting(case.name, "exact", shown), index, found.expected, found.got, found.expected_value,
                found.got_value, found.expected_formula, found.got_formula, found.difference, judged.notes, result,
            )  # fmt: skip
