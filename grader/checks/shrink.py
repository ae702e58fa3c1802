"""Finds a small case in which an answer still fails: one that a person can check by hand.

It grows from the smallest sizes rather than cutting the failing case down, because drawn values are not round numbers:
sizes 1, 2, 3 with small integers come first, one axis after the other. Then optional tensors are left out, and every
number that can be 0 or 1 without the failure going away becomes so. A call that never comes back ends the search: the
next would cost its whole time limit again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

import torch

from grader.checks.asking import observe
from grader.checks.cases import small_sizes
from grader.model.case import Case, Example, materialise_simply, rng_for
from grader.model.evidence import (
    Evidence,
    ExceptionRaised,
    GradientLeak,
    GradientMismatch,
    GradientMissing,
    ValueMismatch,
)
from grader.model.exchange import Answer, Call, Observation, Observed, Request, Stopped
from grader.model.problem import Trial
from grader.model.sampling import Normal
from grader.model.signature import Signature, Tensor

Judge = Callable[[Call, Observation], Evidence | None]
Ask = Callable[[Case], Call]
Found = tuple[Evidence, Observed]
Shrinking = Generator[Request, Answer, Found | None]
Trying = Generator[Request, Answer, Found | Stopped | None]

TRIES_PER_SIZE = 4
LARGEST_SIZE = 3
SIMPLIFYING_CALLS = 40


def smallest_failing(trial: Trial, ask: Ask, judge: Judge, like: Evidence) -> Shrinking:
    """The simplest failing case found, with its evidence, or None where only larger ones fail.

    Only failures of the same kind as `like` count: shrinking must not turn a wrong value into another mistake.
    """
    for case in _small_cases(trial):
        found = yield from _try(case, ask, judge, like)
        if isinstance(found, Stopped):
            return None
        if found is not None:
            return (yield from _simplify(found, trial.signature, ask, judge))
    return None


def _try(case: Case, ask: Ask, judge: Judge, like: Evidence) -> Trying:
    call = ask(case)
    observation = yield from observe(call)
    if isinstance(observation, Stopped):
        return observation
    evidence = judge(call, observation)
    if evidence is None or _kind(evidence) != _kind(like):
        return None
    return evidence, Observed(call, observation)


def _kind(evidence: Evidence) -> tuple[object, ...]:
    """What failures share that are one mistake as far as can be told: NaN is another one than a wrong number."""
    match evidence:
        case ValueMismatch():
            finite = math.isfinite(evidence.expected_there), math.isfinite(evidence.got_there)
            return ValueMismatch, evidence.result, *finite
        case ExceptionRaised():
            return ExceptionRaised, evidence.type_name
        case GradientMismatch() | GradientMissing() | GradientLeak():
            return type(evidence), evidence.argument
        case _:
            return (type(evidence),)


def _small_cases(trial: Trial) -> Iterator[Case]:
    """Cases of growing size: all ones, then each axis in turn made longer, then all together."""
    signature = trial.signature
    for sizes, batch in small_sizes(signature, LARGEST_SIZE):
        for k in range(TRIES_PER_SIZE):
            rng = rng_for(trial.seed, trial.function, "shrink", sizes, batch, k)
            yield materialise_simply(signature, Example("a small case", batch=batch), sizes, rng)


def _simplify(found: Found, signature: Signature, ask: Ask, judge: Judge) -> Shrinking:
    evidence, observed = found
    for name in _optional(signature):
        case = observed.call.case
        if case.inputs[name] is None:
            continue
        better = yield from _try(replace(case, inputs={**case.inputs, name: None}), ask, judge, evidence)
        if isinstance(better, Stopped):
            return evidence, observed
        if better is not None:
            evidence, observed = better
    calls = 0
    for name, position in _positions(signature, observed.call.case):
        for simple in (0.0, 1.0):
            simpler = _with(observed.call.case, name, position, simple)
            if calls == SIMPLIFYING_CALLS or simpler is None:
                break
            calls += 1
            better = yield from _try(simpler, ask, judge, evidence)
            if isinstance(better, Stopped):
                return evidence, observed
            if better is not None:
                evidence, observed = better
                break
    return evidence, observed


def _optional(signature: Signature) -> tuple[str, ...]:
    return tuple(name for name, argument in signature.tensors() if argument.optional)


def _positions(signature: Signature, case: Case) -> Iterator[tuple[str, int]]:
    """The numbers that may become 0 or 1: those of Gaussian arguments. A log-probability of 1 is no input at all."""
    for name, argument in signature.arguments.items():
        tensor = case.inputs[name]
        if isinstance(argument, Tensor) and isinstance(argument.values, Normal) and isinstance(tensor, torch.Tensor):
            yield from ((name, i) for i in range(tensor.numel()))


def _with(case: Case, name: str, position: int, value: float) -> Case | None:
    """The case with one number replaced, or None where it already is that simple or must stay (−inf)."""
    tensor = case.inputs[name]
    assert isinstance(tensor, torch.Tensor)
    present = float(tensor.reshape(-1)[position])
    if present in (0.0, value) or not torch.isfinite(tensor.reshape(-1)[position]):
        return None
    changed = tensor.clone()
    changed.view(-1)[position] = value
    return replace(case, inputs={**case.inputs, name: changed})
