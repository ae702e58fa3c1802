"""Agreement with the reference: in float32, and once more in float64, where small slips stand out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from grader.checks.asking import observe
from grader.checks.cases import drawn_cases, example_case
from grader.checks.judge import judge_value, outcome_of
from grader.checks.shrink import smallest_failing
from grader.compare.evaluate import value_of
from grader.compare.expectation import expect
from grader.compare.returned import kept_precision
from grader.model.case import Case, rng_for
from grader.model.evidence import CallStopped, Evidence, ValueMismatch
from grader.model.exchange import Call, Observation, Observed, Precision
from grader.model.problem import Examination, Trial
from grader.model.verdict import Finding, Outcome

ENOUGH_FAILURES = 3
"""More failing cases than this tell nothing more."""


def plain_call(trial: Trial, case: Case, precision: Precision) -> Call:
    """A call for the value alone; in float64 so is the default dtype, so that `torch.zeros(n)` loses nothing.

    But where results are to be float32 in any case, `torch.zeros(n)` has to be that.
    """
    default = precision if trial.signature.dtype is None else Precision.SINGLE
    return Call(trial.function, case, precision, default_dtype=default, device=trial.device)


def judged_by_value(
    trial: Trial, call: Call, observation: Observation, precision: Precision = Precision.SINGLE
) -> Evidence | None:
    """Evidence against a result compared with the reference on the same case, as exactly as `precision` allows.

    float32's allowances hold for float64 calls too, except where the precision itself is graded: a constant that was
    made in float32 on the way costs that check and no other.
    """
    expectation = expect(value_of(trial.reference), call.case, precision)
    return judge_value(call, observation, expectation, trial.signature)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The function gives the reference's values on named and drawn cases, in one precision."""

    points: float
    drawn: int = 6
    precision: Precision = Precision.SINGLE
    name: str = "agreement"
    title: str = "gives the right values"
    requires: str | None = None

    def examine(self, trial: Trial) -> Examination:
        """Call on every case, then look for a small case that fails."""
        observed: list[Observed] = []
        failures: list[Evidence] = []
        for case in self._cases(trial):
            call = plain_call(trial, case, self.precision)
            observation = yield from observe(call)
            observed.append(Observed(call, observation))
            evidence = self._judged(trial, call, observation)
            if evidence is not None:
                failures.append(evidence)
            if isinstance(evidence, CallStopped) or len(failures) == ENOUGH_FAILURES:
                break
        if not failures:
            return Finding(Outcome.PASSED, observed=tuple(observed))
        return (yield from self._explained(trial, failures[0], observed))

    def _cases(self, trial: Trial) -> list[Case]:
        """The author's examples and drawn cases, in an order of this run."""
        cases = [example_case(trial, e) for e in trial.examples]
        cases += drawn_cases(trial, self.name, self.drawn)
        order = torch.randperm(len(cases), generator=rng_for(trial.seed, trial.function, "order")).tolist()
        return [cases[i] for i in order]

    def _judged(self, trial: Trial, call: Call, observation: Observation) -> Evidence | None:
        if self.precision is Precision.SINGLE or trial.signature.dtype is not None:
            return judged_by_value(trial, call, observation)
        evidence = judged_by_value(trial, call, observation, kept_precision(call, observation))
        return replace(evidence, only_in_double=True) if isinstance(evidence, ValueMismatch) else evidence

    def _explained(self, trial: Trial, evidence: Evidence, observed: list[Observed]) -> Examination:
        if isinstance(evidence, CallStopped):
            return Finding(outcome_of(evidence), evidence, tuple(observed))
        small = yield from smallest_failing(
            trial,
            lambda case: plain_call(trial, case, self.precision),
            lambda asked, seen: self._judged(trial, asked, seen),
            evidence,
        )
        if small is not None:
            evidence, last = small
            observed.append(last)
        return Finding(outcome_of(evidence), evidence, tuple(observed))


def full_precision(points: float) -> Agreement:
    """Agreement in float64, where slips stand out that float32 hides in its rounding: a nearly right constant."""
    title = "is as exact in float64 as float64 is"
    return Agreement(points, 4, Precision.DOUBLE, "float64", title, "agreement")
