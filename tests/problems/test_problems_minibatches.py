"""Minibatches of different epochs: the same groups in another order, and orders that follow from one another."""

from __future__ import annotations

import pytest
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.grading import grade
from grader.model.verdict import Outcome, Report
from grader.rehearsal import answering
from problems.q07_ppo.minibatch_indices import never_left_in_place, same_groups_in_another_order

ENTRY = load(bundled().choose(("minibatch_indices",))[0])
SEEDS = pytest.mark.parametrize("seed", range(5))


def graded(answer, seed: int) -> Report:
    return grade(ENTRY, answering(answer), seed)


def lost(report: Report) -> list[str]:
    return [verdict.check for verdict in report.verdicts if verdict.outcome is not Outcome.PASSED]


@SEEDS
def test_groups_that_stay_together_lose_the_same_whatever_the_seed(seed: int) -> None:
    report = graded(same_groups_in_another_order, seed)

    assert lost(report) == ["fresh_orders", "uniform"]
    assert report.score == 5


@SEEDS
def test_an_order_that_follows_from_the_one_before_is_not_drawn_anew(seed: int) -> None:
    def forwards_and_backwards(size, minibatch_size, epochs, generator):
        orders = []
        for epoch in range(epochs):
            orders.append(orders[-1].flip(0) if epoch % 2 else torch.randperm(size, generator=generator))
        return torch.cat(orders).view(-1, minibatch_size)

    assert "fresh_orders" in lost(graded(forwards_and_backwards, seed))


@SEEDS
def test_a_shuffle_that_leaves_nothing_in_place_loses_uniformity_alone(seed: int) -> None:
    assert lost(graded(never_left_in_place, seed)) == ["uniform"]
