"""Turns one observation into evidence against an answer, or none."""

from __future__ import annotations

from typing import assert_never

import torch

from grader.compare.difference import difference
from grader.compare.expectation import Expectation, Leaf
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

Results = tuple[torch.Tensor, ...]


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
    wanted = expectation.leaves
    got = results_of(call, observation, signature, len(wanted))
    if not isinstance(got, tuple):
        return got
    for number, (result, leaf) in enumerate(zip(got, wanted, strict=True)):
        found = _misshapen(call, signature, number, result, leaf) or _differing(call, signature, number, result, leaf)
        if found is not None:
            return found
    return None


def shaped_results(
    call: Call, observation: Observation, wanted: tuple[Leaf, ...], signature: Signature
) -> Results | Evidence:
    """The results, in the shapes of what is expected, or evidence that they aren't."""
    got = results_of(call, observation, signature, len(wanted))
    if not isinstance(got, tuple):
        return got
    for number, (result, leaf) in enumerate(zip(got, wanted, strict=True)):
        misshapen = _misshapen(call, signature, number, result, leaf)
        if misshapen is not None:
            return misshapen
    return got


def results_of(call: Call, observation: Observation, signature: Signature, count: int) -> Results | Evidence:
    """The results as tensors, one or a tuple as the signature says, or evidence that they are none."""
    missing = failure(call, observation)
    if missing is not None:
        return missing
    assert isinstance(observation, Returned)
    value = observation.value
    got = as_tensors(value)
    if got is None or len(got) != count or isinstance(value, tuple) != signature.is_several:
        return TypeMismatch(setting(call), wanted_type(signature), _named_with_parts(value, count))
    return got


def numbered(signature: Signature, number: int) -> int | None:
    """Which result it is, where there are several."""
    return number if signature.is_several else None


def _misshapen(call: Call, signature: Signature, number: int, result: torch.Tensor, leaf: Leaf) -> ShapeMismatch | None:
    wanted, got = tuple(leaf.value.shape), tuple(result.shape)
    if wanted == got:
        return None
    axes = written(signature.results[number])
    return ShapeMismatch(setting(call), axes, wanted, got, numbered(signature, number))


def _differing(call: Call, signature: Signature, number: int, result: torch.Tensor, leaf: Leaf) -> ValueMismatch | None:
    found = difference(result, leaf)
    if found is None:
        return None
    return ValueMismatch(
        setting(call), show(leaf.value), show(result), found.index, found.expected, found.got, found.allowance,
        found.differing, found.total, only_in_double=False, result=numbered(signature, number),
    )  # fmt: skip


def wanted_type(signature: Signature) -> str:
    """What a function is to return, as a report names it."""
    if signature.is_several:
        return f"a tuple of {len(signature.results)} tensors"
    return "a tensor" if signature.results[0] else "a tensor or a Python number"


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


def _named_with_parts(value: Value, count: int) -> str:
    """The name of its type; where there are as many parts as asked for, the first that is no tensor too."""
    if not isinstance(value, tuple) or len(value) != count or count == 1:
        return type_name(value)
    strange = [part for part in value if isinstance(part, tuple) or as_tensors(part) is None][:1]
    return "".join([type_name(value), *(f", one of them {_typed(type_name(part))}" for part in strange)])


def _typed(name: str) -> str:
    return name if name.startswith(("a ", "an ")) else f"of type {name}"
