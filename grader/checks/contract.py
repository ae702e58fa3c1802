"""What every function owes its caller: the inputs' dtype and device, untouched inputs, any strides and batch shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from grader.checks.agreement import judged_by_value, plain_call
from grader.checks.asking import observe
from grader.checks.cases import drawn_cases
from grader.checks.judge import failure, outcome_of, setting
from grader.compare.evaluate import value_of
from grader.compare.returned import as_tensors
from grader.model.evidence import DeviceMismatch, DtypeMismatch, Evidence, InputModified
from grader.model.exchange import Call, Observation, Observed, Precision, Returned
from grader.model.problem import Examination, Trial
from grader.model.verdict import Finding, Outcome

MOST_BATCH_DIMENSIONS = 2


@dataclass(frozen=True, slots=True)
class Contract:
    """The conventions that hold for every problem."""

    points: float
    name: str = "contract"
    title: str = "keeps dtype and device, leaves its inputs alone, takes any strides and batch dimensions"
    requires: str | None = "agreement"

    def examine(self, trial: Trial) -> Examination:
        """Call in each of the ways a caller may; the first broken convention is reported."""
        observed: list[Observed] = []
        for call in _calls(trial):
            observation = yield from observe(call)
            observed.append(Observed(call, observation))
            evidence = _judged(trial, call, observation)
            if evidence is not None:
                return Finding(outcome_of(evidence), evidence, tuple(observed))
        return Finding(Outcome.PASSED, observed=tuple(observed))


def _calls(trial: Trial) -> Iterator[Call]:
    (case,) = drawn_cases(trial, "contract", 1)
    for precision in Precision:
        yield replace(plain_call(trial, case, precision), default_dtype=Precision.SINGLE)
    yield replace(plain_call(trial, case, Precision.DOUBLE), strided=True)
    if trial.signature.has_batch():
        for rank in range(MOST_BATCH_DIMENSIONS + 1):
            (batched,) = drawn_cases(trial, f"batch {rank}", 1, batch_rank=rank)
            yield plain_call(trial, batched, Precision.DOUBLE)


def _judged(trial: Trial, call: Call, observation: Observation) -> Evidence | None:
    missing = failure(call, observation)
    if missing is not None:
        return missing
    assert isinstance(observation, Returned)
    if observation.modified:
        return InputModified(setting(call), observation.modified[0])
    kept = _kept_dtype_and_device(trial, call, observation)
    if kept is not None or call.precision is not call.default_dtype:
        return kept
    return judged_by_value(trial, call, observation)


def _kept_dtype_and_device(trial: Trial, call: Call, returned: Returned) -> Evidence | None:
    if not isinstance(returned.value, torch.Tensor | tuple):
        return None  # a Python number has neither
    reference = value_of(trial.reference)(call.case.inputs, call.precision)
    for result, right in zip(as_tensors(returned.value) or (), reference, strict=False):
        expected = call.precision.dtype if right.is_floating_point() else right.dtype
        if result.dtype is not expected:
            return DtypeMismatch(setting(call), _name(expected), _name(result.dtype))
    if returned.device != call.device:
        return DeviceMismatch(setting(call), call.device, returned.device)
    return None


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
