"""Proves a problem by its own formula: the reference computes it, and every misconception something else.

References and misconceptions are traced in this process; only `prove`, which is passed in, decides a claim.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import assert_never

from grader.grading import Prove
from grader.model.case import rng_for
from grader.model.exchange import Raised, Trace, Traced, Untraceable
from grader.model.formula import Claim, Formula, Instance, symbols
from grader.model.graph import cotangent_names
from grader.model.instances import arguments_of, expected, expected_gradients, trace_case
from grader.model.problem import CatalogEntry, Function
from grader.model.proof import Decision, DifferentShape, Method, Proved, Refuted, Undecided
from grader.model.signature import Gradient
from grader.model.wording_of_proofs import point
from grader.tracing import trace_own

SEED = 1
"""Of the inputs along which functions are traced; a proof does not depend on them."""


class Kind(Enum):
    """What is looked at: claims about the formula, how the problem grades known answers, and what its cases reach."""

    FORMULA = "formula"
    MISCONCEPTION = "misconception"
    REFERENCE = "reference"
    STARTER = "starter"
    DIAGNOSIS = "diagnosis"
    CHECK = "check"
    ANSWER = "answer"
    REGION = "region"
    SIDE = "side"
    SPEED = "speed"


class Result(Enum):
    """What became of it."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    NONE = "none"
    """The formula is a text, so there is nothing to prove."""

    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verified:
    """One thing that a problem claims, and what became of it."""

    kind: Kind
    name: str
    """`values` or `gradients` of the formula; of a misconception its name."""

    outcome: Result
    wanted: Result
    """What it has to be for the problem to hold."""

    method: str | None = None
    """How it was decided, where it was."""

    seconds: float = 0.0
    detail: str = ""
    """Where and why it was refuted or left undecided."""

    @property
    def holds(self) -> bool:
        """Whether the problem may stay as it is."""
        return self.outcome is self.wanted


@dataclass(frozen=True, slots=True)
class _Found:
    """What comparing a function with the formula at all instances gave."""

    outcome: Result
    method: str | None = None
    detail: str = ""


def verify(entry: CatalogEntry, prove: Prove) -> Iterator[Verified]:
    """Everything there is to prove about a problem, one after the other.

    Raises:
        ProblemDefinitionError: the formula does not fit the problem's signature.
    """
    problem = entry.problem
    if isinstance(problem.formula, str):
        yield Verified(Kind.FORMULA, "values", Result.NONE, Result.NONE)
        return
    comparison = _Comparison(entry, problem.formula, prove)
    yield _timed(Kind.FORMULA, "values", Result.PROVED, partial(comparison.of_values, problem.reference))
    if comparison.is_differentiated:
        yield _timed(Kind.FORMULA, "gradients", Result.PROVED, partial(comparison.of_gradients, problem.reference))
    for function in problem.misconceptions:
        wanted = Result.PROVED if function in problem.numerical else Result.REFUTED
        yield _timed(Kind.MISCONCEPTION, function.__name__, wanted, partial(comparison.of_both, function))


def _timed(kind: Kind, name: str, wanted: Result, compare: Callable[[], _Found]) -> Verified:
    started = time.monotonic()
    found = compare()
    return Verified(kind, name, found.outcome, wanted, found.method, time.monotonic() - started, found.detail)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares functions with a problem's formula."""

    entry: CatalogEntry
    formula: Formula
    prove: Prove

    @property
    def is_differentiated(self) -> bool:
        """Whether gradients are graded."""
        return bool(self.entry.problem.signature.named(Gradient.GRADED))

    def of_both(self, function: Function) -> _Found:
        """Of values, and where those are the formula's also of gradients, which a loss is wrong without."""
        found = self.of_values(function)
        if found.outcome is not Result.PROVED or not self.is_differentiated:
            return found
        in_gradients = self.of_gradients(function)
        if in_gradients.outcome is not Result.REFUTED:
            return in_gradients
        return _Found(Result.REFUTED, "gradient", in_gradients.detail)

    def of_values(self, function: Function) -> _Found:
        """Whether the function has the formula's values at all instances."""
        return self._at_all_instances(function, differentiated=False)

    def of_gradients(self, function: Function) -> _Found:
        """Whether it also has its gradients, but for the points where a condition changes."""
        return self._at_all_instances(function, differentiated=True)

    def _at_all_instances(self, function: Function, *, differentiated: bool) -> _Found:
        """The first refutation; else why it is undecided; else the weakest proof."""
        methods: set[Method] = set()
        undecided: _Found | None = None
        for instance in self.formula.instances:
            decision = self._decided(function, instance, differentiated)
            match decision:
                case Proved(method):
                    methods.add(method)
                case Undecided(reason):
                    undecided = undecided or _Found(Result.UNDECIDED, None, f"{instance.described()}: {reason}")
                case DifferentShape(wanted, got):
                    detail = f"{instance.described()}: the result has shape {got}, and not {wanted}"
                    return _Found(Result.REFUTED, "shape", detail)
                case Refuted():
                    results = len(self.entry.problem.signature.results)
                    detail = f"{instance.described()}: {_told(decision, results, differentiated=differentiated)}"
                    return _Found(Result.REFUTED, "counterexample", detail)
                case _:
                    assert_never(decision)
        weakest = [method.value for method in Method if method in methods][-1:]
        return undecided or _Found(Result.PROVED, *weakest)

    def _decided(self, function: Function, instance: Instance, differentiated: bool) -> Decision:
        """Whether the function is the formula at an instance."""
        signature, formula = self.entry.problem.signature, self.formula
        given = arguments_of(signature, formula, instance)
        inputs = {name: given.values[name] for name in given.symbolic}
        wanted = expected(signature, formula, instance)
        results = len(wanted)
        names: tuple[str, ...] = ()
        if differentiated:
            cotangents = tuple(symbols(_cotangent(k, results), each.shape) for k, each in enumerate(wanted))
            gradients = expected_gradients(signature, formula, instance, wanted, cotangents)
            names, wanted = tuple(gradients), (*wanted, *gradients.values())
            inputs |= dict(zip(cotangent_names(results), cotangents, strict=True)) if names else {}
        case = trace_case(signature, formula, instance, rng_for(SEED, self.entry.id, instance.described()))
        traced = trace_own(function, Trace(self.entry.id, case, given.symbolic, names, results, own=function))
        if not isinstance(traced, Traced):
            return Undecided(_untraced(traced))
        return self.prove(Claim(traced.graph, inputs, wanted, almost_everywhere=differentiated)).decision


def _cotangent(number: int, results: int) -> str:
    return "cotangent" if results == 1 else f"cotangent{number}"


def _untraced(answer: Untraceable | Raised) -> str:
    reason = answer.reason if isinstance(answer, Untraceable) else f"it raised {answer.type_name}: {answer.message}"
    return f"{reason} (line {answer.line})" if answer.line else reason


def _told(refuted: Refuted, results: int, *, differentiated: bool) -> str:
    """The counterexample in one sentence. Gradients come after the results, and where there are several of these in
    all an index begins with which one it is.
    """
    index = refuted.index
    what = "the result"
    if index and (differentiated or results > 1):
        number, *rest = index
        named = "the result" if results == 1 else f"result {number + 1}"
        what, index = ("a gradient" if number >= results else named), tuple(rest)
    where = f" at index {index}" if index else ""
    inputs = ", ".join(f"{name} = {point(value)}" for name, value in refuted.point.items())
    text = f"{what}{where} is {refuted.got}, and the formula gives {refuted.expected}"
    return f"{text}, for {inputs}" if inputs else text
