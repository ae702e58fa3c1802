"""Where a result differs from what is expected by more than is allowed."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from grader.compare.expectation import Leaf


@dataclass(frozen=True, slots=True)
class Difference:
    """The worst element that lies outside its allowance, and how many do."""

    index: tuple[int, ...]
    expected: float
    got: float
    allowance: float
    differing: int
    total: int


def difference(got: torch.Tensor, leaf: Leaf) -> Difference | None:
    """The worst disagreement of `got` with `leaf`, or None where all elements agree.

    Non-finite values agree only with the same non-finite value, integers only exactly. Both tensors have one shape.
    """
    expected = leaf.value
    if expected.numel() == 0:
        return None
    distance = _distance(got, expected)
    outside = distance > leaf.allowance
    if not bool(outside.any()):
        return None
    worst = int(distance.argmax())
    index = tuple(int(i) for i in torch.unravel_index(torch.tensor(worst), expected.shape))
    return Difference(
        index,
        float(expected[index]),
        float(got[index]),
        leaf.allowance,
        int(outside.sum()),
        expected.numel(),
    )


def _distance(got: torch.Tensor, expected: torch.Tensor) -> torch.Tensor:
    """|got − expected| in float64; 0 where both are the same non-finite value, infinite where only one is."""
    if not (got.is_floating_point() or expected.is_floating_point()):
        return _integer_distance(got.to(torch.int64), expected.to(torch.int64))
    got, expected = got.double(), expected.double()  # never to the expected dtype: 1.5 is not the integer 1
    same = (got == expected) | (got.isnan() & expected.isnan())
    gap = (got - expected).abs()
    gap = torch.where(gap.isnan(), torch.inf, gap)
    return torch.where(same, 0.0, gap)


def _integer_distance(got: torch.Tensor, expected: torch.Tensor) -> torch.Tensor:
    """At least 1 where two integers differ, also beyond 2^53, where float64 no longer tells neighbours apart."""
    gap = (got.double() - expected.double()).abs()
    return torch.where(got == expected, 0.0, gap.clamp_min(1.0))
