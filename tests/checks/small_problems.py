"""A problem small enough to reason about, and ways to put one function through one check, for the tests of the core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, NoInfluence
from grader.grading import Ask, grade, run_examination
from grader.model.case import Example
from grader.model.exchange import Call, Observation
from grader.model.problem import CatalogEntry, Check, Function, Problem, Trial
from grader.model.signature import Gradient, Number, Signature, Tensor
from grader.model.verdict import Finding, ProblemReport, Verdict
from grader.rehearsal import answering


def weighted_gap(x, target, scale):
    """The reference: scale · (x − target)² with the target a constant."""
    return scale * (x - target.detach()).square()


def sign_of_the_gap_kept(x, target, scale):
    """You keep the sign of the gap."""
    gap = x - target.detach()
    return scale * gap * gap.abs()


def scale_left_out(x, target, scale):
    """You leave the scale out."""
    return (x - target.detach()).square()


def target_differentiated(x, target, scale):
    """You differentiate the target."""
    return scale * (x - target).square()


SHIFTED_TOGETHER = Invariance(
    "shifted_together",
    1,
    "adding the same to x and the target changes nothing",
    change=lambda inputs: {"x": inputs["x"] + 2.0, "target": inputs["target"] + 2.0},
)

FIRST_FEATURE_ALONE = NoInfluence(
    "first_feature_alone",
    1,
    "the first feature depends on no other",
    prepare=lambda inputs: {},
    of=("x",),
    source=lambda result: torch.zeros_like(result).index_fill_(-1, torch.tensor([0]), 1.0),
    hidden=lambda gradient: torch.arange(gradient.shape[-1]).expand(gradient.shape) > 0,
)

SIGNATURE = Signature(
    {
        "x": Tensor("... n d", "positions", gradient=Gradient.GRADED),
        "target": Tensor("d", "where they should be, a constant", gradient=Gradient.CONSTANT),
        "scale": Number("weight", (0.5, 3.0, 1.5), 2.0),
    },
    returns="... n d",
    usual_batch=1,
)

PROBLEM = Problem(
    title="Weighted gap",
    source="none",
    statement="Square the gap.",
    formula="s (x - t)^2",
    signature=SIGNATURE,
    reference=weighted_gap,
    examples=(Example("the targets are 0", {"d": 3}, {"target": [0.0, 0.0, 0.0]}, batch=(2,)),),
    edges=(Example("x is the target", values={"x": [[1.0, 2.0]], "target": [1.0, 2.0]}),),
    checks=(Agreement(4), Gradients(2), Edges(1), SHIFTED_TOGETHER, FIRST_FEATURE_ALONE, Contract(1)),
    misconceptions=(sign_of_the_gap_kept, scale_left_out, target_differentiated),
)

ENTRY = CatalogEntry("weighted_gap", 99, "toys", PROBLEM)


def entry_of(problem: Problem, name: str = "weighted_gap") -> CatalogEntry:
    """The problem with an identity."""
    return CatalogEntry(name, 99, "toys", problem)


def trial_of(problem: Problem = PROBLEM, seed: int = 1, name: str = "weighted_gap") -> Trial:
    """What a check is told about the problem."""
    return Trial(name, problem.signature, problem.reference, problem.examples, problem.edges, seed)


def examined(check: Check, function: Function, seed: int = 1, problem: Problem = PROBLEM) -> Finding:
    """What one check concludes about one function."""
    return run_examination(check.examine(trial_of(problem, seed)), answering(function))


def graded(function: Function, seed: int = 1, entry: CatalogEntry = ENTRY) -> ProblemReport:
    """The whole report on one function."""
    return grade(entry, answering(function), seed)


def verdict_on(report: ProblemReport, check: str) -> Verdict:
    """The verdict of one check."""
    (found,) = (verdict for verdict in report.verdicts if verdict.check == check)
    return found


class Recorder:
    """An `ask` that remembers every call it was asked."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> Observation:
        self.calls.append(call)
        return self._ask(call)


def replying(reply: Callable[[Call], Observation | None], otherwise: Function = weighted_gap) -> Recorder:
    """An `ask` that replies as told, and as `otherwise` does where that is None."""
    usual = answering(otherwise)

    def ask(call: Call) -> Observation:
        told = reply(call)
        return usual(call) if told is None else told

    return Recorder(ask)


def returning(value: Any) -> Function:
    """A function that returns the same whatever it is given."""
    return lambda **_: value
