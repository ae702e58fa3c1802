"""Whether the results of timed calls are right: compared, after the timing, with the reference on the same contents."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch

from grader.compare.evaluate import default_dtype
from grader.compare.expectation import Leaf, largest, leaf_of
from grader.guest.stopwatch import Burst, Prepared, kept_of, prepared, recall
from grader.model.exchange import Precision
from grader.model.problem import Function
from grader.model.timing import Recalled, Recalling
from grader.model.words import digits

DEVIATIONS = 8.0
"""Standard deviations that a weighed sum of rounding errors may be from 0: the weights are normal."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What one call has to give."""

    sums: torch.Tensor
    elements: tuple[torch.Tensor, ...]
    allowances: tuple[float, ...]
    """Of each result, for one element."""

    counts: tuple[int, ...]
    """Elements of each result."""


def truth(reference: Function, recalling: Recalling, call: int) -> Truth:
    """The reference in float64 on one call's inputs, asked the same as the student's results were."""
    plan = recalling.timing.plan()
    seed = recalling.timing.seeds[call]
    single = prepared(reference, plan, seed)
    oracle = _made(_widened(single), plan, Precision.DOUBLE)
    evaluations = [_made(each, plan, Precision.SINGLE) for each in (single, _nudged(single, seed))]
    scale = max(1.0, largest(*(value.detach() for value in single.arguments if isinstance(value, torch.Tensor))))
    expected = tuple(
        leaf_of(wanted, [each.kept[0][i] for each in evaluations], Precision.SINGLE, scale)
        for i, wanted in enumerate(oracle.kept[0])
    )
    sums, elements, _ = recall(oracle, recalling.seed, recalling.elements)
    return Truth(sums[0], tuple(each[0] for each in elements), _allowances(expected), _counts(expected))


def _allowances(expected: tuple[Leaf, ...]) -> tuple[float, ...]:
    return tuple(leaf.allowance for leaf in expected)


def _counts(expected: tuple[Leaf, ...]) -> tuple[int, ...]:
    return tuple(leaf.value.numel() for leaf in expected)


def _made(call: Prepared, plan: dict[str, Any], precision: Precision) -> Burst:
    with default_dtype(precision.dtype):
        return kept_of([call()], plan)


def _widened(call: Prepared) -> Prepared:
    arguments = tuple(_as_leaf(value, value.detach().double()) if _is_floating(value) else value
                      for value in call.arguments)  # fmt: skip
    cotangents = tuple(each.double() for each in call.cotangents)
    return _with(call, arguments, cotangents)


def _nudged(call: Prepared, seed: int) -> Prepared:
    """Every floating value moved by one ulp, up or down at random."""
    rng: torch.Generator | None = None
    arguments = []
    for value in call.arguments:
        if not _is_floating(value):
            arguments.append(value)
            continue
        rng = rng or torch.Generator(value.device).manual_seed(seed)
        signs = torch.randint(2, value.shape, generator=rng, device=value.device) * 2 - 1
        arguments.append(_as_leaf(value, value.detach() * (1 + torch.finfo(value.dtype).eps * signs)))
    return _with(call, tuple(arguments), call.cotangents)


def _with(call: Prepared, arguments: tuple[Any, ...], cotangents: tuple[torch.Tensor, ...]) -> Prepared:
    inputs = tuple(value for value in arguments if isinstance(value, torch.Tensor) and value.requires_grad)
    return replace(call, arguments=arguments, inputs=inputs, cotangents=cotangents)


def _is_floating(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def _as_leaf(like: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    return value.requires_grad_(like.requires_grad)


def what_is_wrong(wanted: Truth, recalled: Recalled, call: int) -> str | None:
    """The first thing that is not right with one call's results, as a sentence; None where all is."""
    if call in recalled.changed:
        return f"The result of call {call + 1} was still being changed after your function had returned it."
    return next(_troubles(wanted, recalled, call), None)


def _troubles(wanted: Truth, recalled: Recalled, call: int) -> Iterator[str]:
    several = len(wanted.counts) > 1
    for i, (expected, allowance, count) in enumerate(
        zip(wanted.elements, wanted.allowances, wanted.counts, strict=True)
    ):
        which = f"result {i + 1} of call {call + 1}" if several else f"the result of call {call + 1}"
        yield from _wrong_elements(which, expected, recalled.elements[i][call], allowance)
        gap = abs(float(recalled.sums[call, i] - wanted.sums[i]))
        if not gap <= DEVIATIONS * allowance * math.sqrt(max(1, count)):
            yield f"A weighed sum over all elements of {which} is not what it should be: some were not computed."


def _wrong_elements(which: str, expected: torch.Tensor, got: torch.Tensor, allowance: float) -> Iterator[str]:
    distance = torch.where(expected == got, 0.0, (got - expected).abs()).nan_to_num(nan=math.inf)
    if distance.numel() and float(distance.max()) > allowance:
        worst = int(distance.argmax())
        wanted, found = digits(float(expected[worst]), float(got[worst]))
        yield f"An element of {which} is {found}, and should be {wanted}."
