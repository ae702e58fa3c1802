"""The text of `grader show`."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.report.statement import render_statement

ENTRIES = [load(place) for place in bundled().places]


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_statement_says_everything_there_is_to_know(entry) -> None:
    shown = squeezed(render_statement(entry, width=100))
    problem = entry.problem
    for text in (problem.title, problem.source, problem.latex, problem.signature.header(entry.id)):
        assert squeezed(text) in shown
    for name, kind, about in problem.signature.describe():
        assert squeezed(f"{name} {kind} {about.split()[0]}") in shown
    for check in problem.checks:
        assert f"{check.name} {check.points:g} {check.title.split()[0]}" in shown


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_no_line_of_a_statement_is_wider_than_asked(entry) -> None:
    assert max(cell_len(line) for line in render_statement(entry, width=80).splitlines()) <= 80


def test_a_formula_is_not_taken_for_markdown() -> None:
    entry = next(e for e in ENTRIES if e.id == "layer_norm")
    assert r"\frac{1}{d} \sum_{i=1}^{d} x_i" in squeezed(render_statement(entry))
