"""Axes in words and as shapes, computed ones too; the sizes that follow from a shape."""

from __future__ import annotations

import pytest

from grader.model.axes import bound, names_in, shape_of, without_batch, written

SIZES = {"L": 3, "d_k": 5, "h": 2, "A": 4, "n": 3, "w1": 7}


@pytest.mark.parametrize(
    ("axes", "shape", "words"),
    [
        ("2L-1 d_k", (5, 5), "(2L-1, d_k)"),
        ("L+1", (4,), "(L+1,)"),
        ("h*d_k", (10,), "(h*d_k,)"),
        ("2*L+h-1 w1", (7, 7), "(2*L+h-1, w1)"),
        ("A^n", (4, 4, 4), "(A, ..., A)"),
        ("... L A^n", (6, 3, 4, 4, 4), "(..., L, A, ..., A)"),
        ("1 L", (1, 3), "(1, L)"),
        ("", (), "()"),
    ],
)
def test_sizes_are_computed_and_written_as_they_stand(axes: str, shape: tuple[int, ...], words: str) -> None:
    assert shape_of(axes, SIZES, (6,)) == shape
    assert written(axes) == words


def test_the_names_in_axes_are_those_of_sizes() -> None:
    assert list(names_in("... 2L-1 h*d_k A^n 1")) == ["L", "h", "d_k", "A", "n"]


@pytest.mark.parametrize(
    ("axes", "shape", "sizes"),
    [
        ("2L-1 d_k", (5, 4), {"L": 3, "d_k": 4}),
        ("T ... d", (3, 8, 9, 4), {"T": 3, "d": 4}),
        ("... L", (9,), {"L": 9}),
        ("h*d_k L", (6, 2), {"L": 2}),
        ("2L", (5,), {}),
        ("A^n", (4, 4), {}),
    ],
)
def test_a_shape_tells_the_sizes_that_are_alone_in_their_axis(axes, shape, sizes) -> None:
    assert bound(axes, shape) == sizes


def test_axes_of_one_element_have_no_batch() -> None:
    assert without_batch("T ... d") == "T d"
