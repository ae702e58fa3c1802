"""Compares what a failing answer did with what each known misconception does on the same inputs.

A misconception is named only if it reproduces every result that was observed, right and wrong ones alike, and lies much
closer to the wrong ones than the right answer does. No match claims nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch

from grader.compare.difference import difference
from grader.compare.evaluate import Evaluation, Leaves, gradient_of, value_of
from grader.compare.expectation import Expectation, expect
from grader.compare.returned import as_tensors, kept_precision
from grader.model.case import Case
from grader.model.exchange import Call, Observed, Precision, Raised, Returned
from grader.model.problem import Function, Misconception

CLOSER = 0.25
"""A misconception's result has to be at least this much closer to the observed one than the reference's result."""


def diagnose(
    reference: Function, misconceptions: Iterable[Misconception], observed: Iterable[Observed]
) -> Misconception | None:
    """The first misconception that explains everything observed, or None."""
    newest_first = tuple(observed)[::-1]  # the failing ones come last and rule out most candidates at once
    candidates = tuple(misconceptions)
    for exactly in (True, False):
        for misconception in candidates:
            if _explains(misconception.function, reference, newest_first, exactly=exactly):
                return misconception
    return None


def _explains(function: Function, reference: Function, observed: tuple[Observed, ...], *, exactly: bool) -> bool:
    """Whether the function did all of it, as exactly as each call's precision allows, or as float32 does throughout."""
    tells_apart = False
    for seen in observed:
        call = seen.call
        if not isinstance(seen.observation, Returned):
            if isinstance(seen.observation, Raised) and _raises(function, call):
                continue
            return False
        for got, candidate, right in _comparisons(function, reference, call, seen.observation):
            if got is None:
                return False
            precision = kept_precision(call, seen.observation) if exactly else Precision.SINGLE
            expectation = _expectation(candidate, call.case, precision)
            if expectation is None or not (_agrees(got, expectation) or _is_evaluated(got, expectation)):
                return False
            tells_apart |= _much_closer(got, expectation, expect(right, call.case, precision))
    return tells_apart


def _raises(function: Function, call: Call) -> bool:
    evaluation = gradient_of(function, call) if call.differentiate else value_of(function)
    return _expectation(evaluation, call.case, call.precision) is None


def _comparisons(
    function: Function, reference: Function, call: Call, returned: Returned
) -> Iterable[tuple[Leaves | None, Evaluation, Evaluation]]:
    """What was got, and how to evaluate the candidate and the reference for it: the value, then the gradients."""
    yield as_tensors(returned.value), value_of(function), value_of(reference)
    if call.differentiate:
        yield _gradients(call, returned), gradient_of(function, call), gradient_of(reference, call)


def _gradients(call: Call, returned: Returned) -> Leaves:
    found = []
    for name in call.differentiate:
        like = call.case.inputs[name]
        assert isinstance(like, torch.Tensor)
        given = returned.gradients.get(name)
        found.append(torch.where(torch.isfinite(like), torch.zeros_like(like) if given is None else given, 0.0))
    return tuple(found)


def _expectation(candidate: Evaluation, case: Case, precision: Precision) -> Expectation | None:
    """The candidate's results, or None where it cannot be evaluated on these inputs: a wrong formula may raise."""
    try:
        return expect(candidate, case, precision)
    except Exception:  # noqa: BLE001 -- whatever a wrong formula raises, it does not explain a result
        return None


def _agrees(got: Leaves, expectation: Expectation) -> bool:
    if len(got) != len(expectation.leaves):
        return False
    return all(
        result.shape == leaf.value.shape and difference(result, leaf) is None
        for result, leaf in zip(got, expectation.leaves, strict=True)
    )


def _is_evaluated(got: Leaves, expectation: Expectation) -> bool:
    """Whether the candidate itself gives just this: digits lost in a wrong order are nowhere near its oracle."""
    return any(_distance(got, evaluation) == 0 for evaluation in expectation.evaluations)


def _much_closer(got: Leaves, candidate: Expectation, right: Expectation) -> bool:
    """Whether the candidate is much nearer to what was got than the right answer, which is outside its allowance."""
    if _agrees(got, right):
        return False
    to_right = _distance(got, tuple(leaf.value for leaf in right.leaves))
    evaluations = (tuple(leaf.value for leaf in candidate.leaves), *candidate.evaluations)
    return min(_distance(got, each) for each in evaluations) <= CLOSER * to_right


def _distance(got: Leaves, other: Leaves) -> float:
    """Largest elementwise gap; infinite where the shapes or the non-finite elements differ."""
    if [g.shape for g in got] != [o.shape for o in other]:
        return float("inf")
    gaps = []
    for a, b in ((g.double(), o.double()) for g, o in zip(got, other, strict=True)):
        same = (a == b) | (a.isnan() & b.isnan())
        gap = torch.where(same, 0.0, (a - b).abs())
        gaps.append(torch.where(gap.isnan(), torch.inf, gap).max().item() if gap.numel() else 0.0)
    return max(gaps, default=0.0)
