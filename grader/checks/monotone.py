"""Monotonicity, seen on the results handed in: raising an input never lowers the result."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from grader.checks.agreement import plain_call
from grader.checks.asking import observe
from grader.checks.cases import drawn_cases
from grader.checks.judge import failure, outcome_of, setting
from grader.compare.evaluate import value_of
from grader.model.evidence import Evidence, PropertyViolation
from grader.model.exchange import Call, Observation, Observed, Precision, Returned
from grader.model.problem import Examination, Trial
from grader.model.show import show
from grader.model.verdict import Finding, Outcome

ROUNDING = 1e-9
"""How far below 0 a derivative may be, beside the largest one (or 1): zeros may come about by cancellation."""


@dataclass(frozen=True, slots=True)
class Monotone:
    """No element of the result falls when an element of one of these inputs rises: the gradient is nowhere negative.

    What is looked at is the gradient of the sum of the result's elements, so one element must not make up for another.
    """

    name: str
    points: float
    title: str
    of: tuple[str, ...]
    """Inputs in which the result must not decrease."""

    drawn: int = 3
    requires: str | None = "agreement"

    def examine(self, trial: Trial) -> Examination:
        """Differentiate the result in drawn cases, and look for a negative derivative."""
        observed: list[Observed] = []
        for case in drawn_cases(trial, self.name, self.drawn):
            result = value_of(trial.reference)(case.inputs, Precision.DOUBLE)[0]
            base = plain_call(trial, case, Precision.DOUBLE)
            call = replace(base, differentiate=self.of, cotangent=torch.ones_like(result))
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
            if gradient is not None and _falls(gradient):
                return PropertyViolation(setting(call), self.title, show(gradient.clamp(min=0.0)), show(gradient))
        return None


def _falls(gradient: torch.Tensor) -> bool:
    """Whether some derivative is negative, or no number at all."""
    allowance = ROUNDING * max(1.0, float(gradient.abs().max()))
    return not bool((gradient >= -allowance).all())
