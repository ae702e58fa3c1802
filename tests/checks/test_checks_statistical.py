"""Tests of chance: right answers pass, by simulation and by the bound; wrong ones are found with the stated power."""

from __future__ import annotations

import math
from collections import Counter

import pytest
import torch

from grader.checks import MeanMatches, RowsOfOneCall, UniformChoice
from grader.checks.statistical import SIZE, Sampled
from grader.compare.chance import detectable_divergence, divergence, largest_deviation, largest_divergence
from grader.grading import run_examination
from grader.model.evidence import ExceptionRaised, ShapeMismatch, StatisticalMismatch, TypeMismatch
from grader.model.generators import Generator, Seeded
from grader.model.problem import Misconception, Trial
from grader.model.signature import Number, Signature, Tensor
from grader.model.verdict import Outcome
from grader.rehearsal import answering

SIDES = 6
THROWS = UniformChoice(
    "uniform",
    1,
    "every side is equally likely",
    RowsOfOneCall(
        lambda rng: {"count": 50, "generator": Seeded(int(torch.randint(1 << 31, (), generator=rng)))},
        outcomes=SIDES,
        rows=lambda result: result.tolist() if result.shape == (50,) and int(result.max()) < SIDES else [],
    ),
    looks=(200, 1000),
)
DIE = Signature(
    {"count": Number("throws", (50,), 50), "generator": Generator("randomness")}, returns="n", dtype="int64"
)


def die(count, generator):
    return torch.randint(SIDES, (count,), generator=generator)


def weighed(weights):
    """A die that falls with these weights."""
    return lambda count, generator: torch.multinomial(torch.tensor(weights), count, True, generator=generator)


def never_six(count, generator):
    """You never throw a six. Draw from all sides."""
    return torch.randint(SIDES - 1, (count,), generator=generator)


def examined(check, function, signature, seed=1, misconceptions=()):
    named = tuple(Misconception.of(each) for each in misconceptions)
    trial = Trial("throws", signature, function, (), (), seed, misconceptions=named)
    return run_examination(check.examine(trial), answering(function))


def test_a_fair_die_is_never_rejected_in_200_gradings():
    outcomes = Counter(examined(THROWS, die, DIE, seed).outcome for seed in range(200))
    assert outcomes == {Outcome.PASSED: 200}


def test_the_bound_on_fair_dice_holds_and_is_not_empty():
    rng = torch.Generator().manual_seed(0)
    throws = torch.randint(SIDES, (20_000, 120), generator=rng)
    statistics = [divergence(Counter(row), SIDES) for row in throws.tolist()]
    for size in (0.1, 0.01):
        exceeding = sum(value > largest_divergence(SIDES, size) for value in statistics) / len(statistics)
        assert exceeding <= size
    assert max(statistics) > largest_divergence(SIDES, 0.1)


def biased_by(kappa):
    """Weights of a die whose divergence from a fair one is kappa: one side is likelier, and the rest are alike."""
    low, high = 1 / SIDES, 1.0
    for _ in range(60):
        share = (low + high) / 2
        rest = (1 - share) / (SIDES - 1)
        found = share * math.log(share * SIDES) + (1 - share) * math.log(rest * SIDES)
        low, high = (share, high) if found < kappa else (low, share)
    return [low, *[(1 - low) / (SIDES - 1)] * (SIDES - 1)]


def test_a_bias_that_is_said_to_be_detectable_is_found():
    die_of_that_bias = weighed(biased_by(THROWS.detectable))
    found = sum(examined(THROWS, die_of_that_bias, DIE, seed).outcome is Outcome.FAILED for seed in range(100))
    assert found >= 97


def test_gross_mistakes_are_found_at_the_first_look():
    finding = examined(THROWS, weighed([1.0, 1.0, 1.0, 0.0, 0.0, 0.0]), DIE)
    assert isinstance(finding.evidence, StatisticalMismatch)
    assert finding.evidence.draws == 200
    assert finding.evidence.size == SIZE
    assert finding.evidence.statistic > finding.evidence.threshold
    assert "3 of them never" in finding.evidence.got


