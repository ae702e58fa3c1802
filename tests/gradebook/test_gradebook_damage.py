"""Rows that this program did not write are refused in a sentence that says which they are."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from grader.errors import GradebookError
from grader.gradebook.store import Gradebook
from tests.gradebook.samples import ADA, BEN, FACTS, NOON, entry, grade_all


def change(gradebook: Gradebook, statement: str) -> None:
    with gradebook._database.writing() as connection:
        connection.execute(text(statement))


@pytest.fixture
def graded(gradebook: Gradebook) -> Gradebook:
    """Ada and Ben are graded."""
    gradebook.describe(FACTS)
    for student in (ADA, BEN):
        grade_all(gradebook, gradebook.enter(entry(student), "a", NOON), 4, 3, 2)
    return gradebook


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE results SET report = '[]'", "can't be read: a ProblemReport is no object."),
        ("UPDATE results SET report = substr(report, 1, 100)", "can't be read: it is no JSON"),
        ("UPDATE results SET score = 4", "contradicts itself"),
        ("UPDATE results SET report = replace(report, 'td_error', 'TD')", "contradicts itself"),
        ("UPDATE runs SET notices = '{}'", "of `runs` can't be read"),
        ("UPDATE students SET ids = '7'", "of `students` can't be read"),
        ("UPDATE meta SET value = '{}' || value WHERE name = 'class'", "row `class` of `meta` can't be read"),
    ],
)
def test_a_row_that_was_damaged_or_changed_by_hand_is_refused(graded: Gradebook, statement: str, said: str) -> None:
    change(graded, statement)
    for read in (lambda: graded.grade("ada"), graded.course):
        with pytest.raises(GradebookError) as caught:
            read()
        assert said in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1


def test_the_sentence_names_the_row_and_what_to_do(graded: Gradebook) -> None:
    change(graded, "UPDATE results SET score = 4 WHERE submission_id = 2 AND problem = 'td_error'")
    with pytest.raises(GradebookError) as caught:
        graded.course()
    assert str(caught.value) == (
        "The result of `td_error` of submission 2 contradicts itself: its report is of another problem or score. "
        "Restore a backup, or delete that row of `results` and grade again."
    )
    assert graded.grade("ada").points == 9


def test_a_deleted_result_is_wanted_again(graded: Gradebook) -> None:
    change(graded, "DELETE FROM results WHERE submission_id = 2 AND problem = 'td_error'")
    assert graded.wanted(2, {"td_error": "first", "layer_norm": "first"}) == ("td_error",)
    assert graded.course().grades[1].points == 6
