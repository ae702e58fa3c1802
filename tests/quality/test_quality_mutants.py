"""Does the grader find what it must? A single change to a reference loses points, unless it changes nothing."""

from __future__ import annotations

import math
from collections import Counter

import pytest
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.grading import grade
from grader.model.verdict import Outcome
from grader.rehearsal import answering
from tests.problems.core import CORE
from tests.problems.results import changing
from tests.quality.mutants import mutants

PLACES = [place for place in bundled().places if place.id in CORE]

EQUIVALENT = {
    ("discounted_returns", "discounted_returns: torch.zeros_like(rewards) → torch.ones_like(rewards)"): (
        "the buffer is overwritten at every step"
    ),
    ("discounted_returns", "discounted_returns: 0 → -1"): "only the shape of a row is used",
    ("policy_gradient_loss", "action_log_prob: -1 → 1"): "the logits have two axes, the last is number 1",
    (
        "generalized_advantage_estimate",
        "generalized_advantage_estimate: torch.zeros_like(deltas) → torch.ones_like(deltas)",
    ): ("the buffer is overwritten at every step"),
    ("generalized_advantage_estimate", "generalized_advantage_estimate: torch.zeros_like(deltas) → deltas"): (
        "each δ is read before it is overwritten"
    ),
    ("generalized_advantage_estimate", "generalized_advantage_estimate: 0 → -1"): "only the shape of a row is used",
    ("generalized_advantage_estimate", "td_error: target.detach() → target"): "no gradient is asked of this problem",
    ("categorical_entropy", "categorical_entropy: 0.0 → 1.0"): "it is multiplied with a probability of 0",
    ("categorical_entropy", "categorical_entropy: 0.0 → -1.0"): "it is multiplied with a probability of 0",
    (
        "ppo_clip_objective",
        "ppo_clip_objective: torch.minimum(ratio * advantages, clipped_ratio * advantages) → "
        "torch.minimum(clipped_ratio * advantages, ratio * advantages)",
    ): "a minimum is symmetric",
    ("scaled_dot_product_score", "scaled_dot_product_score: keys.transpose(-2, -1) → keys.transpose(-1, -2)"): (
        "a transposition is symmetric"
    ),
    ("masked_attention", "scaled_dot_product_score: keys.transpose(-2, -1) → keys.transpose(-1, -2)"): (
        "a transposition is symmetric"
    ),
}
"""Mutants that compute the same, by problem and change, with the reason."""


def surviving(place):
    """How many mutants there are, and the changes of those that keep all points."""
    entry = load(place)
    survivors: Counter[tuple[str, str]] = Counter()
    total = 0
    for mutant in mutants(entry.problem.reference):
        total += 1
        report = grade(entry, answering(mutant.function), seed=1)
        assert Outcome.GRADER_ERROR not in {v.outcome for v in report.verdicts}, mutant.change
        if report.score == report.max_score:
            survivors[place.id, mutant.change] += 1
    return total, survivors


@pytest.fixture(scope="module")
def survivors():
    return {place.id: surviving(place) for place in PLACES}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.id)
def test_a_mutant_that_computes_something_else_loses_points(place, survivors):
    total, found = survivors[place.id]
    assert total >= 15
    assert not set(found) - set(EQUIVALENT)


def test_at_least_99_in_100_mutants_that_differ_are_found(survivors):
    total = sum(count for count, _ in survivors.values())
    unexplained = sum(n for _, found in survivors.values() for change, n in found.items() if change not in EQUIVALENT)
    equivalent = sum(n for _, found in survivors.values() for change, n in found.items() if change in EQUIVALENT)
    assert unexplained <= 0.01 * (total - equivalent)


def test_every_mutant_called_equivalent_still_exists_and_survives(survivors):
    assert set(EQUIVALENT) == {change for _, found in survivors.values() for change in found}


def slipping_in_the_last_element(reference):
    def slipping(result):
        slipped = result.clone()
        slipped.reshape(-1)[-1:] = slipped.reshape(-1)[-1:] * (1 + 1e-3) + (not slipped.is_floating_point())
        return slipped

    return changing(reference, slipping)


WRONG = {
    "zeros": lambda reference: changing(reference, torch.zeros_like),
    "ones": lambda reference: changing(reference, torch.ones_like),
    "its mean": lambda reference: changing(
        reference, lambda result: torch.full_like(result * 1.0, float(result.double().mean()) + 1e-3)
    ),
    "nan": lambda reference: changing(reference, lambda result: result * math.nan),
    "infinity": lambda reference: changing(reference, lambda result: result / 0),
    "negative": lambda reference: changing(reference, lambda result: -result),
    "the first input": lambda reference: lambda **inputs: torch.as_tensor(next(iter(inputs.values()))).clone(),
    "noise": lambda reference: changing(reference, lambda result: torch.randn_like(result * 1.0)),
    "one element": slipping_in_the_last_element,
    "an extra axis": lambda reference: changing(reference, lambda result: result[None]),
    "None": lambda reference: lambda **inputs: None,
    "scaled": lambda reference: changing(reference, lambda result: result * (1 + 1e-2)),
}


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.id)
def test_a_wrong_answer_gets_nothing_and_no_diagnosis_that_does_not_fit(place, kind):
    torch.manual_seed(0)
    entry = load(place)
    report = grade(entry, answering(WRONG[kind](entry.problem.reference)), seed=3)
    assert report.score == 0
    if kind != "negative":  # which some problems know as a misconception
        assert {v.misconception for v in report.verdicts} == {None}
