"""docs/gradebook.md: its queries run on both databases, and its tables are the real ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from grader.gradebook.model import State
from grader.gradebook.store import Gradebook
from grader.gradebook.tables import metadata
from tests.gradebook.samples import ADA, BEN, FACTS, NOON, PROBLEMS, entry, grade_all

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "gradebook.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?);\n```", DOCUMENT, re.DOTALL)


@pytest.fixture
def answers(gradebook: Gradebook) -> list[list[tuple[object, ...]]]:
    """What the queries find: Ada has two versions and points by hand, Ben's submission made the grader fail."""
    gradebook.describe(FACTS)
    grade_all(gradebook, gradebook.enter(entry(ADA), "a", NOON), 0, 0, 0)
    grade_all(gradebook, gradebook.enter(entry(ADA), "b", NOON), 4, 3, 2)
    gradebook.override("ada", PROBLEMS[2], 1, "", "Grace", NOON)
    gradebook.remove_override("ada", PROBLEMS[2], "", "Grace", NOON)
    gradebook.override("ada", PROBLEMS[2], 3.5, "", "Grace", NOON)
    ben = gradebook.enter(entry(BEN), "c", NOON)
    grade_all(gradebook, ben, 4, 4, 2)
    gradebook.fail(ben, State.GRADER_ERROR, "It ended two workers.", now=NOON)
    with gradebook._database.reading() as connection:
        return [[tuple(row) for row in connection.execute(text(query))] for query in QUERIES]


def test_the_queries_find_what_is_said(answers: list[list[tuple[object, ...]]]) -> None:
    points, misconceptions, not_final = answers
    assert points == [
        ("ada", "discounted_returns", 4, 4),
        ("ada", "layer_norm", 3.5, 4),
        ("ada", "td_error", 3, 4),
        ("ben", "discounted_returns", 4, 4),
        ("ben", "layer_norm", 2, 4),
        ("ben", "td_error", 4, 4),
    ]
    assert misconceptions == [("layer_norm", "no_cut", 2), ("td_error", "no_cut", 1)]
    assert not_final == [("ben", "grader_error", "It ended two workers.")]


def test_the_tables_are_the_real_ones() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]* \| (.*) \|$", DOCUMENT.split("## Tables")[1], re.MULTILINE)
    described = {name: set(re.findall(r"`(\w+)`", columns.split(";")[0].split(":")[0])) for name, columns in rows}
    assert described == {name: set(table.columns.keys()) for name, table in metadata.tables.items()}


def test_the_states_are_the_real_ones() -> None:
    named = re.findall(r"^\| `?(\w+)`? \| .* \| (yes|no) \|$", DOCUMENT.split("## States")[1], re.MULTILINE)
    final = {State.GRADED, State.UNREADABLE, State.MISSING}
    assert dict(named) == {state.value: "yes" if state in final else "no" for state in State}
