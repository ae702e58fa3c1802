"""Bands of speed in an assignment file."""

from __future__ import annotations

import pytest

from grader.assignment.model import Band
from grader.errors import UsageError

TABLE = "[problem.layer_norm]\nspeed = "


def test_bands_are_read_from_fast_to_slow(read) -> None:
    got = read(TABLE + "[{at_most = 1, points = 3}, {at_most = 1.5, points = 2}]")
    assert got.override("layer_norm").speed == (Band(1, 3), Band(1.5, 2))
    assert read("").override("layer_norm").speed == ()


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ("1.5", "`problem.layer_norm.speed`: expected an array"),
        ("[2]", r"`problem.layer_norm.speed\[0\]`: expected a table"),
        ("[{at_most = 2}]", r"speed\[0\].points`: this key is missing"),
        ("[{at_most = 2, point = 1}]", "Did you mean `points`?"),
        ("[{at_most = 0, points = 1}]", "times the reference's time above 0"),
        ("[{at_most = 2, points = 0}]", "points are more than 0"),
        ("[{at_most = 2, points = 1}, {at_most = 1, points = 0.5}]", r"speed\[1\]`: bands go from fast to slow"),
        ("[{at_most = 1, points = 1}, {at_most = 2, points = 1}]", r"speed\[1\]`: bands go from fast to slow"),
    ],
)
def test_mistakes_are_told_with_line_and_key(read, bands: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        read(TABLE + bands)
    assert "line" in str(caught.value)
