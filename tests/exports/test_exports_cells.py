"""What strings become in cells of tables."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.exports.cells import exact, guarded, moment, number, table

FORMULAS = "=+-@\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize("text", [*(f"{first}1+1" for first in FORMULAS), "\t=1", "\r=1", "  =1", "\ttab", "\rreturn"])
def test_what_would_be_a_formula_begins_with_an_apostrophe(text):
    assert guarded(text).startswith("'")


def test_what_another_separator_would_make_a_formula_has_one_too():
    assert guarded("a;=1+1, @b|-c") == "a;'=1+1,' @b|'-c"


@pytest.mark.parametrize("text", ["Anna", "a = b", "O'Brien", "x-y", 'say "hi", please', "学生", "anna@uni.edu", ""])
def test_harmless_text_stays_as_it_is(text):
    assert guarded(text) == text


@given(st.text())
def test_no_cell_begins_with_what_acts_or_breaks_its_line(text):
    cell = guarded(text)
    assert cell[:1] not in {*FORMULAS, "\t", "\r"}
    assert cell.isprintable()
    assert len(cell) <= 1001


@pytest.mark.parametrize("separator", ";|")
@given(st.text(alphabet="a =+\"';|,\n") | st.text())
@example('a;"=1+1;b')
@example('"=1;')
def test_no_cell_acts_where_a_line_is_split_at_another_separator(separator, text):
    line = table([["key", guarded(text), "end"]])
    (cells,) = csv.reader(io.StringIO(line, newline=""), delimiter=separator)
    assert [cell for cell in cells if cell.strip()[:1] in set(FORMULAS)] == []


@given(st.text())
def test_an_identity_is_unchanged_or_not_there(text):
    assert exact(text) in (text, None)


@pytest.mark.parametrize(
    "text", ["=1", "=cmd|' /C calc'!A0", "+1(2)", "@SUM(A1)", "-1|x", "a\nb", "a;=b", "\t1", "+a b"]
)
def test_identities_that_would_act_are_not_written(text):
    assert exact(text) is None


@pytest.mark.parametrize("text", ["+anna@uni.edu", "-17", "s00123", "anna o'brien", "学生"])
def test_identities_that_can_do_nothing_are_written_as_they_are(text):
    assert exact(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.0, "0"), (10.0, "10"), (2.5, "2.5"), (0.1 + 0.2, "0.3"), (1 / 3, "0.3333"), (1000000, "1000000"),
     (None, "")],
)  # fmt: skip
def test_points_have_as_many_places_as_they_need(value, text):
    assert number(value) == text


def test_times_have_their_offset():
    assert moment(datetime(2026, 1, 9, 10, 0, 0, 7, timezone(timedelta(hours=2)))) == "2026-01-09T10:00:00+02:00"


@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_tables_read_back_as_they_were_written(rows):
    assert list(csv.reader(io.StringIO(table(rows), newline=""), strict=True)) == rows
