"""Gradients and properties: what is missing, wrong or must not be there is named by the right kind of evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from grader.checks import Agreement, Gradients, Invariance
from grader.checks.cases import drawn_cases
from grader.checks.gradient import differentiating_call
from grader.model.evidence import (
    GradientLeak,
    GradientMismatch,
    GradientMissing,
    PropertyViolation,
)
from grader.model.verdict import Outcome
from tests.checks.small_problems import (
    FIRST_FEATURE_ALONE,
    PROBLEM,
    SHIFTED_TOGETHER,
    entry_of,
    examined,
    graded,
    trial_of,
    verdict_on,
    weighted_gap,
)


def of_name(check):
    return check.name


@pytest.mark.parametrize(
    "cut",
    [
        lambda x, target, scale: weighted_gap(x, target, scale).detach(),
        lambda x, target, scale: weighted_gap(x.detach(), target, scale),
        lambda x, target, scale: torch.tensor(weighted_gap(x, target, scale).tolist(), dtype=x.dtype),
    ],
    ids=["result detached", "input detached", "rebuilt"],
)
def test_a_missing_gradient_is_named(cut):
    finding = examined(Gradients(1), cut)
    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, GradientMissing)
    assert finding.evidence.argument == "x"
    assert finding.evidence.reason


def test_a_result_under_no_grad_has_no_gradient():
    @torch.no_grad()
    def without(x, target, scale):
        return weighted_gap(x, target, scale)

    assert isinstance(examined(Gradients(1), without).evidence, GradientMissing)


class Squared(torch.autograd.Function):
    factor = 2.0

    @staticmethod
    def forward(ctx, gap):
        ctx.save_for_backward(gap)
        return gap.square()

    @staticmethod
    def backward(ctx, upstream):
        (gap,) = ctx.saved_tensors
        return Squared.factor * gap * upstream


@pytest.mark.parametrize("factor", [1.0, 2.0 + 1e-2, float("nan"), float("inf"), -2.0])
def test_a_wrong_gradient_of_a_right_value_fails(factor, monkeypatch):
    monkeypatch.setattr(Squared, "factor", factor)
    report = graded(lambda x, target, scale: scale * Squared.apply(x - target.detach()))
    assert verdict_on(report, "agreement").outcome is Outcome.PASSED
    evidence = verdict_on(report, "gradient").evidence
    assert isinstance(evidence, GradientMismatch)
    assert evidence.argument == "x"


def test_a_right_gradient_written_by_hand_passes():
    report = graded(lambda x, target, scale: scale * Squared.apply(x - target.detach()))
    assert report.outcome is Outcome.PASSED


def test_a_gradient_into_a_constant_is_a_leak():
    finding = examined(Gradients(1), lambda x, target, scale: scale * (x - target).square())
    assert isinstance(finding.evidence, GradientLeak)
    assert finding.evidence.argument == "target"


def test_a_function_that_refuses_constants_that_require_grad_leaks_nothing():
    def through_numpy(x, target, scale):
        return scale * (x - torch.from_numpy(target.numpy())).square()

    assert examined(Gradients(1), through_numpy).outcome is Outcome.PASSED


def test_a_zero_gradient_and_none_are_the_same():
    constant = replace(PROBLEM, reference=lambda x, target, scale: x * 0 + scale)
    assert examined(Gradients(1), lambda x, target, scale: torch.full_like(x, scale), problem=constant).outcome is (
        Outcome.PASSED
    )


def test_a_violated_property_is_reported_where_values_are_right_otherwise():
    def breaks_far_out(x, target, scale):
        return weighted_gap(x, target, scale) * (2.0 if x.mean() > 1.0 else 1.0)

    finding = examined(SHIFTED_TOGETHER, breaks_far_out)
    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, PropertyViolation)
    assert finding.evidence.statement == SHIFTED_TOGETHER.title


def test_an_influence_that_must_not_be_there_is_a_violation():
    def mixing(x, target, scale):
        result = weighted_gap(x, target, scale)
        return result + 1e-12 * x.sum()

    finding = examined(FIRST_FEATURE_ALONE, mixing)
    assert isinstance(finding.evidence, PropertyViolation)


def test_a_nan_gradient_is_an_influence():
    finding = examined(
        FIRST_FEATURE_ALONE, lambda x, target, scale: weighted_gap(x, target, scale) + 0 * (x - x).sqrt()
    )
    assert isinstance(finding.evidence, PropertyViolation)


@pytest.mark.parametrize("check", [SHIFTED_TOGETHER, FIRST_FEATURE_ALONE], ids=of_name)
def test_a_property_that_wrong_values_happen_to_have_is_blocked_and_earns_nothing(check):
    report = graded(lambda x, target, scale: 2 * weighted_gap(x, target, scale))
    verdict = verdict_on(report, check.name)
    assert (verdict.outcome, verdict.points) == (Outcome.BLOCKED, 0.0)


def test_a_relation_that_cannot_be_applied_to_a_misshapen_result_is_not_our_failure():
    scaling = Invariance(
        "scaling",
        1,
        "twice x gives twice the result",
        change=lambda inputs: {"x": 2 * inputs["x"]},
        expected=lambda result, changed: result * torch.ones_like(changed["x"]),
    )
    for wrong in (lambda x, target, scale: torch.zeros(4, 4, 4), lambda x, target, scale: (x, x)):
        report = graded(wrong, entry=_entry_with(scaling))
        assert verdict_on(report, "scaling").outcome is Outcome.BLOCKED
        assert verdict_on(report, "scaling").points == 0.0


def test_a_relation_that_cannot_be_applied_to_flags_is_not_our_failure():
    lower = Invariance(
        "lower",
        1,
        "a larger x lowers the result",
        change=lambda inputs: {"x": inputs["x"] + 1},
        expected=lambda result, _changed: result - 1,
    )
    report = graded(lambda x, target, scale: weighted_gap(x, target, scale) > 0, entry=_entry_with(lower))
    assert verdict_on(report, "lower").outcome is Outcome.FAILED


def _entry_with(check):
    return entry_of(replace(PROBLEM, checks=(Agreement(1), check)))


def test_a_gradient_is_weighed_with_unequal_numbers_that_can_overflow_nothing():
    (case,) = drawn_cases(trial_of(), "any", 1)
    weights = differentiating_call(trial_of(), case, ("x",)).cotangent
    assert len(weights.unique()) > 1
    assert 0.0 < float(weights.min()) <= float(weights.max()) < 1.0
