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

    Non-finite values agree only with the same non-finite value. Both tensors have one shape.
    """
    expected = leaf.value
    if expected.numel() == 0:
        return None
    distance = _distance(got.to(expected.dtype), expected)
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
    same = (got == expected) | (got.isnan() & expected.isnan())
    gap = (got.double() - expected.double()).abs()
    gap = torch.where(gap.isnan(), torch.inf, gap)
    return torch.where(same, 0.0, gap)
