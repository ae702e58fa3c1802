"""What ships is proved: references, right answers written in many ways; and wrong ones are refuted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks import Symbolic
from grader.grading import run_examination, trial_of
from grader.model.evidence import Counterexample, NotDecided, ProvedEqual, ShapeMismatch
from grader.model.formula import Formula
from grader.model.problem import CatalogEntry, Function
from grader.model.signature import Gradient
from grader.model.verdict import Finding, Outcome
from grader.rehearsal import answering
from tests.problems.core import CORE
from tests.problems.results import changing
from tests.problems.variants import BEYOND, EXACT, HONEST, variants

ENTRIES = [entry for place in bundled().places if isinstance((entry := load(place)).problem.formula, Formula)]
ENOUGH = 6

NOT_FINITE = {"mask_multiplied", "mask_added_after_the_softmax"}
"""Misconceptions that give ±∞ or NaN at one of the instances, where there is nothing to be proved."""


def _examined(entry: CatalogEntry, function: Function) -> Finding:
    return run_examination(Symbolic(1).examine(trial_of(entry, seed=3)), answering(function))


def _cases(*folders):
    return [
        pytest.param(entry, folder.name, name, function, id=f"{entry.id}-{folder.name}-{name}")
        for entry in ENTRIES
        for folder in folders
        for name, function in variants(entry, folder).items()
    ]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_the_reference_is_proved_exactly(entry: CatalogEntry) -> None:
    finding = _examined(entry, entry.problem.reference)
    assert finding.outcome is Outcome.PASSED, finding
    assert isinstance(finding.evidence, ProvedEqual)
    assert finding.evidence.method == "exact"
    assert len(finding.evidence.instances) == len(entry.problem.formula.instances)


@pytest.mark.parametrize(("entry", "folder", "name", "function"), _cases(EXACT))
def test_a_right_answer_is_proved(entry: CatalogEntry, folder: str, name: str, function: Function) -> None:
    finding = _examined(entry, function)
    assert finding.outcome is Outcome.PASSED, finding


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_of_the_honest_answers_none_is_refuted_and_enough_variants_are_proved(entry: CatalogEntry) -> None:
    """Some leave PyTorch on the way, branch on values, or mask with −1e9: these are undecided."""
    outcomes = {name: _examined(entry, function).outcome for name, function in variants(entry, HONEST).items()}
    assert set(outcomes.values()) <= {Outcome.PASSED, Outcome.UNDECIDED}, outcomes
    assert list(outcomes.values()).count(Outcome.PASSED) + len(variants(entry, EXACT)) >= ENOUGH, outcomes


@pytest.mark.parametrize(("entry", "folder", "name", "function"), _cases(BEYOND))
def test_a_right_answer_that_is_hard_to_prove_is_never_refuted(
    entry: CatalogEntry, folder: str, name: str, function: Function
) -> None:
    assert _examined(entry, function).outcome in (Outcome.PASSED, Outcome.UNDECIDED)


@pytest.mark.parametrize(
    ("entry", "misconception"),
    [pytest.param(e, f, id=f"{e.id}-{f.__name__}") for e in ENTRIES if e.id in CORE for f in e.problem.misconceptions],
)
def test_a_misconception_is_refuted_and_proved_to_be_itself_unless_its_values_are_right(
    entry: CatalogEntry, misconception: Function
) -> None:
    finding = _examined(entry, misconception)
    if finding.outcome is Outcome.PASSED:
        differentiated = entry.problem.signature.named(Gradient.GRADED)
        assert misconception in entry.problem.numerical or differentiated  # `grader verify` compares the gradients
    else:
        assert finding.outcome is Outcome.FAILED, finding
        unproved = _changes_the_shape(finding) or misconception.__name__ in NOT_FINITE
        assert finding.proven == (None if unproved else misconception.__name__)


def _changes_the_shape(finding: Finding) -> bool:
    return isinstance(finding.evidence, ShapeMismatch)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_factor_of_one_and_a_trillionth_is_refuted_in_every_problem(entry: CatalogEntry) -> None:
    finding = _examined(entry, changing(entry.problem.reference, lambda result: result * (1 + 1e-12)))
    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, Counterexample)
    assert "1.000000000001" in finding.evidence.notes[0]


@pytest.mark.parametrize(
    "eps_of",
    [lambda eps: eps * 1.0000001, lambda eps: 1.0000001e-5 if eps == 1e-5 else eps],
    ids=["computed", "written down"],
)
def test_an_epsilon_that_is_off_by_one_part_in_ten_million_is_refuted(eps_of: Callable[[float], float]) -> None:
    (entry,) = (entry for entry in ENTRIES if entry.id == "layer_norm")
    finding = _examined(entry, lambda x, gamma, beta, eps: entry.problem.reference(x, gamma, beta, eps_of(eps)))
    assert finding.outcome is Outcome.FAILED
    assert isinstance(finding.evidence, Counterexample)


def test_an_epsilon_that_lost_digits_in_a_sum_with_one_is_undecided() -> None:
    (entry,) = (entry for entry in ENTRIES if entry.id == "layer_norm")
    finding = _examined(entry, lambda x, gamma, beta, eps: entry.problem.reference(x, gamma, beta, (1 + eps) - 1))
    assert finding.outcome is Outcome.UNDECIDED
    assert isinstance(finding.evidence, NotDecided)
    assert "may stand for 1/100000" in finding.evidence.notes[0]
