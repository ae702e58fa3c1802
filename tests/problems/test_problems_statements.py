"""Statements tell what right answers would stumble over: the dtype of flags, and how long data may be."""

from __future__ import annotations

import pytest

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.model.problem import CatalogEntry
from grader.model.sampling import Flags

ENTRIES = [load(place) for place in bundled().places]
WITH_FLAGS = [
    pytest.param(entry, name, id=f"{entry.id}-{name}")
    for entry in ENTRIES
    for name, argument in entry.problem.signature.tensors()
    if isinstance(argument.values, Flags)
]
OF_ALL_LATER_STEPS = frozenset(
    {"discounted_returns", "generalized_advantage_estimate", "n_step_advantages", "policy_gradient_estimate"}
)
"""Problems whose formula is a sum over all later steps, for every step."""


@pytest.mark.parametrize(("entry", "name"), WITH_FLAGS)
def test_flags_are_not_taken_for_booleans(entry: CatalogEntry, name: str) -> None:
    # `~dones` and `torch.where(dones, …)` are right for booleans, and raise for what is handed over
    about = entry.problem.signature.arguments[name].about

    assert "in the dtype of the rewards" in about


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.id in OF_ALL_LATER_STEPS], ids=lambda entry: entry.id)
def test_who_sums_over_all_later_steps_is_told_how_many_there_may_be(entry: CatalogEntry) -> None:
    longest = max(example.sizes.get("T", 0) for example in (*entry.problem.examples, *entry.problem.edges))

    assert f"{longest:,}" in entry.problem.statement
    assert "go through time once" in " ".join(entry.problem.statement.split())
