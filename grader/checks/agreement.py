"""Agreement with the reference: in float32 on ordinary inputs, and in float64 where small slips stand out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

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


def plain_call(trial: Trial, case: Case, precision: Precision) -> Call:
    """A call for the value alone; in float64 so is the default dtype, so that `torch.zeros(n)` loses nothing."""
    return Call(trial.function, case, precision, default_dtype=precision, device=trial.device)


def judged_by_value(trial: Trial, call: Call, observation: Observation) -> Evidence | None:
    """Evidence against a result compared with the reference on the same case and in the same precision."""
    expectation = expect(value_of(trial.reference), call.case, kept_precision(call, observation))
    return judge_value(call, observation, expectation, trial.signature)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The function gives the reference's values on named and drawn cases."""

    points: float
    drawn: int = 6
    name: str = "agreement"
    title: str = "gives the right values"
    requires: str | None = None

    def examine(self, trial: Trial) -> Examination:
        """Call on every case in both precisions, then look for a small case that fails."""
        calls = self._calls(trial)
        observed: list[Observed] = []
        failures: list[tuple[Evidence, Call]] = []
        for call in calls:
            observation = yield call
            observed.append(Observed(call, observation))
            evidence = judged_by_value(trial, call, observation)
            if evidence is None:
                continue
            failures.append((evidence, call))
            if isinstance(evidence, CallStopped) or len(failures) == 3:
                break
        if not failures:
            return Finding(Outcome.PASSED, observed=tuple(observed))
        return (yield from self._explained(trial, failures, observed))

    def _calls(self, trial: Trial) -> list[Call]:
        """float32 first, so that a slip which only float64 shows is known as one; cases in an order of this run."""
        cases = [example_case(trial, e) for e in trial.examples]
        cases += drawn_cases(trial, self.name, self.drawn)
        order = torch.randperm(len(cases), generator=rng_for(trial.seed, trial.function, "order")).tolist()
        shuffled = [cases[i] for i in order]
        return [plain_call(trial, case, precision) for precision in Precision for case in shuffled]

    def _explained(self, trial: Trial, failures: list[tuple[Evidence, Call]], observed: list[Observed]) -> Examination:
        evidence, call = failures[0]
        if isinstance(evidence, CallStopped):
            return Finding(outcome_of(evidence), evidence, tuple(observed))
        precision = call.precision
        small = yield from smallest_failing(
            trial,
            lambda case: plain_call(trial, case, precision),
            lambda asked, seen: judged_by_value(trial, asked, seen),
            evidence,
        )
        if small is not None:
            evidence, last = small
            observed.append(last)
            call = last.call
        if isinstance(evidence, ValueMismatch) and precision is Precision.DOUBLE:
            in_single = plain_call(trial, call.case, Precision.SINGLE)
            hidden = judged_by_value(trial, in_single, (yield in_single)) is None
            evidence = replace(evidence, only_in_double=hidden)
        return Finding(outcome_of(evidence), evidence, tuple(observed))
