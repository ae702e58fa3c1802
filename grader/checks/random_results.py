"""Properties of results that are drawn at random, looked at in calls with generators of the same and of other seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from grader.checks.agreement import plain_call
from grader.checks.asking import observe
from grader.checks.cases import example_case
from grader.checks.judge import failure, outcome_of, setting
from grader.compare.evaluate import in_precision
from grader.compare.returned import as_value
from grader.model.case import Case
from grader.model.evidence import Prerequisite, PropertyViolation
from grader.model.exchange import Precision, Returned, Value
from grader.model.generators import Seeded
from grader.model.problem import Examination, Function, Trial
from grader.model.show import show
from grader.model.verdict import Finding, Outcome


@dataclass(frozen=True, slots=True)
class Results:
    """What three calls with the same arguments gave."""

    inputs: Mapping[str, Any]
    first: torch.Tensor
    again: torch.Tensor
    """With a generator of the same seed."""

    other: torch.Tensor
    """With a generator of another seed."""


@dataclass(frozen=True, slots=True)
class Property:
    """Something that all right answers have in common, however they draw."""

    name: str
    statement: str
    """As it reads after "this does not hold"."""

    holds: Callable[[Results], bool]
    """Only the first property of a list is asked about tensors of any shape and dtype."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Results drawn at random have the properties that are graded here.

    A wrong answer is recognised by which of *all* properties it lacks, in each of the problem's examples.
    """

    name: str
    points: float
    title: str
    graded: tuple[str, ...]
    """Names of the properties that this check is about."""

    properties: tuple[Property, ...]
    """All that are known of the problem. The first one is about form: where it does not hold the others are moot."""

    requires: str | None = None

    def examine(self, trial: Trial) -> Examination:
        """Call three times for every example; the first graded property that does not hold is reported."""
        broken: list[tuple[str, ...]] = []
        evidence: PropertyViolation | None = None
        for example in trial.examples:
            case = example_case(trial, example)
            values: list[Value] = []
            for each in _three(case):
                call = plain_call(trial, each, Precision.SINGLE)
                observation = yield from observe(call)
                missing = failure(call, observation)
                if missing is not None:
                    return Finding(outcome_of(missing), missing)
                assert isinstance(observation, Returned)
                values.append(observation.value)
            found = self._broken(case, values)
            broken.append(tuple(each.name for each in found))
            graded = [each for each in found if each.name in self.graded]
            if graded and evidence is None:
                where = setting(plain_call(trial, case, Precision.SINGLE))
                evidence = PropertyViolation(where, graded[0].statement, "", show(values[0]))
            if found and found[0] is self.properties[0] and not graded:
                return Finding(Outcome.BLOCKED, Prerequisite(self.requires or found[0].name))
        if evidence is None:
            return Finding(Outcome.PASSED)
        return Finding(Outcome.FAILED, evidence, named=self._named(trial, broken))

    def _broken(self, case: Case, values: list[Value]) -> list[Property]:
        tensors = [value if isinstance(value, torch.Tensor) else torch.empty(0) for value in values]
        results = Results(case.inputs, *tensors)
        form, *others = self.properties
        return [each for each in others if not each.holds(results)] if form.holds(results) else [form]

    def _named(self, trial: Trial, broken: list[tuple[str, ...]]) -> str | None:
        likely = (m.name for m in trial.misconceptions if self._broken_by(m.function, trial) == broken)
        return next(likely, None)

    def _broken_by(self, function: Function, trial: Trial) -> list[tuple[str, ...]]:
        broken = []
        for example in trial.examples:
            case = example_case(trial, example)
            values = [as_value(function(**in_precision(each.inputs, Precision.SINGLE))) for each in _three(case)]
            broken.append(tuple(each.name for each in self._broken(case, values)))
        return broken


def _three(case: Case) -> tuple[Case, Case, Case]:
    """The case twice, and once with other seeds."""
    other = {n: Seeded(v.seed ^ 1) if isinstance(v, Seeded) else v for n, v in case.inputs.items()}
    return case, case, replace(case, inputs=other)
