"""Gradients: which inputs receive one, and its value, in float64."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from grader.checks.agreement import plain_call
from grader.checks.asking import observe
from grader.checks.cases import drawn_cases, example_case
from grader.checks.judge import failure, outcome_of, setting
from grader.checks.shrink import smallest_failing
from grader.compare.difference import difference
from grader.compare.evaluate import gradient_of, value_of
from grader.compare.expectation import expect
from grader.model.case import Case, rng_for
from grader.model.evidence import Evidence, GradientLeak, GradientMismatch, GradientMissing
from grader.model.exchange import Call, Observation, Observed, Precision, Raised, Returned, Stopped, Unusable
from grader.model.problem import Examination, Trial
from grader.model.show import show
from grader.model.signature import Gradient
from grader.model.verdict import Finding, Outcome


@dataclass(frozen=True, slots=True)
class Gradients:
    """Graded inputs receive the right gradient; inputs that are constants receive none."""

    points: float
    drawn: int = 3
    name: str = "gradient"
    title: str = "has the right gradients, and none into what is a constant"
    requires: str | None = "agreement"

    def examine(self, trial: Trial) -> Examination:
        """Differentiate in every case with respect to the graded inputs, then let the constants ask for one too."""
        graded = trial.signature.named(Gradient.GRADED)
        constants = trial.signature.named(Gradient.CONSTANT)
        observed: list[Observed] = []
        for case in _cases(trial, self.drawn):
            for asked in (graded, graded + constants) if constants else (graded,):
                call = differentiating_call(trial, case, asked)
                observation = yield from observe(call)
                observed.append(Observed(call, observation))
                evidence = _judged(trial, call, observation)
                if evidence is not None:
                    return (yield from _explained(trial, asked, evidence, observed))
        return Finding(Outcome.PASSED, observed=tuple(observed))


def _cases(trial: Trial, drawn: int) -> Iterator[Case]:
    for example in (*trial.examples, *trial.edges):
        if example.gradient:
            yield example_case(trial, example)
    yield from drawn_cases(trial, "gradient", drawn)


def differentiating_call(trial: Trial, case: Case, names: tuple[str, ...]) -> Call:
    """A float64 call that also asks for gradients, weighted by random cotangents of the results' shapes.

    Of several results Σ cotangent · result is summed up; a tensor that is left out of the case is left out here too.
    """
    results = value_of(trial.reference)(case.inputs, Precision.DOUBLE)
    rng = rng_for(trial.seed, trial.function, "cotangent", case.name)
    # below 1, because `Categorical.entropy` puts the lowest finite number in place of −inf: weighed more it overflows
    cotangents = tuple(torch.randint(1, 4, result.shape, generator=rng).double() / 4 for result in results)
    present = tuple(name for name in names if case.inputs[name] is not None)
    cotangent = cotangents if trial.signature.is_several else cotangents[0]
    return replace(plain_call(trial, case, Precision.DOUBLE), differentiate=present, cotangent=cotangent)


def _judged(trial: Trial, call: Call, observation: Observation) -> Evidence | None:
    constants = trial.signature.named(Gradient.CONSTANT)
    match observation:
        case Returned():
            return _compare(trial, call, observation, constants)
        case Raised() if set(call.differentiate) & set(constants):
            return None  # it refuses constants that require grad, so no gradient can flow into them
        case Raised() | Stopped() | Unusable():
            return failure(call, observation)


def _compare(trial: Trial, call: Call, returned: Returned, constants: tuple[str, ...]) -> Evidence | None:
    expectation = expect(gradient_of(trial.reference, call), call.case, Precision.SINGLE)
    for name, leaf in zip(call.differentiate, expectation.leaves, strict=True):
        given = returned.gradients.get(name)
        like = call.case.inputs[name]
        assert isinstance(like, torch.Tensor)
        got = torch.where(torch.isfinite(like), torch.zeros_like(like) if given is None else given, 0.0)
        if difference(got, leaf) is None:
            continue
        if name in constants:
            return GradientLeak(setting(call), name, show(got))
        if given is None:
            return GradientMissing(setting(call), name, returned.gradient_error)
        return GradientMismatch(setting(call), name, show(leaf.value), show(got))
    return None


def _explained(trial: Trial, asked: tuple[str, ...], evidence: Evidence, observed: list[Observed]) -> Examination:
    if isinstance(observed[-1].observation, Returned):
        small = yield from smallest_failing(
            trial,
            lambda case: differentiating_call(trial, case, asked),
            lambda call, seen: _judged(trial, call, seen),
            evidence,
        )
        if small is not None:
            evidence, last = small
            observed.append(last)
    return Finding(outcome_of(evidence), evidence, tuple(observed))
