"""Numbers of ±10,000 ask for no digits that float32 doesn't have, whatever is drawn beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks.cases import example_case
from grader.checks.judge import judge_value
from grader.compare.evaluate import value_of
from grader.compare.expectation import Expectation, expect
from grader.grading import trial_of
from grader.model.case import Example
from grader.model.exchange import Call, Precision
from grader.model.problem import CatalogEntry
from grader.rehearsal import answering
from tests.problems.variants import variants

SEEDS = (1, 2, 7, 23)
"""With 7 and 23 the entropy of two equal logits of 10,000 was refused where a distribution of PyTorch computes it."""

MARGIN = 4

LARGE = [
    pytest.param(entry, example, id=entry.id)
    for entry in map(load, bundled().places)
    for example in entry.problem.edges
    if "±10,000" in example.name
]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("entry", "example"), LARGE)
def test_right_answers_lie_much_nearer_than_they_have_to(entry: CatalogEntry, example: Example, seed: int) -> None:
    call = Call(entry.id, example_case(trial_of(entry, seed), example), Precision.SINGLE)
    strict = _stricter(expect(value_of(entry.problem.reference), call.case, call.precision))
    for name, function in variants(entry).items():
        evidence = judge_value(call, answering(function)(call), strict, entry.problem.signature)
        assert evidence is None, (name, evidence)


def _stricter(expectation: Expectation) -> Expectation:
    leaves = tuple(replace(leaf, allowance=leaf.allowance / MARGIN) for leaf in expectation.leaves)
    return replace(expectation, leaves=leaves)
