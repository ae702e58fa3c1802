"""The regions that follow from a signature: sizes, batches, what is left out, and what the numbers are like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch

from grader.model.case import Case
from grader.model.sampling import AdditiveMask, Flags, Indices, Simplex
from grader.model.signature import Number, Signature, Tensor
from grader.regions.region import Region, is_the_choice

LARGE = 1000.0
"""Magnitude from which a number counts as large."""

NEARLY_SURE = 0.99
"""Probability from which one counts as near 1."""

Holds = Callable[[torch.Tensor], Any]
"""Whether values are so, as a truth value of any type."""


def regions_of(signature: Signature) -> Iterator[Region]:
    """Every region, those of sizes first and then those of each argument."""
    yield from _regions_of_sizes(signature)
    yield from _regions_of_batches(signature)
    for name, argument in signature.arguments.items():
        if isinstance(argument, Tensor):
            yield from _regions_of_tensor(name, argument)
        elif isinstance(argument, Number):
            yield from _regions_of_number(name, argument)


def _regions_of_sizes(signature: Signature) -> Iterator[Region]:
    axes = _axes_of_arguments(signature)
    for axis in axes:
        yield Region(f"{axis} = 1", partial(_has_size_one, axis), _may_be_one(signature, axis))
        yield Region(f"{axis} > 1", partial(_is_longer, axis), is_demanded=True)
    if len(axes) > 1:
        yield Region("all sizes equal", lambda case: len(set(case.sizes.values())) == 1)
        yield Region("all sizes different", lambda case: len(set(case.sizes.values())) == len(case.sizes) > 1)


def _axes_of_arguments(signature: Signature) -> tuple[str, ...]:
    """Without those that only the result has: a case says nothing of their sizes."""
    return replace(signature, returns="").axes()


def _has_size_one(axis: str, case: Case) -> bool:
    return case.sizes.get(axis) == 1


def _is_longer(axis: str, case: Case) -> bool:
    return case.sizes.get(axis, 1) > 1


def _may_be_one(signature: Signature, axis: str) -> bool:
    """Whether an axis may have the size 1: a multiple of another axis may, where that has it too."""
    return signature.smallest(axis) <= 1 and (signature.multiples or {}).get(axis, 1) in (1, *signature.axes())


def _regions_of_batches(signature: Signature) -> Iterator[Region]:
    if signature.has_batch():
        yield Region("no batch", lambda case: len(case.batch) == 0, is_demanded=True)
        yield Region("one batch axis", lambda case: len(case.batch) == 1, is_demanded=True)
        yield Region("several batch axes", lambda case: len(case.batch) > 1, is_demanded=True)


def _regions_of_number(name: str, number: Number) -> Iterator[Region]:
    """Truth values are all there is to choose from; other choices are typical ones, and any more would do."""
    for choice in number.choices:
        yield Region(f"{name} = {choice}", partial(_is_given_as, name, choice), isinstance(choice, bool))


def _is_given_as(name: str, choice: object, case: Case) -> bool:
    return is_the_choice(case.inputs[name], choice)


def _regions_of_tensor(name: str, tensor: Tensor) -> Iterator[Region]:
    if tensor.optional:
        yield Region(f"{name} is left out", lambda case: case.inputs[name] is None, is_demanded=True)
        yield Region(f"{name} is given", lambda case: case.inputs[name] is not None, is_demanded=True)
    match tensor.values:
        case Indices(axis):
            yield Region(f"{name}: the lowest index", partial(_is_given_with, name, _has_zero), is_demanded=True)
            yield Region(f"{name}: the highest index", partial(_has_the_highest, name, axis), is_demanded=True)
        case Flags() | AdditiveMask():
            for what, holds in _SWITCHES[type(tensor.values)].items():
                yield Region(f"{name}: {what}", partial(_is_given_with, name, holds), is_demanded=True)
        case values:
            for what, holds in (_PROBABILITIES if isinstance(values, Simplex) else _NUMBERS).items():
                yield Region(f"{name}: {what}", partial(_is_given_with, name, holds))


def _is_given_with(name: str, holds: Holds, case: Case) -> bool:
    values = case.inputs[name]
    return isinstance(values, torch.Tensor) and values.numel() > 0 and bool(holds(values))


def _has_the_highest(name: str, axis: str, case: Case) -> bool:
    highest = case.sizes.get(axis, 0) - 1
    return _is_given_with(name, lambda values: (values == highest).any(), case)


def _has_zero(values: torch.Tensor) -> torch.Tensor:
    return (values == 0).any()


_SWITCHES: Mapping[type, Mapping[str, Holds]] = {
    Flags: {
        "none is 1": lambda values: not values.any(),
        "some are 1": lambda values: values.any() and not values.all(),
        "all are 1": lambda values: values.all(),
    },
    AdditiveMask: {
        "nothing is masked": lambda values: not values.isneginf().any(),
        "something is masked": lambda values: values.isneginf().any(),
    },
}
_PROBABILITIES: Mapping[str, Holds] = {
    "a probability of 0": _has_zero,
    "a probability near 1": lambda values: (values >= NEARLY_SURE).any(),
}
_NUMBERS: Mapping[str, Holds] = {
    "a zero": _has_zero,
    "both signs": lambda values: (values < 0).any() and (values > 0).any(),
    "equal elements": lambda values: len(torch.unique(values)) < values.numel(),
    "large numbers": lambda values: (values[values.isfinite()].abs() >= LARGE).any(),
    "infinite numbers": lambda values: values.isinf().any(),
}
