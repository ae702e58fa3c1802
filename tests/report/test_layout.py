"""How values are laid out."""

from __future__ import annotations

import pytest

from grader.model.evidence import AgentEvaluated, PropertyViolation, Setting, ShapeMismatch, TypeMismatch
from grader.report.layout import plain, rows, value_lines

NOWHERE = Setting("a small case", "float32", {})


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (0.5, ("0.5",)),
        (1.0, ("1",)),
        (True, ("True",)),
        (None, ("None",)),
        ("tensor of shape (64, 32)", ("tensor of shape (64, 32)",)),
        ([], ("[]",)),
        ([1.0, 0.123456789], ("[1, 0.123457]",)),
        ([[]], ("[[]]",)),
        ([[1.0, 10.0], [100.0, -1.0]], ("[[  1,  10],", " [100,  -1]]")),
        ([[[1.0], [2.0]], [[3.0], [4.0]]], ("[[[1],", "  [2]],", " [[3],", "  [4]]]")),
        ([float("nan"), float("inf"), -float("inf")], ("[nan, inf, -inf]",)),
        (([1.0], 2.0), ("[[1],", " 2]")),
        (1 << 64, ("an integer of 65 bits",)),
        (1j, ("1j",)),
    ],
)
def test_a_value_is_laid_out_to_be_read(value, lines) -> None:
    assert value_lines(value) == lines


def test_two_values_get_as_many_digits_as_tell_them_apart() -> None:
    shown = plain(PropertyViolation(NOWHERE, "holds", [1.0, 2.0], [1.0, 2.0000001]))
    assert shown == "expected  [1, 2]\ngot       [1, 2.0000001]"


def test_equal_values_are_shown_with_the_digits_that_there_are() -> None:
    assert plain(PropertyViolation(NOWHERE, "holds", [1.0], [1.0])) == "expected  [1]\ngot       [1]"


def test_values_too_large_to_show_are_left_to_the_message() -> None:
    assert rows(PropertyViolation(NOWHERE, "holds", "tensor of shape (64,)", "tensor of shape (64,)")) == ()


def test_where_shapes_are_to_blame_matrices_are_shown_by_their_shapes() -> None:
    setting = Setting("a small case", "float32", {"x": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "index": [0, 5], "eps": 1.0})
    shown = plain(ShapeMismatch(setting, "(N, A)", (2, 3), (3, 2)))
    assert shown == "x      tensor of shape (2, 3)\nindex  [0, 5]\neps    1"


def test_evidence_that_the_message_tells_in_full_has_no_rows() -> None:
    assert rows(TypeMismatch(NOWHERE, "a tensor", "NoneType")) == ()
    assert rows(None) == ()


def evaluated(*earned: float) -> AgentEvaluated:
    """An agent with this learning curve."""
    curve = tuple((20 * k, mean) for k, mean in enumerate(earned, 1))
    return AgentEvaluated(NOWHERE, 16, 0.5, 0.8, 0.65, 1e-6, 1, 1000, curve)


@pytest.mark.parametrize(
    ("earned", "bars", "said"),
    [
        ((0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), "▁▂▃▄▅▆▇█", "returns from 0 to 7"),
        ((500.0, 20.0, 260.0), "█▁▅", "returns from 20 to 500"),
        ((22.5, 22.5), "▁▁", "returns from 22.5 to 22.5"),
        ((-3.0, -1.0), "▁█", "returns from -3 to -1"),
        ((0.25,), "▁", "returns from 0.25 to 0.25"),
        ((1e9, -1e9, 1e-300), "█▁▅", "returns from -1e+09 to 1e+09"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_learning_curve_is_drawn_from_its_least_to_its_greatest_return(earned, bars, said) -> None:
    (row,) = rows(evaluated(*earned))
    assert (row.label, row.lines) == ("while it learned", (bars, said))


def test_where_no_episode_ended_there_is_no_curve() -> None:
    assert rows(evaluated()) == ()
