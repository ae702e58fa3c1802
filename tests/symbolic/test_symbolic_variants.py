"""What ships is proved: references, right answers written in many ways; and wrong ones are refuted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks import Symbolic
from grader.grading import run_examination, trial_of
from grader.model.evidence import Counterexample, NotDecided, ProvedEqual, ShapeMismatch
from grader.model.problem import CatalogEntry, Function
from grader.model.verdict import Finding, Outcome
from grader.rehearsal import answering
from tests.problems.variants import BEYOND, EXACT, HONEST, variants

ENTRIES = [load(place) for place in bundled().places]
ENOUGH = 6

LEAVES_PYTORCH = {
    "discounted_returns": {"numpy_loop", "python_floats", "by_the_definition"},
    "generalized_advantage_estimate": {"numpy_arrays", "python_floats"},
    "ppo_clip_objective": {"loop_over_the_samples"},
    "masked_attention": {"loop_over_the_queries"},
}
"""Honest answers that turn tensors into Python numbers or branch on symbolic values: these can't be followed."""

NOT_FOR_ALL_REALS = {"masked_attention": {"closed_positions_very_negative"}}
"""Honest answers that are right to every digit there is, but not as mathematics: −1e9 in place of −∞."""

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


@pytest.mark.parametrize(("entry", "folder", "name", "function"), _cases(HONEST, EXACT))
def test_a_right_answer_is_proved(entry: CatalogEntry, folder: str, name: str, function: Function) -> None:
    finding = _examined(entry, function)
    if folder == "honest" and name in LEAVES_PYTORCH.get(entry.id, set()):
        assert isinstance(finding.evidence, NotDecided)
        assert finding.outcome is Outcome.UNDECIDED
    elif folder == "honest" and name in NOT_FOR_ALL_REALS.get(entry.id, set()):
        assert finding.outcome is Outcome.UNDECIDED
    else:
        assert finding.outcome is Outcome.PASSED, finding


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_there_are_enough_variants_that_are_proved(entry: CatalogEntry) -> None:
    excused = LEAVES_PYTORCH.get(entry.id, set()) | NOT_FOR_ALL_REALS.get(entry.id, set())
    proved = [*variants(entry, HONEST).keys() - excused, *variants(entry, EXACT)]
    assert len(proved) >= ENOUGH


@pytest.mark.parametrize(("entry", "folder", "name", "function"), _cases(BEYOND))
def test_a_right_answer_that_is_hard_to_prove_is_never_refuted(
    entry: CatalogEntry, folder: str, name: str, function: Function
) -> None:
    assert _examined(entry, function).outcome in (Outcome.PASSED, Outcome.UNDECIDED)


@pytest.mark.parametrize(
    ("entry", "misconception"),
    [pytest.param(e, f, id=f"{e.id}-{f.__name__}") for e in ENTRIES for f in e.problem.misconceptions],
)
def test_a_misconception_is_refuted_and_proved_to_be_itself_unless_its_values_are_right(
    entry: CatalogEntry, misconception: Function
) -> None:
    finding = _examined(entry, misconception)
    if finding.outcome is Outcome.PASSED:
        assert misconception in entry.problem.numerical or _concerns_gradients(entry, misconception)
    else:
        assert finding.outcome is Outcome.FAILED, finding
        unproved = _changes_the_shape(finding) or misconception.__name__ in NOT_FINITE
        assert finding.proven == (None if unproved else misconception.__name__)


def _concerns_gradients(entry: CatalogEntry, misconception: Function) -> bool:
    return any(word in misconception.__name__ for word in ("gradient", "detached", "differentiated"))


def _changes_the_shape(finding: Finding) -> bool:
    return isinstance(finding.evidence, ShapeMismatch)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_factor_of_one_and_a_trillionth_is_refuted_in_every_problem(entry: CatalogEntry) -> None:
    finding = _examined(entry, lambda **inputs: entry.problem.reference(**inputs) * (1 + 1e-12))
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
