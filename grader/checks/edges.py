"""The edge cases a problem names: terminal steps, −inf logits, a single element, large offsets."""

from __future__ import annotations

from dataclasses import dataclass

from grader.checks.agreement import judged_by_value, plain_call
from grader.checks.asking import observe
from grader.checks.cases import example_case
from grader.checks.judge import outcome_of
from grader.model.exchange import Observed, Precision
from grader.model.problem import Examination, Trial
from grader.model.verdict import Finding, Outcome


@dataclass(frozen=True, slots=True)
class Edges:
    """The function is right in every named edge case, in float32 and in float64."""

    points: float
    name: str = "edge_cases"
    title: str = "handles the edge cases of the statement"
    requires: str | None = "agreement"

    def examine(self, trial: Trial) -> Examination:
        """Call on every edge case until one fails."""
        observed: list[Observed] = []
        for example in trial.edges:
            case = example_case(trial, example)
            for precision in Precision:
                call = plain_call(trial, case, precision)
                observation = yield from observe(call)
                observed.append(Observed(call, observation))
                evidence = judged_by_value(trial, call, observation)
                if evidence is not None:
                    return Finding(outcome_of(evidence), evidence, tuple(observed))
        return Finding(Outcome.PASSED, observed=tuple(observed))
