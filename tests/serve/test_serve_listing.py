"""Search, filters and sorting of the list of students."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.classroom.model import Student
from grader.gradebook.model import Course, Grade, Override, State
from grader.serve.listing import COLUMNS, Wanted, choices, chosen, listed
from tests.gradebook.samples import ADA, FACTS, LATER, NOON, PROBLEMS, report

BY_HAND = {PROBLEMS[2]: Override(PROBLEMS[2], 4, "", "Grace", NOON)}
GRADES = (
    Grade(ADA, State.GRADED, report=report(4, 4, 2), graded_at=LATER),
    Grade(
        Student("b", "Zoë Åström", section="B"), State.GRADED, report=report(2, 4, 2), overrides=BY_HAND, graded_at=NOON
    ),
    Grade(Student("c", "", "c@example.org", section="A"), State.MISSING),
    Grade(Student("d", "Ada Byron", section="B"), State.WAITING, report=report(2)),
)
COURSE = Course("", 12, FACTS.problems, GRADES)
EVERYBODY = tuple(listed(grade, COURSE) for grade in GRADES)


def keys(wanted: Wanted) -> str:
    return "".join(grade.student.key[0] for grade in chosen(EVERYBODY, wanted))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", "abcd"), ("ADA", "ad"), ("ada byron", "d"), ("byron ada", "d"), ("zoe astrom", "b"), ("ZOË", "b"),
        ("@example", "ac"), ("17", "a"), ("nobody", ""), ("  ", "abcd"),
    ],
)  # fmt: skip
def test_all_words_are_found_whatever_their_order_case_and_accents(words: str, found: str) -> None:
    assert keys(Wanted(words)) == found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(state="graded"), "ab"),
        (Wanted(lost=PROBLEMS[0]), "bd"),
        (Wanted(lost=PROBLEMS[1]), "d"),
        (Wanted(lost=PROBLEMS[2]), "ad"),
        (Wanted(misconception=f"{PROBLEMS[2]}:no_cut"), "ab"),
        (Wanted(section="B"), "bd"),
        (Wanted(is_overridden=True), "b"),
        (Wanted("ada", section="B"), "d"),
    ],
)
def test_filters_hold_together(wanted: Wanted, found: str) -> None:
    assert keys(wanted) == found


@pytest.mark.parametrize(
    ("column", "order"), [("key", "abcd"), ("name", "dacb"), ("score", "cdab"), ("state", "dabc"), ("graded", "cdba")]
)
def test_every_column_sorts_both_ways(column: str, order: str) -> None:
    assert keys(Wanted(sort=column)) == order
    backwards = keys(Wanted(sort=f"-{column}"))
    assert [backwards.index(key) for key in order] != sorted(backwards.index(key) for key in order)


def test_every_column_that_is_sorted_by_is_tested() -> None:
    assert set(COLUMNS) == {"key", "name", "score", "state", "graded"}


def test_what_can_be_chosen_comes_with_how_many_it_holds_for() -> None:
    found = choices(EVERYBODY)
    assert dict(found.states) == {State.WAITING: 1, State.GRADED: 2, State.MISSING: 1}
    assert dict(found.lost) == {PROBLEMS[0]: 2, PROBLEMS[1]: 1, PROBLEMS[2]: 2}
    assert list(found.misconceptions.items()) == [(f"{PROBLEMS[2]}:no_cut", 2), (f"{PROBLEMS[0]}:no_cut", 2)][::-1]
    assert dict(found.sections) == {"A": 1, "B": 2}
    assert found.overridden == 1


def test_an_address_says_what_is_wanted_and_no_more() -> None:
    wanted = Wanted("ada", "graded", "p", "p:m", "B", is_overridden=True, sort="-score")
    assert Wanted.of(wanted.query) == wanted
    assert Wanted().query == {}
    assert Wanted.of({"sort": "--score", "x": "y"}) == Wanted()
    assert not replace(Wanted(), sort="name").is_narrowed


def test_a_section_is_found_by_what_its_choice_says() -> None:
    odd = listed(Grade(Student("o", section="Gruppe\u00a01\u200b"), State.WAITING), COURSE)
    (section,) = choices([odd]).sections
    assert section.isprintable()
    assert chosen([odd], Wanted(section=section)) == [odd.grade]


@pytest.mark.parametrize("words", ["علی\u200cرضا", "علیرضا", "یوسفی\u00a0علیرضا"])
def test_what_can_not_be_seen_in_a_name_is_not_searched_for(words: str) -> None:
    ali = listed(Grade(Student("a", "علی\u200cرضا یوسفی"), State.WAITING), COURSE)
    wanted = Wanted.of({"q": words})
    assert wanted.words.isprintable()
    assert chosen([ali], wanted) == [ali.grade]
