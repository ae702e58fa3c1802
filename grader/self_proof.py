"""Puts a problem through its own checks: right answers pass, every known wrong one fails and is named, and the cases
reach the edges of the inputs.

References, misconceptions and trivial answers run in this process; only `prove`, which is passed in, decides claims.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from grader.compare.evaluate import leaves
from grader.grading import Prove, grade, run_examination, trial_of
from grader.model.axes import shape_of
from grader.model.evidence import ExceptionRaised
from grader.model.problem import CatalogEntry, Function
from grader.model.speed import Recipe, Speed, recipes
from grader.model.verdict import Finding, Outcome, ProblemReport
from grader.regions.asked import Asked
from grader.regions.reach import Origin, reaches_of
from grader.rehearsal import answering
from grader.verification import Kind, Result, Verified

SEEDS = (1, 2, 3)
"""Of the runs that the reference has to pass, and that have to reach every region of the inputs."""

SEED = 4
"""Of all other runs."""


def prove_itself(entry: CatalogEntry, prove: Prove, device: str = "cpu") -> Iterator[Verified]:
    """Everything that has to hold of a problem beside its formula, one after the other; answers get tensors there."""
    run = _Runs(entry, prove, device)
    runs = {seed: Asked(entry) for seed in SEEDS}
    for seed, asked in runs.items():
        yield _timed(Kind.REFERENCE, f"full marks, seed {seed}", partial(_full_marks, run, seed, asked))
    yield from _regions(entry, tuple(runs.values()))
    yield _timed(Kind.STARTER, "is told politely that nothing is written yet", partial(_polite, run))
    failed: set[str] = set()
    for function in entry.problem.misconceptions:
        yield _timed(Kind.DIAGNOSIS, function.__name__, partial(_named, run, function, failed))
    for check in entry.problem.checks:
        yield _timed(Kind.CHECK, check.name, partial(_fails_somebody, run, check, failed))
    for name, answer in trivial_answers(entry).items():
        yield _timed(Kind.ANSWER, name, partial(_nothing, run, answer))
    if entry.problem.speed is not None:
        for where in ("cpu", "gpu"):
            about = f"runs at the sizes for `{where}`"
            yield _timed(Kind.SPEED, about, partial(runs_at, entry, entry.problem.speed, where))


def trivial_answers(entry: CatalogEntry) -> dict[str, Function]:
    """Answers that hold no understanding of the problem; some need the reference for the right shape."""
    reference = entry.problem.reference

    def shaped(fill: Callable[[torch.Tensor], torch.Tensor]) -> Function:
        return lambda **inputs: each_result(reference(**inputs), fill)

    def raising(**_inputs: Any) -> Any:
        raise NotImplementedError("not written yet")

    answers: dict[str, Function] = {
        "zeros": shaped(torch.zeros_like),
        "ones": shaped(torch.ones_like),
        "NaN": shaped(_not_a_number),
        "the number 1": lambda **_inputs: 1.0,
        "nothing": lambda **_inputs: None,
        "an exception": raising,
        "one dimension more": shaped(lambda result: result.unsqueeze(0)),
    }
    for name in entry.problem.signature.arguments:
        answers[f"its input {name}"] = lambda name=name, **inputs: inputs[name]
    return answers


def each_result(result: Any, fill: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """The function of every tensor of a result; Python numbers count as tensors."""
    if isinstance(result, tuple | list):
        return tuple(each_result(part, fill) for part in result)
    return fill(torch.as_tensor(result))


def _not_a_number(result: torch.Tensor) -> torch.Tensor:
    floating = result if result.is_floating_point() else result.float()
    return torch.full_like(floating, torch.nan)


def _timed(kind: Kind, name: str, run: Callable[[], str]) -> Verified:
    """What holds has nothing to say; anything said is a failure."""
    started = time.monotonic()
    trouble = run()
    outcome = Result.FAILED if trouble else Result.PASSED
    return Verified(kind, name, outcome, Result.PASSED, None, time.monotonic() - started, trouble)


def _regions(entry: CatalogEntry, runs: Sequence[Asked]) -> Iterator[Verified]:
    """One for each region that the cases of these runs have to reach."""
    started = time.monotonic()
    demanded = [reach for reach in reaches_of(entry, runs) if reach.is_demanded or reach.trouble]
    seconds = (time.monotonic() - started) / max(len(demanded), 1)
    for reach in demanded:
        kind = Kind.SIDE if reach.origin is Origin.REFERENCE else Kind.REGION
        name = f"{reach.name} ({reach.place})" if reach.place else reach.name
        outcome = Result.FAILED if reach.trouble else Result.PASSED
        yield Verified(kind, name, outcome, Result.PASSED, None, seconds, reach.trouble)


@dataclass(frozen=True, slots=True)
class _Runs:
    """What all runs of a problem have in common."""

    entry: CatalogEntry
    prove: Prove
    device: str

    def graded(self, function: Function) -> ProblemReport:
        """What an answer gets."""
        return grade(self.entry, answering(function, self.prove), SEED, self.device)


def _full_marks(run: _Runs, seed: int, asked: Asked) -> str:
    ask = asked.listening(answering(run.entry.problem.reference, run.prove))
    report = grade(run.entry, ask, seed, run.device)
    lost = [f"{v.check}: {v.message}" for v in report.verdicts if v.outcome is not Outcome.PASSED]
    return "; ".join(lost)


def _polite(run: _Runs) -> str:
    report = run.graded(trivial_answers(run.entry)["an exception"])
    first = report.verdicts[0].evidence
    if report.score:
        return f"an answer that is not written yet gets {report.score:g} points"
    return "" if isinstance(first, ExceptionRaised) and first.is_unwritten else "it is not told that it isn't written"


def _named(run: _Runs, function: Function, failed: set[str]) -> str:
    report = run.graded(function)
    failed |= {verdict.check for verdict in report.verdicts if verdict.outcome is Outcome.FAILED}
    errors = [v.message for v in report.verdicts if v.outcome is Outcome.GRADER_ERROR]
    if errors:
        return errors[0]
    if report.score >= report.max_score:
        return "it gets full marks"
    named = {verdict.misconception for verdict in report.verdicts} - {None}
    if named == {function.__name__}:
        return ""
    return f"it is taken for {', '.join(sorted(map(str, named)))}" if named else "it is not diagnosed"


def _fails_somebody(run: _Runs, check: Any, failed: set[str]) -> str:
    """A check that comes after another is looked at by itself, where that one hides what it finds."""
    if check.name in failed:
        return ""
    trial = trial_of(run.entry, SEED, run.device)
    for function in run.entry.problem.misconceptions:
        finding: Finding = run_examination(check.examine(trial), answering(function, run.prove))
        if finding.outcome in (Outcome.FAILED, Outcome.SUBMISSION_ERROR):
            return ""
    return "no misconception fails it"


def runs_at(entry: CatalogEntry, speed: Speed, where: str) -> str:
    """Whether the reference gives results of the right shapes there; on tensors without numbers, so it costs little."""
    signature, scale = entry.problem.signature, speed.gpu if where == "gpu" else speed.cpu
    drawn = {str(recipe["name"]): _without_numbers(recipe) for recipe in recipes(signature, speed, scale)}
    try:
        results = leaves(entry.problem.reference(**drawn))
    except Exception as error:  # noqa: BLE001 -- whatever goes wrong is what this is about
        return f"the reference raises {type(error).__name__}: {error}"
    wanted = [shape_of(axes, scale.sizes, scale.batch) for axes in signature.results]
    got = [tuple(result.shape) for result in results]
    return "" if got == wanted else f"the reference gives the shapes {got}, and the signature says {wanted}"


def _without_numbers(recipe: Recipe) -> object:
    if recipe["kind"] == "number":
        return recipe["value"]
    dtype = torch.int64 if recipe["kind"] == "indices" else torch.float32
    shape: Any = recipe["shape"]
    return torch.empty(shape, dtype=dtype, device="meta")


def _nothing(run: _Runs, answer: Function) -> str:
    report = run.graded(answer)
    return f"it gets {report.score:g} points" if report.score else ""
