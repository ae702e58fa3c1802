"""What the grader allows for rounding, in every case of every problem: never enough for a wrong answer."""

from __future__ import annotations

import inspect

import pytest
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks.cases import drawn_cases, example_case
from grader.compare.evaluate import one_thread, value_of
from grader.compare.expectation import expect
from grader.model.exchange import Precision
from grader.model.problem import Trial
from tests.problems.core import TRAINED

MOST = {Precision.SINGLE: 0.02, Precision.DOUBLE: 1e-8}
"""Share of the largest value expected that an allowance may reach: attention at scores of ±10,000 needs about 1 %."""

CANCELS = {
    # a score of 1 − π is 0 to rounding
    "policy_gradient_estimate: logits of ±10,000": (0.03, 1e-4),
    # the rounding of the mean is divided by ε
    "normalize_advantages: all advantages are equal": (0.02, 2.0),
    # dγ is a sum of zeros, each the rounding of a mean over √ε
    "layer_norm_backward: all features equal": (0.02, 2e-3),
    # x − μ keeps four digits of seven
    "layer_norm_backward: a large mean": (0.03, 1e-4),
}
"""Edges at which float32 itself is further off: the share, and the allowance where nothing but zeros is expected.

In float64 they are held to what holds everywhere.
"""


def cases():
    for place in bundled().places:
        problem = load(place).problem
        if place.id in TRAINED or not inspect.isfunction(problem.reference):
            continue  # agents are played with, and sequences of calls compared step by step
        trial = Trial(place.id, problem.signature, problem.reference, problem.examples, problem.edges, 1)
        for example in (*problem.examples, *problem.edges):
            yield pytest.param(trial, example_case(trial, example), id=f"{place.id}: {example.name}")
        for case in drawn_cases(trial, "budget", 4):
            yield pytest.param(trial, case, id=f"{place.id}: {case.name}")


def _share(trial, case, precision):
    usual = (MOST[precision], 1e-4)
    return CANCELS.get(f"{trial.function}: {case.name}", usual) if precision is Precision.SINGLE else usual


@pytest.mark.parametrize("precision", list(Precision), ids=lambda precision: precision.value)
@pytest.mark.parametrize(("trial", "case"), list(cases()))
def test_an_allowance_is_a_small_share_of_what_is_expected(trial, case, precision):
    share, for_zeros = _share(trial, case, precision)
    with one_thread():
        leaves = expect(value_of(trial.reference), case, precision).leaves
    for leaf in leaves:
        finite = leaf.value[torch.isfinite(leaf.value)].abs()
        largest = float(finite.max()) if finite.numel() else 0.0
        assert leaf.allowance <= (share * largest if largest else for_zeros)


def test_every_edge_that_is_excused_exists_and_is_held_in_float64():
    assert CANCELS.keys() <= {parameter.id for parameter in cases()}
