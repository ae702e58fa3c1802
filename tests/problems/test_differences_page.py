"""What docs/differences.md tells and what the statements of the problems tell are about the same differences."""

from __future__ import annotations

import re
from pathlib import Path

from grader.catalog.find import bundled
from grader.catalog.load import load

PAGE = (Path(__file__).parents[2] / "docs" / "differences.md").read_text(encoding="utf-8")
SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
NUMBERS = {"six": 6, "seven": 7, "eight": 8}


def with_a_note() -> set[str]:
    """The problems whose statement says where the assignment's text differs."""
    entries = (load(place) for place in bundled().places)
    return {entry.id for entry in entries if "**Where the assignment's text" in entry.problem.statement}


def named_in(text: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", text))


def test_every_problem_whose_statement_has_a_note_is_named_on_the_page() -> None:
    assert with_a_note() - named_in(PAGE) == set()


def test_every_section_names_a_problem_whose_statement_has_the_note() -> None:
    noted = with_a_note()

    assert [section.splitlines()[0] for section in SECTIONS if not named_in(section) & noted] == []


def test_the_page_says_how_many_they_are() -> None:
    number = re.search(r"In (\w+) places", PAGE)

    assert number is not None
    assert NUMBERS[number[1]] == len(SECTIONS)
    assert [section.partition(".")[0] for section in SECTIONS] == [str(n + 1) for n in range(len(SECTIONS))]


def test_the_tests_that_the_page_speaks_of_exist() -> None:
    files = re.findall(r"tests/problems/(test_differences_\w+\.py)", PAGE)

    assert len(set(files)) >= 4
    assert [name for name in files if not (Path(__file__).parent / name).exists()] == []
