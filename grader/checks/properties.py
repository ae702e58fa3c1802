"""Properties every right answer has, seen on the results handed in: invariances, and what must not influence what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from grader.checks.agreement import plain_call
from grader.checks.asking import observe
from grader.checks.cases import drawn_cases
from grader.checks.judge import failure, outcome_of, setting, type_name
from grader.compare.difference import difference
from grader.compare.evaluate import value_of
from grader.compare.expectation import Leaf, expect
from grader.compare.returned import as_tensors
from grader.model.case import Case
from grader.model.evidence import Evidence, PropertyViolation, ShapeMismatch, TypeMismatch
from grader.model.exchange import Call, Observation, Observed, Precision, Returned
from grader.model.problem import Examination, Trial
from grader.model.show import show
from grader.model.signature import written
from grader.model.verdict import Finding, Outcome

Change = Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]
"""The tensors of a case, by name, to those that are changed."""

Relation = Callable[[torch.Tensor, dict[str, torch.Tensor]], torch.Tensor]
"""The result on the original inputs, and the changed inputs, to the result expected on the changed inputs."""


def _unchanged(result: torch.Tensor, _changed: dict[str, torch.Tensor]) -> torch.Tensor:
    return result


def tensors_of(case: Case) -> dict[str, torch.Tensor]:
    """The tensor arguments of a case."""
    return {name: value for name, value in case.inputs.items() if isinstance(value, torch.Tensor)}


@dataclass(frozen=True, slots=True)
class Invariance:
    """Changing the inputs in a known way changes the result in a known way (or not at all)."""

    name: str
    points: float
    title: str
    change: Change
    expected: Relation = _unchanged
    drawn: int = 2
    requires: str | None = "agreement"

    def examine(self, trial: Trial) -> Examination:
        """Call on a case and on its changed copy, and compare the two results."""
        observed: list[Observed] = []
        for case in drawn_cases(trial, self.name, self.drawn):
            inputs = {**case.inputs, **self.change(tensors_of(case))}
            changed = Case(f"{case.name}, changed", inputs, case.sizes, case.batch)
            calls = [plain_call(trial, each, Precision.DOUBLE) for each in (case, changed)]
            observations = []
            for call in calls:
                observation = yield from observe(call)
                observations.append(observation)
                observed.append(Observed(call, observation))
            evidence = self._judged(trial, calls, observations)
            if evidence is not None:
                return Finding(outcome_of(evidence), evidence, tuple(observed))
        return Finding(Outcome.PASSED, observed=tuple(observed))

    def _judged(self, trial: Trial, calls: list[Call], observations: list[Observation]) -> Evidence | None:
        results = []
        allowance = 0.0
        for call, observation in zip(calls, observations, strict=True):
            right = expect(value_of(trial.reference), call.case, Precision.SINGLE).leaves[0]
            result = _result(trial, call, observation, right)
            if not isinstance(result, torch.Tensor):
                return result
            results.append(result)
            allowance += right.allowance
        wanted = self.expected(results[0], tensors_of(calls[1].case))
        if difference(results[1], Leaf(wanted, allowance)) is None:
            return None
        return PropertyViolation(setting(calls[1]), self.title, show(wanted), show(results[1]))


@dataclass(frozen=True, slots=True)
class NoInfluence:
    """Part of the result does not depend on part of the inputs: the gradient there is exactly zero."""

    name: str
    points: float
    title: str
    prepare: Change
    """Changes the drawn inputs so that the property applies (puts in a causal mask)."""

    of: tuple[str, ...]
    """Inputs whose influence is looked at."""

    source: Callable[[torch.Tensor], torch.Tensor]
    """Cotangent: 1 on the part of the result that is looked at; made from the result."""

    hidden: Callable[[torch.Tensor], torch.Tensor]
    """Boolean mask over an input: where it must have no influence."""

    drawn: int = 2
    requires: str | None = "agreement"

    def examine(self, trial: Trial) -> Examination:
        """Differentiate the part of the result and look where the gradient must vanish."""
        observed: list[Observed] = []
        for drawn in drawn_cases(trial, self.name, self.drawn):
            case = Case(drawn.name, {**drawn.inputs, **self.prepare(tensors_of(drawn))}, drawn.sizes, drawn.batch)
            result = value_of(trial.reference)(case.inputs, Precision.DOUBLE)[0]
            base = plain_call(trial, case, Precision.DOUBLE)
            call = replace(base, differentiate=self.of, cotangent=self.source(result))
            observation = yield from observe(call)
            observed.append(Observed(call, observation))
            evidence = self._judged(call, observation)
            if evidence is not None:
                return Finding(outcome_of(evidence), evidence, tuple(observed))
        return Finding(Outcome.PASSED, observed=tuple(observed))

    def _judged(self, call: Call, observation: Observation) -> Evidence | None:
        missing = failure(call, observation)
        if missing is not None:
            return missing
        assert isinstance(observation, Returned)
        for name in self.of:
            gradient = observation.gradients.get(name)
            if gradient is None:
                continue
            leaked = torch.where(self.hidden(gradient), gradient, 0.0)
            if bool(leaked.ne(0).any()):
                return PropertyViolation(setting(call), self.title, show(torch.zeros_like(leaked)), show(leaked))
        return None


def _result(trial: Trial, call: Call, observation: Observation, right: Leaf) -> torch.Tensor | Evidence:
    """The result, or evidence that it is none that a relation could be applied to: that must not fail on our side."""
    missing = failure(call, observation)
    if missing is not None:
        return missing
    assert isinstance(observation, Returned)
    tensors = as_tensors(observation.value)
    if tensors is None or len(tensors) != 1:
        return TypeMismatch(setting(call), "a tensor", type_name(observation.value))
    if tensors[0].shape != right.value.shape:
        axes = written(trial.signature.returns)
        return ShapeMismatch(setting(call), axes, tuple(right.value.shape), tuple(tensors[0].shape))
    return tensors[0].double()
