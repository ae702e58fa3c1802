"""Plots."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.pages.svg import bar, histogram, learning_curve

finite = st.floats(-1e6, 1e6)


def test_a_histogram_says_in_words_what_it_shows_and_labels_its_columns() -> None:
    root = ET.fromstring(histogram([1, 0, 3], ["0", "5", "10", "15"], "Three columns & <more>"))
    assert (root.get("role"), root.get("aria-label")) == ("img", "Three columns & <more>")
    assert [text.text for text in root.iter("text")] == ["1", "3", "0", "5", "10", "15"]
    heights = [float(rect.get("height", "")) for rect in root.iter("rect")]
    assert heights[0] * 3 == pytest.approx(heights[2], abs=0.2)
    assert heights[1] == 0


def test_a_histogram_of_nothing_has_no_height() -> None:
    root = ET.fromstring(histogram([0, 0], ["0", "1", "2"], "Nothing"))
    assert {rect.get("height") for rect in root.iter("rect")} == {"0.0"}


@given(st.lists(st.tuples(st.integers(0, 10**9), finite), min_size=1, max_size=60), finite)
def test_a_learning_curve_stays_in_its_picture(points, target) -> None:
    root = ET.fromstring(learning_curve(points, target))
    _, _, width, height = (float(part) for part in root.get("viewBox", "").split())
    (line,) = root.iter("polyline")
    for place in line.get("points", "").split():
        x, y = (float(part) for part in place.split(","))
        assert 0 <= x <= width
        assert 0 <= y <= height


def test_returns_that_are_no_numbers_are_left_out() -> None:
    root = ET.fromstring(learning_curve(((1, math.nan), (2, 1.0), (3, math.inf), (4, 2.0)), 5.0))
    (line,) = root.iter("polyline")
    assert len(line.get("points", "").split()) == 2
    assert learning_curve(((1, math.nan),), 5.0) == ""


def test_a_single_point_is_drawn_as_a_dot() -> None:
    assert len(list(ET.fromstring(learning_curve(((512, 1.0),), 5.0)).iter("circle"))) == 1


@pytest.mark.parametrize(("share", "width"), [(-1.0, "0.0"), (0.25, "25.0"), (3.0, "100.0")])
def test_a_bar_stays_in_its_frame_and_is_not_read_out(share, width) -> None:
    root = ET.fromstring(bar(share))
    assert root.findall("rect")[1].get("width") == width
    assert root.get("aria-hidden") == "true"


@pytest.mark.parametrize(
    ("earned", "target", "labels"),
    [
        ((0.0, 10.0), 5.0, ["0", "10", "5"]),
        ((0.0, 10.0), 20.0, ["0", "20"]),
        ((0.0, 10.0), 9.9, ["0", "10"]),
        ((5.0, 5.0), 5.0, ["5"]),
    ],
)
def test_the_heights_of_a_learning_curve_are_labelled_where_there_is_room(earned, target, labels) -> None:
    root = ET.fromstring(learning_curve(tuple(enumerate(earned, start=1)), target))
    assert [text.text for text in root.iter("text") if text.get("text-anchor") == "end"][:-1] == labels
