"""Formulas as MathML."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.model.visible import visible
from grader.pages.formula import formulas, mathematics


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


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        (r"a = b", 1),
        (r"a = b, \quad b = \frac{1}{2}, \qquad c = 3", 3),
        (r"\text{a \quad b}, \quad \left[ a \quad b \right] \quad \begin{matrix} a & \quad b \end{matrix}", 3),
        (r"\quadratic \{ \quad b", 2),
        (r"a \quad", 1),
        (r"{ a \quad b", 1),
    ],
)
def test_what_quads_set_apart_may_stand_below_one_another(latex, parts) -> None:
    shown = formulas(latex)
    assert shown.count("</math>") + shown.count("</code>") == parts
    assert shown.count("quad") == shown.count("<code")


@pytest.mark.parametrize("place", bundled().places, ids=lambda place: place.id)
def test_every_part_of_a_bundled_formula_becomes_mathml(place) -> None:
    shown = formulas(load(place).problem.latex)
    assert "<code" not in shown
    assert "".join(ET.fromstring(f"<all>{shown}</all>").itertext()).strip()
