"""Stamps: whatever changes a grade changes its stamp, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.classroom.model import Student
from grader.gradebook.model import State
from grader.gradebook.store import Gradebook
from tests.gradebook.samples import ADA, BEN, FACTS, KEYS, LATER, NOON, PROBLEMS, entry, grade_all

CHANGES: dict[str, Callable[[Gradebook, int], object]] = {
    "a regrade": lambda book, submission: grade_all(book, submission, 4, 4, 4),
    "a failure": lambda book, submission: book.fail(submission, State.GRADER_ERROR, "It ended.", now=LATER),
    "a new version": lambda book, _: book.enter(entry(ADA), "new", LATER),
    "another label": lambda book, _: book.enter(entry(ADA, "again.py"), "a", LATER),
    "something to grade": lambda book, submission: book.wanted(submission, dict.fromkeys(PROBLEMS, "second")),
    "points by hand": lambda book, _: book.override("ada", PROBLEMS[0], 1, "", "Grace", LATER),
    "another name": lambda book, _: book.enrol([Student("ada", "Ada King")]),
}


@pytest.fixture
def submission(gradebook: Gradebook) -> int:
    """Ada's, in a class of two."""
    gradebook.describe(FACTS)
    gradebook.enrol([BEN])
    entered = gradebook.enter(entry(ADA), "a", NOON)
    grade_all(gradebook, entered, 4, 3, 2)
    return entered


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_shows_in_the_stamp_of_whom_it_concerns(gradebook: Gradebook, submission: int, change: str) -> None:
    before = gradebook.stamps()
    CHANGES[change](gradebook, submission)
    after = gradebook.stamps()
    assert after.of_students["ada"] != before.of_students["ada"]
    assert after.of_students["ben"] == before.of_students["ben"]


def test_points_taken_back_show_in_the_stamp(gradebook: Gradebook, submission: int) -> None:
    gradebook.override("ada", PROBLEMS[0], 1, "", "Grace", LATER)
    before = gradebook.stamps()
    gradebook.remove_override("ada", PROBLEMS[0], "", "Grace", LATER)
    assert gradebook.stamps().of_students["ada"] != before.of_students["ada"]


def test_reading_and_claiming_change_no_stamp(gradebook: Gradebook, submission: int) -> None:
    before = gradebook.stamps()
    gradebook.course()
    gradebook.claim(submission, "me", 60, NOON)
    gradebook.wanted(submission, KEYS)
    assert gradebook.stamps() == before


def test_stamps_come_with_the_facts_and_in_the_order_of_keys(gradebook: Gradebook, submission: int) -> None:
    found = gradebook.stamps()
    assert (found.facts, found.updated_at) == (FACTS, gradebook.course().updated_at)
    assert list(found.of_students) == ["ada", "ben"]
