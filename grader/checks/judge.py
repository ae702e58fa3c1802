"""Turns one observation into evidence against an answer, or none."""

from __future__ import annotations

from typing import assert_never

import torch

from grader.compare.difference import difference
from grader.compare.expectation import Expectation
from grader.compare.returned import as_tensors
from grader.model.evidence import (
    AnswerUnusable,
    CallStopped,
    Evidence,
    ExceptionRaised,
    Setting,
    ShapeMismatch,
    TypeMismatch,
    ValueMismatch,
)
from grader.model.exchange import Call, Observation, Opaque, Raised, Returned, Stopped, Unusable, Value
from grader.model.show import setting_of, show
from grader.model.signature import Signature, written
from grader.model.verdict import Outcome


def setting(call: Call) -> Setting:
    """The call's case as evidence shows it."""
    return setting_of(call.case, call.precision)


def failure(call: Call, observation: Observation) -> Evidence | None:
    """Evidence that no result came at all, or None where one did."""
    match observation:
        case Returned():
            return None
        case Raised(exception, message, path, line, code):
            return ExceptionRaised(setting(call), exception, message, path, line, code)
        case Stopped(reason, detail):
            return CallStopped(setting(call), reason.value, detail)
        case Unusable(reason):
            return AnswerUnusable(setting(call), reason)
        case _:
            assert_never(observation)


def outcome_of(evidence: Evidence) -> Outcome:
    """Wrong results fail; exceptions, stops and unreadable answers are submission errors."""
    if isinstance(evidence, ExceptionRaised | CallStopped | AnswerUnusable):
        return Outcome.SUBMISSION_ERROR
    return Outcome.FAILED


def judge_value(
    call: Call, observation: Observation, expectation: Expectation, signature: Signature
) -> Evidence | None:
    """Evidence that the result is absent, of another type or shape, or wrong in value."""
    missing = failure(call, observation)
    if missing is not None:
        return missing
    assert isinstance(observation, Returned)
    return _compare(call, observation.value, expectation, signature)


def _compare(call: Call, value: Value, expectation: Expectation, signature: Signature) -> Evidence | None:
    got = as_tensors(value)
    wanted = expectation.leaves
    if got is None or len(got) != len(wanted) or isinstance(value, tuple) != (len(wanted) > 1):
        return TypeMismatch(setting(call), _wanted_type(len(wanted)), type_name(value))
    for result, leaf in zip(got, wanted, strict=True):
        if result.shape != leaf.value.shape:
            expected = tuple(leaf.value.shape)
            return ShapeMismatch(setting(call), written(signature.returns), expected, tuple(result.shape))
        found = difference(result, leaf)
        if found is not None:
            shown = show(leaf.value), show(result)
            return ValueMismatch(
                setting(call), *shown, found.index, found.expected, found.got, found.allowance,
                found.differing, found.total, only_in_double=False,
            )  # fmt: skip
    return None


def _wanted_type(count: int) -> str:
    return "a tensor" if count == 1 else f"a tuple of {count} tensors"


def type_name(value: Value) -> str:
    """What a result is, as a report names it."""
    match value:
        case Opaque(name):
            return name
        case tuple():
            return f"a tuple of {len(value)}"
        case torch.Tensor():
            return f"a tensor of {value.dtype}".replace("torch.", "")
        case _:
            return type(value).__name__