def test_what_draws_like_a_misconception_is_named_after_it():
    finding = examined(THROWS, lambda count, generator: never_six(count, generator), DIE, misconceptions=(never_six,))
    assert finding.named == "never_six"
    other = examined(THROWS, weighed([0.0, 1.0, 1.0, 1.0, 1.0, 1.0]), DIE, misconceptions=(never_six,))
    assert other.outcome is Outcome.FAILED
    assert other.named is None


@pytest.mark.parametrize(
    ("result", "evidence"),
    [(torch.zeros(50), TypeMismatch), (torch.full((50,), 9), TypeMismatch), ("six", TypeMismatch)],
    ids=["floats", "no side", "a text"],
)
def test_results_that_can_not_be_counted_are_a_failure(result, evidence):
    assert isinstance(examined(THROWS, lambda count, generator: result, DIE).evidence, evidence)


def test_an_exception_is_a_submission_error():
    def raising(count, generator):
        raise KeyError("no")

    finding = examined(THROWS, raising, DIE)
    assert finding.outcome is Outcome.SUBMISSION_ERROR
    assert isinstance(finding.evidence, ExceptionRaised)


def test_a_threshold_grows_as_the_size_shrinks_and_less_is_detected():
    thresholds = [largest_divergence(10, size) for size in (1e-2, 1e-4, 1e-6)]
    assert thresholds == sorted(thresholds)
    assert largest_divergence(10, 5e-7) == pytest.approx(35.98, abs=0.01)
    assert detectable_divergence(35.98, 1200) < detectable_divergence(35.98, 600)


@pytest.mark.parametrize("outcomes", [2, 24, 5040, math.factorial(9)])
def test_the_bound_is_as_small_as_the_size_at_the_threshold_for_any_number_of_outcomes(outcomes):
    freedom, threshold = outcomes - 1, largest_divergence(outcomes, 5e-7)
    assert threshold > freedom
    assert -threshold + freedom * (1 + math.log(threshold / freedom)) == pytest.approx(math.log(5e-7))


def test_bernstein_is_gaussian_for_many_draws():
    gaussian = math.sqrt(2 * math.log(2 / 1e-6) / 1e9)
    assert largest_deviation(1.0, 10.0, 10**9, 1e-6) == pytest.approx(gaussian, rel=1e-3)


def uniform_numbers(count, rng):
    values = torch.rand(count, 2, generator=rng, dtype=torch.float64)
    constant = torch.full((2,), 1.0, dtype=torch.float64)
    return Sampled({"x": values}, constant / 2, constant / 12, constant / 2)


MEAN = MeanMatches("mean", 1, "it is right on average", uniform_numbers, (200, 1000))
VECTORS = Signature({"x": Tensor("N D", "numbers")}, returns="D")


def mean(x):
    return x.mean(dim=0)


def test_a_right_mean_is_never_rejected_in_200_gradings():
    assert {examined(MEAN, mean, VECTORS, seed).outcome for seed in range(200)} == {Outcome.PASSED}


def test_the_bound_on_means_holds():
    rng = torch.Generator().manual_seed(0)
    means = torch.rand(20_000, 200, generator=rng, dtype=torch.float64).mean(dim=1)
    for size in (0.1, 0.01):
        exceeding = ((means - 0.5).abs() > largest_deviation(1 / 12, 0.5, 200, size)).double().mean()
        assert exceeding <= size


def test_a_bias_of_a_mean_that_is_said_to_be_detectable_is_found():
    sampled = uniform_numbers(1000, torch.Generator().manual_seed(0))
    bias = float(MEAN.allowed(sampled, 1000).max()) + 2.4 * math.sqrt(1 / 12 / 1000)
    found = sum(examined(MEAN, lambda x: mean(x) + bias, VECTORS, seed).outcome is Outcome.FAILED for seed in range(50))
    assert found >= 48


@pytest.mark.parametrize(
    ("function", "evidence"),
    [
        (lambda x: x.mean(), ShapeMismatch),
        (lambda x: "half", TypeMismatch),
        (lambda x: mean(x) * torch.nan, StatisticalMismatch),
        (lambda x: mean(x) * torch.inf, StatisticalMismatch),
        (lambda x: mean(x) * torch.tensor([1.0, 1.2]), StatisticalMismatch),
    ],
    ids=["one number", "a text", "NaN", "infinity", "one element"],
)
def test_a_wrong_mean_is_found(function, evidence):
    finding = examined(MEAN, function, VECTORS)
    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, evidence)
