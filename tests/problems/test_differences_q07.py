"""Question 7 says that clipping keeps the ratio in its interval: what it does instead."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import torch

from reference.ppo import ppo_clip_objective

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"
SECTION = "## 7."
EPSILON = 0.2


def slope(ratio: float, advantage: float) -> float:
    """The derivative of a single sample's objective with respect to log π(a|s)."""
    log_prob = torch.tensor([ratio], dtype=torch.float64).log().requires_grad_()
    objective = ppo_clip_objective(
        log_prob, torch.zeros(1, dtype=torch.float64), torch.tensor([advantage], dtype=torch.float64), EPSILON
    )
    return torch.autograd.grad(objective, log_prob)[0].item()


def rows_of_the_page() -> list[list[Fraction]]:
    """r, and the derivatives for Â = 1 and Â = −1, as the table has them."""
    lines = PAGE.read_text(encoding="utf-8").partition(SECTION)[2].splitlines()
    rows = [line.replace("−", "-").strip("|").split("|") for line in lines if re.match(r"\| [\d/]+ \|", line)]
    return [[Fraction(cell.strip()) for cell in row] for row in rows]


def test_a_sample_that_left_the_interval_on_the_other_side_keeps_its_gradient_as_the_page_shows() -> None:
    shown = [[float(cell) for cell in row] for row in rows_of_the_page()]

    found = torch.tensor([[ratio, slope(ratio, 1.0), slope(ratio, -1.0)] for ratio, *_ in shown], dtype=torch.float64)
    assert [row[0] for row in shown] == [0.5, 1.0, 1.5]
    torch.testing.assert_close(found, torch.tensor(shown, dtype=torch.float64), rtol=1e-14, atol=0.0)


def test_one_step_along_the_gradient_leaves_the_interval() -> None:
    step = 1.0

    ratio = torch.tensor(step * slope(1.0, 1.0)).exp().item()

    assert ratio > 1 + EPSILON
