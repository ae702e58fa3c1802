"""File names for students' pages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.pages import safe_name, student_file


@pytest.mark.parametrize("key", ["ada", "ada_lovelace", "s-1234567", "0"])
def test_a_plain_key_is_its_own_name(key) -> None:
    assert safe_name(key) == key


@pytest.mark.parametrize(
    "key",
    ["", ".", "..", "../../etc/passwd", "con", "nul", "com1", "CON", "a" * 61, "Ada", "ада", "\ud800", "a\0b", "-rf",
     "a/b",      "a\\b", "x" * 100_000, "<script>", "ada~0123456789abcdef", "a b", "ada.", "ﬁ"],
)  # fmt: skip
def test_any_other_key_gets_a_name_that_is_safe_everywhere(key) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}~[0-9a-f]{16}", safe_name(key))


@given(st.text(), st.text())
def test_two_keys_never_share_a_name(one, other) -> None:
    assert (safe_name(one) == safe_name(other)) == (one == other)


def test_keys_that_differ_in_case_or_form_alone_have_names_of_their_own() -> None:
    keys = ["ada", "Ada", "ADA", "ada ", "zo\u00eb", "zoe\u0308", "a/b", "a-b", "a b"]
    assert len({safe_name(key) for key in keys}) == len(keys)


def test_a_name_stays_the_same_from_one_version_to_the_next() -> None:
    assert safe_name("Ada Lovelace") == "ada-lovelace~7674021617159190"
    assert student_file("ada") == "students/ada.html"
