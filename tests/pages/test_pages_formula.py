"""Formulas as MathML."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.model.visible import visible
from grader.pages.formula import mathematics


@pytest.mark.parametrize("place", bundled().places, ids=lambda place: place.id)
def test_every_bundled_formula_becomes_mathml(place) -> None:
    root = ET.fromstring(mathematics(load(place).problem.latex))
    assert root.tag == "{http://www.w3.org/1998/Math/MathML}math"
    assert "".join(root.itertext()).strip()


@pytest.mark.parametrize("latex", [r"\undefinedcommand{x}", "x^", "a \x1b b", r"\text{a\ud800}"])
def test_what_cannot_be_converted_is_shown_as_it_was_written(latex) -> None:
    assert mathematics(latex) == f'<code class="latex">{visible(latex)}</code>'


def test_what_looks_like_markup_is_escaped() -> None:
    assert "<script" not in mathematics(r"\text{<script>alert(1)</script>} < b")
    assert "<b" not in mathematics(r"\undefinedcommand <b>")
