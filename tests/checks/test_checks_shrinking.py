"""Shrinking shows a case that a person can check by hand, and never another mistake than the one that was made."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from grader.checks import Agreement, Gradients
from grader.checks.agreement import judged_by_value, plain_call
from grader.checks.cases import drawn_cases
from grader.checks.shrink import LARGEST_SIZE, smallest_failing
from grader.grading import run_examination
from grader.model.evidence import CallStopped, ExceptionRaised, GradientMissing, ShapeMismatch, ValueMismatch
from grader.model.exchange import Precision, Raised, Stopped, StopReason
from grader.model.sampling import LogProbs
from grader.model.signature import Number, Signature, Tensor
from grader.model.verdict import Outcome
from grader.rehearsal import answering
from tests.checks.small_problems import PROBLEM, examined, replying, trial_of, weighted_gap


def last_case(finding):
    return finding.observed[-1].call.case


def off_by_a_factor(x, target, scale):
    return 2 * weighted_gap(x, target, scale)


def wrong_feature(x, target, scale):
    return weighted_gap(x, target.flip(-1), scale)


def summed_over_rows(x, target, scale):
    return weighted_gap(x, target, scale).cumsum(-2)


@pytest.mark.parametrize(("wrong", "most"), [(off_by_a_factor, 2), (wrong_feature, 10), (summed_over_rows, 10)])
@pytest.mark.parametrize("seed", range(6))
def test_typical_mistakes_are_shown_on_a_handful_of_numbers(wrong, most, seed):
    finding = examined(Agreement(1), wrong, seed)
    assert isinstance(finding.evidence, ValueMismatch)
    assert finding.evidence.setting.case == "a small case"
    assert last_case(finding).elements() <= most


@pytest.mark.parametrize("seed", range(4))
def test_numbers_that_do_not_matter_become_0_or_1(seed):
    finding = examined(Agreement(1), wrong_feature, seed)
    numbers = [float(v) for n in ("x", "target") for v in last_case(finding).inputs[n].flatten()]
    assert sum(number in (0.0, 1.0) for number in numbers) >= len(numbers) - 1


def test_a_small_case_is_the_same_every_time():
    first, second = (examined(Agreement(1), wrong_feature, 3) for _ in range(2))
    assert first.evidence == second.evidence


def test_the_evidence_is_about_the_small_case():
    finding = examined(Agreement(1), off_by_a_factor)
    evidence, case = finding.evidence, last_case(finding)
    assert evidence.setting.inputs["x"] == case.inputs["x"].tolist()
    assert evidence.expected == weighted_gap(**case.inputs).tolist()
    assert evidence.got == off_by_a_factor(**case.inputs).tolist()


def test_a_mistake_that_only_large_cases_show_keeps_its_own_case():
    def wrong_when_large(x, target, scale):
        return weighted_gap(x, target, scale) + (x.numel() > LARGEST_SIZE**3)

    finding = examined(Agreement(1), wrong_when_large)
    assert isinstance(finding.evidence, ValueMismatch)
    assert finding.evidence.setting.case != "a small case"


def test_a_wrong_number_does_not_become_a_nan():
    def wrong_and_undefined_when_small(x, target, scale):
        result = 2 * weighted_gap(x, target, scale)
        return result if x.numel() > 12 else result * float("nan")

    finding = examined(Agreement(1), wrong_and_undefined_when_small)
    assert finding.evidence.got_there == finding.evidence.got_there


def test_a_wrong_value_does_not_become_a_wrong_shape_or_an_exception():
    def another_mistake_when_small(x, target, scale):
        if x.numel() == 1:
            raise ZeroDivisionError("one element")
        return weighted_gap(x, target, scale).sum() if x.numel() < 4 else 2 * weighted_gap(x, target, scale)

    finding = examined(Agreement(1), another_mistake_when_small)
    assert isinstance(finding.evidence, ValueMismatch)
    assert last_case(finding).inputs["x"].numel() >= 4


def test_one_exception_does_not_become_another():
    def raises_differently_when_small(x, target, scale):
        if x.numel() < 4:
            raise ZeroDivisionError("too small")
        raise IndexError("out of range")

    finding = examined(Agreement(1), raises_differently_when_small)
    assert isinstance(finding.evidence, ExceptionRaised)
    assert finding.evidence.type_name == "IndexError"


def test_a_missing_gradient_stays_one():
    def differs_when_small(x, target, scale):
        return weighted_gap(x, target, scale).detach() if x.numel() > 4 else 2 * weighted_gap(x, target, scale)

    finding = examined(Gradients(1), differs_when_small)
    assert isinstance(finding.evidence, GradientMissing)
    assert last_case(finding).inputs["x"].numel() > 4


@pytest.mark.parametrize("smallest", [1, 8])
def test_a_function_that_hangs_on_small_cases_is_not_asked_again(smallest):
    hung = []

    def reply(call):
        if call.case.name != "a small case" or call.case.elements() > smallest + 1:
            return None
        hung.append(call)
        return Stopped(StopReason.CPU, "10 s")

    ask = replying(reply, off_by_a_factor)
    finding = run_examination(Agreement(1).examine(trial_of()), ask)
    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, ValueMismatch)
    assert len(hung) == 1
    assert ask.calls[-1] is hung[0]


def test_a_function_that_hangs_while_numbers_become_simpler_is_not_asked_again():
    hung = []

    def reply(call):
        if call.case.name == "a small case" and 0.0 in call.case.inputs["x"].flatten().tolist():
            hung.append(call)
            return Stopped(StopReason.CPU, "10 s")
        return None

    finding = run_examination(Agreement(1).examine(trial_of(seed=5)), replying(reply, off_by_a_factor))
    assert isinstance(finding.evidence, ValueMismatch)
    assert len(hung) <= 1


def test_a_function_that_hangs_is_asked_once():
    ask = replying(lambda call: Stopped(StopReason.WALL, "20 s"))
    finding = run_examination(Agreement(1).examine(trial_of()), ask)
    assert isinstance(finding.evidence, CallStopped)
    assert len(ask.calls) == 1


def test_a_function_that_raises_everywhere_is_not_asked_for_ever():
    ask = replying(lambda call: Raised("RuntimeError", "always"))
    run_examination(Agreement(1).examine(trial_of()), ask)
    assert len(ask.calls) <= 50


def test_small_values_stay_within_what_the_problem_allows():
    signature = Signature({"log_prob": Tensor("N", "any", LogProbs()), "w": Number("any", (1.5,), 2.0)}, "N")
    problem = replace(
        PROBLEM, signature=signature, reference=lambda log_prob, w: w * log_prob, examples=(), edges=(),
        checks=(Agreement(1),), misconceptions=(),
    )  # fmt: skip
    seen = []

    def wrong(log_prob, w):
        seen.append(log_prob)
        return w * log_prob + 1

    assert examined(Agreement(1), wrong, problem=problem).outcome is Outcome.FAILED
    assert max(float(log_prob.max()) for log_prob in seen) <= 0.0


def test_a_shape_mistake_is_shown_on_a_small_shape():
    finding = examined(Agreement(1), lambda **inputs: weighted_gap(**inputs).sum(-1, keepdim=True))
    assert isinstance(finding.evidence, ShapeMismatch)
    assert finding.evidence.got != finding.evidence.expected
    assert max(finding.evidence.expected) <= LARGEST_SIZE


def test_a_right_answer_has_no_failing_case():
    trial = trial_of()
    (case,) = drawn_cases(trial, "any", 1)
    like = examined(Agreement(1), off_by_a_factor).evidence

    def examination():
        found = yield from smallest_failing(
            trial,
            lambda small: plain_call(trial, small, Precision.DOUBLE),
            lambda call, seen: judged_by_value(trial, call, seen),
            like,
        )
        return found

    assert run_examination(examination(), answering(weighted_gap)) is None
    assert torch.isfinite(case.inputs["x"]).all()
