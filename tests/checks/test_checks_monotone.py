"""Monotonicity is seen on the results handed in: falling anywhere fails, and no gradient at all is no fall."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from grader.checks import Agreement
from grader.checks.monotone import Monotone
from grader.model.evidence import ExceptionRaised, PropertyViolation
from grader.model.verdict import Outcome
from tests.checks.small_problems import PROBLEM, examined

RISES_WITH_X = Monotone("rises_with_x", 1, "the result never falls when x rises", of=("x",))


def cubed(x, target, scale):
    """The reference: it rises with x, and falls when the target rises."""
    return scale * (x - target) ** 3


RISING = replace(PROBLEM, reference=cubed, checks=(Agreement(1), RISES_WITH_X))


def refuses(x, target, scale):
    raise ValueError("not today")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "rising",
    [
        cubed,
        lambda x, target, scale: torch.exp(x),
        lambda x, target, scale: torch.relu(x - target),
        lambda x, target, scale: torch.zeros_like(x) + x.detach(),
        lambda x, target, scale: x - x + target.expand_as(x),
        lambda x, target, scale: x * 3.3 - x * 1.1 - x * 2.2,
    ],
    ids=["the reference", "exponential", "flat below", "detached", "constant", "zero but for rounding"],
)
def test_what_never_falls_passes(rising, seed):
    assert examined(RISES_WITH_X, rising, seed, RISING).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "falling",
    [
        lambda x, target, scale: target - x,
        lambda x, target, scale: (x - target).square(),
        lambda x, target, scale: x - 2 * torch.nn.functional.pad(x[..., :1], (0, x.shape[-1] - 1)),
        lambda x, target, scale: x.clamp(min=0).sqrt() * 0 / 0,
    ],
    ids=["everywhere", "on one side", "in one element", "no number"],
)
def test_what_falls_somewhere_fails_with_the_gradient(falling):
    finding = examined(RISES_WITH_X, falling, problem=RISING)

    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, PropertyViolation)
    assert finding.evidence.statement == "the result never falls when x rises"
    assert finding.evidence.expected != finding.evidence.got


def test_only_the_named_inputs_are_looked_at():
    falls_with_the_target = replace(RISES_WITH_X, of=("target",))

    assert examined(RISES_WITH_X, cubed, problem=RISING).outcome is Outcome.PASSED
    assert examined(falls_with_the_target, cubed, problem=RISING).outcome is Outcome.FAILED


def test_an_exception_is_the_submissions_error():
    finding = examined(RISES_WITH_X, refuses, problem=RISING)

    assert finding.outcome is Outcome.SUBMISSION_ERROR
    assert isinstance(finding.evidence, ExceptionRaised)
