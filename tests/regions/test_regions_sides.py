"""Which side of a branching operation its elements are on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from grader.model.case import Case
from grader.regions.recorder import branches_of

VALUES = torch.tensor([-2.0, 0.0, 3.0], dtype=torch.float64)
SMALLER, EQUAL, LARGER = "the first is smaller", "both are equal", "the first is larger"

BRANCHING: dict[str, tuple[Callable[..., Any], list[str]]] = {
    "minimum": (lambda x: torch.minimum(x, torch.zeros_like(x)), [SMALLER, EQUAL, LARGER]),
    "maximum": (lambda x: torch.maximum(x, torch.zeros_like(x)), [SMALLER, EQUAL, LARGER]),
    "less": (lambda x: x < 0, [SMALLER, EQUAL, LARGER]),
    "less or equal": (lambda x: x <= 0, [SMALLER, EQUAL, LARGER]),
    "greater": (lambda x: x > 0, [SMALLER, EQUAL, LARGER]),
    "greater or equal": (lambda x: x >= 0, [SMALLER, EQUAL, LARGER]),
    "equal": (lambda x: x == 0, [EQUAL, "they differ"]),
    "not equal": (lambda x: x != 0, [EQUAL, "they differ"]),
    "where": (lambda x: torch.where(x.bool(), x, 1.0), ["true", "false"]),
    "masked_fill": (lambda x: x.masked_fill(x.bool(), 1.0), ["true", "false"]),
    "masked_fill_": (lambda x: x.clone().masked_fill_(x.bool(), 1.0), ["true", "false"]),
    "clamp": (lambda x: x.clamp(-1.0, 1.0), ["below", "inside", "above"]),
    "clamp to tensors": (lambda x: x.clamp(-torch.ones(3), torch.ones(3)), ["below", "inside", "above"]),
    "clamp from below": (lambda x: x.clamp(min=-1.0), ["below", "inside"]),
    "clamp from above": (lambda x: x.clamp(max=1.0), ["inside", "above"]),
    "clamp_max": (lambda x: torch.clamp_max(x, 1.0), ["inside", "above"]),
    "hardtanh": (lambda x: torch.nn.functional.hardtanh(x), ["below", "inside", "above"]),
    "abs": (torch.abs, ["negative", "zero", "positive"]),
    "sign": (torch.sign, ["negative", "zero", "positive"]),
    "relu": (torch.relu, ["negative", "zero", "positive"]),
    "leaky_relu": (lambda x: torch.nn.functional.leaky_relu(x), ["negative", "zero", "positive"]),
    "heaviside": (lambda x: torch.heaviside(x, torch.ones_like(x)), ["negative", "zero", "positive"]),
    "elu": (lambda x: torch.nn.functional.elu(x), ["negative", "positive"]),
}


def sides(function: Callable[..., Any], x: torch.Tensor) -> dict[str, bool]:
    """The sides of the only branch of a function."""
    (found,) = branches_of(function, Case("", {"x": x}, {})).values()
    return dict(found)


@pytest.mark.parametrize(("function", "every"), BRANCHING.values(), ids=BRANCHING)
def test_values_on_every_side_reach_every_side(function: Callable[..., Any], every: list[str]) -> None:
    assert sides(function, VALUES) == dict.fromkeys(every, True)


@pytest.mark.parametrize(("function", "every"), BRANCHING.values(), ids=BRANCHING)
@pytest.mark.parametrize("value", VALUES.tolist())
def test_a_single_value_reaches_no_more_than_one_side(
    function: Callable[..., Any], every: list[str], value: float
) -> None:
    one = torch.full((3,), value, dtype=torch.float64)
    assert sum(sides(function, one).values()) <= 1


def test_a_replacement_of_what_is_not_finite_has_three_sides() -> None:
    found = sides(torch.nan_to_num, torch.tensor([1.0, math.nan]).double())
    assert found == {"finite": True, "NaN": True, "infinite": False}


@pytest.mark.parametrize(("x", "side"), [([0.0, 0.0], "zero"), ([3.0, 4.0], "positive")])
def test_a_length_is_zero_or_positive(x: list[float], side: str) -> None:
    found = sides(lambda x: torch.linalg.vector_norm(x, dim=-1), torch.tensor(x).double())
    assert [name for name, reached in found.items() if reached] == [side]


@pytest.mark.parametrize("function", [torch.exp, torch.softmax, torch.cumsum], ids=["exp", "softmax", "cumsum"])
def test_a_smooth_operation_has_no_sides(function: Callable[..., Any]) -> None:
    arguments = () if function is torch.exp else (0,)
    assert branches_of(lambda x: function(x, *arguments), Case("", {"x": VALUES}, {})) == {}
