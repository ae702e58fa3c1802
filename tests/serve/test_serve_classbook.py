"""The class is read once, and then only as far as it has changed; nobody waits long for what is new."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from grader.gradebook.store import Gradebook
from grader.serve import classbook as reading
from grader.serve.classbook import Classbook
from grader.serve.kept import Kept
from tests.gradebook.samples import FACTS, NOON, PROBLEMS


@pytest.fixture
def classbook(book: Gradebook) -> Iterator[Classbook]:
    opened = Classbook(book)
    yield opened
    opened.close()


def test_what_has_not_changed_is_not_read_again(classbook: Classbook, book: Gradebook) -> None:
    before, _ = classbook.book(is_fresh=True)
    assert classbook.book(is_fresh=True)[0] is before
    book.override("ada", PROBLEMS[2], 4, "", "Grace", NOON)
    after, _ = classbook.book(is_fresh=True)
    kept = [new is old for new, old in zip(after.course.grades, before.course.grades, strict=True)]
    assert [grade.student.key for grade in after.course.grades][kept.index(False)] == "ada"
    assert kept.count(False) == 1


@pytest.mark.parametrize("most_singly", [0, 100])
def test_the_class_is_what_the_gradebook_says(
    classbook: Classbook, book: Gradebook, monkeypatch: pytest.MonkeyPatch, most_singly: int
) -> None:
    monkeypatch.setattr(reading, "MOST_SINGLY", most_singly)
    assert classbook.book(is_fresh=True)[0].course == book.course()
    book.override("ada", PROBLEMS[2], 4, "", "Grace", NOON)
    book.describe(FACTS.__class__("Another title", FACTS.problems[:2]))
    assert classbook.book(is_fresh=True)[0].course == book.course()


def test_the_report_is_made_again_where_the_class_has_changed(classbook: Classbook, book: Gradebook) -> None:
    before, _ = classbook.report()
    assert classbook.report()[0] is before
    book.override("ada", PROBLEMS[2], 4, "Well <argued>", "Grace", NOON)
    page, is_current = classbook.report()
    assert is_current
    assert "Well &lt;argued&gt;" in page


def test_the_first_value_is_waited_for_and_a_later_one_is_not() -> None:
    may_go_on = threading.Event()

    def make(before: int | None) -> int:
        if before is None:
            return 1
        may_go_on.wait(60)
        return before + 1

    kept = Kept(make)
    try:
        assert kept.get(patience=0) == (1, True)
        assert kept.get(patience=0.01) == (1, False)
        may_go_on.set()
        value, is_current = kept.get(patience=None)
        assert (value > 1, is_current) == (True, True)
    finally:
        may_go_on.set()
        kept.close()


def test_a_failure_is_told_and_the_next_reader_tries_again() -> None:
    tries = iter([ValueError("not yet"), 5])

    def make(_: int | None) -> int:
        found = next(tries)
        if isinstance(found, Exception):
            raise found
        return found

    kept = Kept(make)
    with pytest.raises(ValueError, match="not yet"):
        kept.get()
    assert kept.get() == (5, True)
    kept.close()
