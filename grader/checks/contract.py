"""What every function owes its caller: the inputs' dtype and device, untouched inputs, any strides and batch shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from grader.checks.agreement import judged_by_value, plain_call
from grader.checks.asking import observe
from grader.checks.cases import drawn_cases
from grader.checks.judge import failure, numbered, outcome_of, setting
from grader.compare.evaluate import value_of
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
    if not trial.signature.has_tensors():
        yield plain_call(trial, case, Precision.SINGLE)
        return
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
    if kept is not None or _is_for_the_dtype_alone(trial, call):
        return kept
    return judged_by_value(trial, call, observation)


def _is_for_the_dtype_alone(trial: Trial, call: Call) -> bool:
    """Whether tensors made in the default dtype cost precision here, which is another check's to say."""
    return call.precision is not call.default_dtype and trial.signature.dtype is None


def _kept_dtype_and_device(trial: Trial, call: Call, returned: Returned) -> Evidence | None:
    signature = trial.signature
    results = returned.value if isinstance(returned.value, tuple) else (returned.value,)
    if not any(isinstance(result, torch.Tensor) for result in results):
        return None  # a Python number has neither
    reference = value_of(trial.reference)(call.case.inputs, call.precision)
    for number, (result, right) in enumerate(zip(results, reference, strict=False)):
        expected = _dtype_of(trial, call, right)
        if isinstance(result, torch.Tensor) and expected is not None and result.dtype is not expected:
            named = signature.dtype is not None or not right.is_floating_point()
            return DtypeMismatch(
                setting(call), _name(expected), _name(result.dtype), numbered(signature, number), named
            )
    if returned.device != call.device and signature.has_tensors():
        return DeviceMismatch(setting(call), call.device, returned.device)
    return None


def _dtype_of(trial: Trial, call: Call, right: torch.Tensor) -> torch.dtype | None:
    """What a result has to be; None where it may be anything, since nothing was given that has a dtype."""
    if trial.signature.dtype is not None:
        return trial.signature.result_dtype
    if right.is_floating_point():
        return call.precision.dtype if trial.signature.has_tensors() else None
    return right.dtype


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
