"""A misconception is named only if it reproduces everything that was seen, and a right answer is never given one."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from grader.checks import Agreement, Gradients
from grader.checks.agreement import plain_call
from grader.checks.cases import drawn_cases
from grader.diagnose import diagnose
from grader.grading import run_examination
from grader.model.exchange import Observed, Precision, Raised
from grader.model.problem import Misconception
from grader.model.verdict import Outcome
from grader.rehearsal import answering
from tests.checks.small_problems import (
    PROBLEM,
    entry_of,
    examined,
    graded,
    replying,
    scale_left_out,
    sign_of_the_gap_kept,
    target_differentiated,
    trial_of,
    verdict_on,
    weighted_gap,
)

KNOWN = PROBLEM.named_misconceptions()


def named(finding, known=KNOWN):
    found = diagnose(weighted_gap, known, finding.observed)
    return found.name if found else None


@pytest.mark.parametrize("mistake", [sign_of_the_gap_kept, scale_left_out])
@pytest.mark.parametrize("seed", range(4))
def test_a_misconception_is_recognised(mistake, seed):
    assert named(examined(Agreement(1), mistake, seed)) == mistake.__name__


@pytest.mark.parametrize(
    "other_form",
    [
        lambda x, target, scale: x * x - 2 * x * target + target * target,
        lambda x, target, scale: torch.stack([(row - target) ** 2 for row in x.unbind(0)]),
        lambda x, target, scale: (x.double() - target.double()).pow(2).to(x.dtype),
    ],
    ids=["expanded", "row by row", "in double"],
)
def test_a_misconception_is_recognised_in_other_words(other_form):
    assert named(examined(Agreement(1), other_form)) == "scale_left_out"


def test_a_misconception_whose_result_has_the_wrong_dtype_is_still_recognised():
    assert named(examined(Agreement(1), lambda **inputs: scale_left_out(**inputs).float())) == "scale_left_out"


@pytest.mark.parametrize("seed", range(4))
def test_a_mistake_in_the_gradient_alone_is_recognised(seed):
    report = graded(target_differentiated, seed)
    verdict = verdict_on(report, "gradient")
    assert (verdict.outcome, verdict.misconception) == (Outcome.FAILED, "target_differentiated")
    assert verdict.diagnosis == "You differentiate the target."
    assert [v.misconception for v in report.verdicts if v.check != "gradient"] == [None] * 5


def test_a_gradient_that_is_stopped_by_mistake_is_recognised():
    def all_detached(x, target, scale):
        """You detach everything."""
        return weighted_gap(x, target, scale).detach()

    entry = entry_of(replace(PROBLEM, misconceptions=(target_differentiated, all_detached)))
    assert verdict_on(graded(all_detached, entry=entry), "gradient").misconception == "all_detached"


def nan(x, target, scale):
    return x * float("nan")


def noise(x, target, scale):
    return torch.randn(x.shape, generator=torch.Generator().manual_seed(x.numel()), dtype=x.dtype)


def mixture(x, target, scale):
    return torch.where(x > 0, scale_left_out(x, target, scale), sign_of_the_gap_kept(x, target, scale))


def half_right(x, target, scale):
    return (scale_left_out(x, target, scale) + weighted_gap(x, target, scale)) / 2


def almost(x, target, scale):
    return scale_left_out(x, target, scale) * (1 + 1e-4)


@pytest.mark.parametrize(
    "wrong",
    [nan, noise, mixture, half_right, almost, lambda x, target, scale: torch.zeros_like(x)],
    ids=["nan", "noise", "mixture", "half right", "almost", "zeros"],
)
@pytest.mark.parametrize("seed", range(4))
def test_where_nothing_fits_nothing_is_claimed(wrong, seed):
    finding = examined(Agreement(1), wrong, seed)
    assert finding.outcome is Outcome.FAILED
    assert named(finding) is None


def test_two_mistakes_in_two_cases_are_not_one():
    mistakes = (scale_left_out, sign_of_the_gap_kept)
    calls = [plain_call(trial_of(), case, Precision.DOUBLE) for case in drawn_cases(trial_of(), "any", 2)]
    one, other = (Observed(c, answering(f)(c)) for c, f in zip(calls, mistakes, strict=True))
    assert diagnose(weighted_gap, KNOWN, (one,)).name == "scale_left_out"
    assert diagnose(weighted_gap, KNOWN, (other,)).name == "sign_of_the_gap_kept"
    assert diagnose(weighted_gap, KNOWN, (one, other)) is None


@pytest.mark.parametrize("check", PROBLEM.checks, ids=lambda check: check.name)
def test_a_right_answer_is_never_diagnosed(check):
    assert named(examined(check, weighted_gap)) is None


def test_a_right_answer_is_not_diagnosed_as_something_that_differs_by_rounding():
    def rounded(x, target, scale):
        """You round."""
        return weighted_gap(x, target, scale) * (1 + 1e-15)

    assert named(examined(Agreement(1), weighted_gap), (Misconception.of(rounded),)) is None


@pytest.mark.parametrize("error", [RuntimeError, AttributeError, KeyError, AssertionError, ZeroDivisionError])
def test_a_misconception_that_raises_is_skipped(error):
    def broken(x, target, scale):
        """It breaks."""
        raise error("it breaks")

    known = (Misconception.of(broken), *KNOWN)
    assert named(examined(Agreement(1), scale_left_out), known) == "scale_left_out"


def test_a_misconception_that_does_not_raise_does_not_explain_an_answer_that_does():
    def reply(call):
        return Raised("ValueError", "sometimes") if call.case.sizes["d"] == 3 else None

    finding = run_examination(Agreement(1, drawn=8).examine(trial_of()), replying(reply, scale_left_out))
    observed = [seen.observation for seen in finding.observed]
    assert any(isinstance(o, Raised) for o in observed)
    assert named(finding) is None


def test_a_misconception_that_raises_where_the_answer_does_explains_it():
    def picky(x, target, scale):
        """You can't do with three features."""
        if target.shape[-1] == 3:
            raise ValueError("three")
        return scale_left_out(x, target, scale)

    finding = examined(Agreement(1, drawn=8), picky)
    assert any(isinstance(seen.observation, Raised) for seen in finding.observed)
    assert named(finding, (*KNOWN, Misconception.of(picky))) == "picky"


def test_nothing_observed_explains_nothing():
    assert diagnose(weighted_gap, KNOWN, ()) is None


def test_right_values_and_a_wrong_gradient_are_not_explained_by_a_mistake_in_the_values():
    finding = examined(Gradients(1), target_differentiated)
    assert named(finding, KNOWN[:2]) is None


def test_a_diagnosis_does_not_depend_on_the_order_of_the_misconceptions():
    finding = examined(Agreement(1), sign_of_the_gap_kept)
    assert named(finding, KNOWN) == named(finding, KNOWN[::-1]) == "sign_of_the_gap_kept"
