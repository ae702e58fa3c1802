"""Properties every right answer has, seen on the results handed in: invariances, and what must not influence what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from grader.checks.agreement import plain_call
from grader.checks.asking import observe
from grader.checks.cases import drawn_cases
from grader.checks.judge import failure, outcome_of, setting, shaped_results
from grader.compare.difference import difference
from grader.compare.evaluate import Leaves, leaves, value_of
from grader.compare.expectation import Leaf, expect
from grader.model.case import Case
from grader.model.evidence import Evidence, PropertyViolation
from grader.model.exchange import Call, Observation, Observed, Precision, Returned
from grader.model.problem import Examination, Trial
from grader.model.show import show
from grader.model.verdict import Finding, Outcome

Change = Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]
"""The tensors of a case, by name, to those that are changed; one that is left out (None) isn't among them."""

Relation = Callable[[Any, dict[str, torch.Tensor]], Any]
"""The result on the original inputs, and the changed inputs, to the result expected on the changed inputs. Results are
tensors, and tuples of them where a tuple is returned."""


def _unchanged(result: Any, _changed: dict[str, torch.Tensor]) -> Any:
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
        allowances = [0.0] * len(trial.signature.results)
        for call, observation in zip(calls, observations, strict=True):
            right = expect(value_of(trial.reference), call.case, Precision.SINGLE).leaves
            given = shaped_results(call, observation, right, trial.signature)
            if not isinstance(given, tuple):
                return given
            results.append(tuple(map(_computable, given, right)))
            allowances = [sum(pair) for pair in zip(allowances, (leaf.allowance for leaf in right), strict=True)]
        wanted = leaves(self.expected(_as_returned(trial, results[0]), tensors_of(calls[1].case)))
        for result, right_result, allowance in zip(results[1], wanted, allowances, strict=True):
            if difference(result, Leaf(right_result, allowance)) is not None:
                return PropertyViolation(setting(calls[1]), self.title, show(right_result), show(result))
        return None


def _computable(result: torch.Tensor, leaf: Leaf) -> torch.Tensor:
    """A result that relations can compute with as with the right one: what should be a number may be a bool."""
    return result.double() if leaf.value.is_floating_point() else result


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

    source: Callable[[Any], Any]
    """Cotangent: 1 on the part of the result that is looked at; made from the result. A tuple from a tuple of them."""

    hidden: Callable[[torch.Tensor], torch.Tensor]
    """Boolean mask over an input: where it must have no influence."""

    drawn: int = 2
    requires: str | None = "agreement"

    def examine(self, trial: Trial) -> Examination:
        """Differentiate the part of the result and look where the gradient must vanish."""
        observed: list[Observed] = []
        for drawn in drawn_cases(trial, self.name, self.drawn):
            case = Case(drawn.name, {**drawn.inputs, **self.prepare(tensors_of(drawn))}, drawn.sizes, drawn.batch)
            result = _as_returned(trial, value_of(trial.reference)(case.inputs, Precision.DOUBLE))
            base = plain_call(trial, case, Precision.DOUBLE)
            present = tuple(name for name in self.of if case.inputs[name] is not None)
            call = replace(base, differentiate=present, cotangent=self.source(result))
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


def _as_returned(trial: Trial, results: Leaves) -> Any:
    """A tuple where the signature says so, and else the only result."""
    return results if trial.signature.is_several else results[0]
