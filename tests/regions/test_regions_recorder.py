"""Branches are told apart by where they stand in the source, on tensors and on numbers."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch

from grader.model.case import Case
from grader.model.exchange import Session, Step
from grader.regions.recorder import branches_of


def two_on_one_line(x: torch.Tensor) -> torch.Tensor:
    return torch.relu(x) + torch.relu(x - 10)


def through_a_module(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.ELU()(x)


def within_bounds(x: float) -> float:
    return min(max(x / 2, 0.0), 1.0)


def halved_or_doubled(x: float, y: int) -> float:
    if x > 2 * y:
        return 2 * x
    return x / 2 if x == 1 else x


class Counter:
    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0

    def add(self, number: int) -> None:
        if self._count + number > self._most:
            raise ValueError("too many")
        self._count += number


def taken(function: Any, **inputs: Any) -> dict[str, list[str]]:
    """The expressions of a function's branches, each with the sides that were reached."""
    found = branches_of(function, Case("", inputs, {}))
    return {branch.code: [side for side, reached in sides.items() if reached] for branch, sides in found.items()}


def test_two_branches_on_one_line_are_told_apart() -> None:
    x = torch.tensor([1.0, 2.0])
    assert taken(two_on_one_line, x=x) == {"torch.relu(x)": ["positive"], "torch.relu(x - 10)": ["negative"]}


def test_a_branch_stands_on_the_line_of_the_code_that_called_pytorch() -> None:
    (branch,) = branches_of(through_a_module, Case("", {"x": torch.ones(2)}, {}))
    first = inspect.getsourcelines(through_a_module)[1]
    assert (branch.path, branch.line, branch.code) == (__file__, first + 1, "torch.nn.ELU()(x)")


@pytest.mark.parametrize(
    ("x", "below", "above"),
    [
        (0.0, "both are equal", "the first is smaller"),
        (1.0, "the first is larger", "the first is smaller"),
        (2.0, "the first is larger", "both are equal"),
        (3.0, "the first is larger", "the first is larger"),
    ],
)
def test_numbers_that_are_compared_tell_on_which_side_they_were(x: float, below: str, above: str) -> None:
    assert taken(within_bounds, x=x) == {"max(x / 2, 0.0)": [below], "min(max(x / 2, 0.0), 1.0)": [above]}


def test_a_constant_of_the_function_is_not_watched() -> None:
    assert taken(within_bounds, x=-1.0) == {"max(x / 2, 0.0)": ["the first is smaller"]}


def test_comparisons_of_numbers_are_those_of_the_code() -> None:
    assert taken(halved_or_doubled, x=3.0, y=1) == {"x > 2 * y": ["the first is larger"]}
    assert taken(halved_or_doubled, x=1.0, y=1) == {"x > 2 * y": ["the first is smaller"], "x == 1": ["both are equal"]}


@pytest.mark.parametrize("x", [-3.0, 0.0, 0.5, 1.0, 7.0])
def test_watching_changes_no_result(x: float) -> None:
    results = []

    def kept(x: float, y: int) -> None:
        results.append((within_bounds(x), halved_or_doubled(x, y), -x, 2**y, y // 2, 7 % y, abs(x), hash(x)))

    branches_of(kept, Case("", {"x": x, "y": 2}, {}))
    kept(x, 2)
    assert results[0] == results[1]


def test_a_number_can_be_used_with_tensors() -> None:
    def scaled(x: torch.Tensor, factor: float, times: int) -> torch.Tensor:
        return sum((factor * x + x / times for _ in range(times)), torch.zeros(times))

    assert taken(scaled, x=torch.ones(2), factor=0.5, times=2) == {}


def test_truth_values_stay_what_they_are() -> None:
    seen = []
    branches_of(lambda flag: seen.append(flag), Case("", {"flag": True}, {}))
    assert seen[0] is True


def test_a_class_is_followed_through_a_sequence_of_calls() -> None:
    steps = tuple(Step("add", {"number": number}) for number in (1, 1, 3))
    (found,) = branches_of(Counter, Session("Counter", {"most": 2}, steps)).values()
    assert found == {"the first is smaller": True, "both are equal": True, "the first is larger": True}
