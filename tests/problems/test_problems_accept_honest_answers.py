"""Right answers get full marks however they are written: loops, einsum, the library's own functions, NumPy, buffers."""

from __future__ import annotations

import inspect

import pytest

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.grading import grade
from grader.model.problem import CatalogEntry, Function
from grader.model.verdict import Outcome
from grader.rehearsal import answering
from tests.problems.core import TRAINED
from tests.problems.variants import variants

ENTRIES = [load(place) for place in bundled().places if place.id not in TRAINED]
VARIANTS = {entry.id: variants(entry) for entry in ENTRIES}


EVERY_VARIANT = [
    pytest.param(entry, f, id=f"{name}-{entry.id}") for entry in ENTRIES for name, f in VARIANTS[entry.id].items()
]


@pytest.mark.parametrize(("entry", "variant"), EVERY_VARIANT)
def test_an_honest_answer_gets_full_marks(entry: CatalogEntry, variant: Function) -> None:
    report = grade(entry, answering(variant), 11)

    lost = [(v.check, v.message) for v in report.verdicts if v.outcome is not Outcome.PASSED]
    assert [(check, message) for check, message in lost if check != "symbolic"] == []
    assert report.score == report.max_score, lost  # what can't be proved costs nothing


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_there_are_at_least_five_ways_to_write_an_answer(entry: CatalogEntry) -> None:
    assert len(VARIANTS[entry.id]) >= 5


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_honest_answers_take_the_arguments_of_the_statement(entry: CatalogEntry) -> None:
    for variant in VARIANTS[entry.id].values():
        assert list(inspect.signature(variant).parameters) == list(entry.problem.signature.arguments)
