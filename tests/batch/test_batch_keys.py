"""When a result is out of date: whatever it depends on changes its problem's key, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.assignment.model import AssignedLimits, Assignment, Override
from grader.batch.job import Terms
from grader.batch.keys import keys_of
from grader.catalog.find import bundled
from grader.run.backend import Isolation

PLACES = bundled().choose(["layer_norm", "td_error"])
ASSIGNMENT = Assignment("A course", hidden=("edge_cases",))
TERMS = Terms(3)
KEYS = keys_of(PLACES, ASSIGNMENT, TERMS)


def changed(assignment: Assignment = ASSIGNMENT, terms: Terms = TERMS) -> set[str]:
    """The problems whose key is another one."""
    now = keys_of(PLACES, assignment, terms)
    return {name for name in KEYS if KEYS[name] != now[name]}


@pytest.mark.parametrize(
    "terms",
    [Terms(4), replace(TERMS, device="cpu"), replace(TERMS, timeout=3.0), replace(TERMS, final=False)],
    ids=["seed", "device", "timeout", "without hidden checks"],
)
def test_other_terms_change_every_key(terms: Terms) -> None:
    assert changed(terms=terms) == {"layer_norm", "td_error"}


def test_what_an_assignment_says_of_a_problem_changes_its_key_alone() -> None:
    for override in (Override(points=20), Override(forbidden=("layer_norm",)), Override(forbidden_points=2)):
        assert changed(replace(ASSIGNMENT, problem={"layer_norm": override})) == {"layer_norm"}


def test_other_limits_change_every_key() -> None:
    for limits in (AssignedLimits(timeout=5), AssignedLimits(training=5), AssignedLimits(memory=1)):
        assert changed(replace(ASSIGNMENT, limits=limits)) == {"layer_norm", "td_error"}


def test_a_title_a_due_date_or_where_the_files_lie_change_no_key() -> None:
    assert changed(replace(ASSIGNMENT, title="Another course")) == set()
    assert changed(terms=replace(TERMS, assignment=Path("elsewhere.toml"), isolation=Isolation.NONE)) == set()


def test_what_is_hidden_does_not_matter_where_all_checks_are_run() -> None:
    assert changed(replace(ASSIGNMENT, hidden=())) == set()
