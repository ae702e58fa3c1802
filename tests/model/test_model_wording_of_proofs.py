"""What proofs find, in words: exact where that is short, with what a student can check by hand."""

from __future__ import annotations

import dataclasses
import math

import pytest

from grader.model.evidence import Counterexample, ForbiddenCall, NotDecided, ProvedEqual, Setting
from grader.model.wording import describe
from grader.model.wording_of_proofs import expression, point

SMALL = Setting("N = 1", "exact", {"x": ["1/2"], "gamma": 0.75})
LISTED = Setting(
    "d = 3, batch (2,)", "exact", {"x": [["1/2", "0", "-1"], ["0", "3", "7/4"]], "gamma": ["1", "1", "1"], "eps": 1e-5}
)
WRONG = Counterexample(SMALL, (0,), "-3/2", "-2*exp(-1)", -1.5, -0.735758882342885, "x_{0}", "2*x_{0}", "")


def changed(**fields: object) -> str:
    return describe(dataclasses.replace(WRONG, **fields))  # type: ignore[arg-type]


def test_a_counterexample_gives_the_inputs_and_both_values_exactly_and_as_decimals() -> None:
    assert describe(WRONG) == (
        "At x = [1/2], gamma = 0.75 your result at index (0,) is `-2*exp(-1)` ≈ -0.735759, "
        "and the formula gives `-3/2` = -1.5."
    )


def test_a_single_number_has_no_index_and_whole_numbers_no_decimals() -> None:
    assert "your result is 2, and the formula gives -1." in changed(
        index=(), got="2", expected="-1", got_value=2.0, expected_value=-1.0
    )


def test_inputs_too_long_for_a_sentence_are_left_to_the_list() -> None:
    assert changed(setting=LISTED).startswith("For the inputs listed here (d = 3, batch (2,)) your result")


def test_the_difference_is_told_in_terms_of_the_inputs() -> None:
    told = changed(difference="x_{0,1}*(1 - dones_{0})")
    assert "your result minus the formula's is `x[0,1]*(1 - dones[0])`" in told


def test_a_result_that_has_no_value_is_called_undefined_with_one_suggestion() -> None:
    told = changed(got="undefined", got_value=math.nan)
    assert "is undefined, and the formula gives `-3/2` = -1.5. Look for a division by 0" in told
    assert "nan" not in told


@pytest.mark.parametrize("digits", ["0.333333333333333", "-1.5e-07", "123456789012345678"])
def test_digits_alone_are_not_repeated(digits: str) -> None:
    told = changed(got=digits, got_value=float(digits))
    assert f"is {float(digits):.6g}, and" in told


def test_a_fraction_without_a_finite_decimal_is_only_close_to_its_digits() -> None:
    assert "`1/3` ≈ 0.333333" in changed(got="1/3", got_value=1 / 3)


def test_two_values_that_differ_late_have_the_digits_that_differ() -> None:
    told = changed(got="sqrt(2)", expected="1.41421356", got_value=2**0.5, expected_value=1.41421356)
    assert "`sqrt(2)` ≈ 1.41421356237" in told
    assert "gives 1.41421356." in told


def test_constants_that_could_not_be_read_are_one_sentence_more() -> None:
    note = "the constant 0.7071 is no number that one would write down"
    assert changed(notes=(note,)).endswith(f" One more thing: {note}.")
    assert changed(notes=(note,) * 5).endswith("; there are 3 more like that.")


def test_a_proof_says_what_was_proved_where_and_how() -> None:
    assert describe(ProvedEqual("exact", ("T = 3, gamma = 0.75",))) == (
        "Proved (exact): for all real inputs your function equals the formula, at T = 3, gamma = 0.75."
    )
    assert describe(ProvedEqual("exact", ("a", "b", "c", "d"))).endswith("formula, at a; b; and 2 more.")
    assert describe(ProvedEqual("exact", ("",))).endswith("equals the formula.")


def test_what_was_not_decided_costs_nothing_and_shows_its_line() -> None:
    assert describe(NotDecided("it uses `sort`", "answers.py", 3, "return x.sort()")) == (
        "Neither proved nor refuted, which costs you nothing: it uses `sort` at answers.py, line 3: `return x.sort()`."
    )
    assert describe(NotDecided("it draws random numbers.")).endswith("nothing: it draws random numbers.")


def test_all_calls_that_are_to_be_written_are_named() -> None:
    assert "calls `a`, `b` and `c`, and that is what you are asked to write" in describe(ForbiddenCall(("a", "b", "c")))


def test_an_expression_cannot_end_the_quotes_around_it() -> None:
    assert expression("x_{0,1} + `y`\n_{a}") == "x[0,1] + 'y' _{a}"


def test_a_point_is_written_on_one_line() -> None:
    assert point([["1/2", 0.5], ["-3", 1]]) == "[[1/2, 0.5], [-3, 1]]"
