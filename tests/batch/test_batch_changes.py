"""A gradebook that a run makes be about something else: the instructor is told, before anything is handed on."""

from __future__ import annotations

from grader.batch.changes import what_changes
from grader.gradebook.model import ClassFacts

BOTH = ClassFacts("Part 1", (("td_error", "TD error", 2, 10.0), ("layer_norm", "Layer norm", 12, 10.0)))


def test_problems_that_a_run_leaves_out_are_named() -> None:
    (told,) = what_changes(BOTH, ClassFacts("Part 1", BOTH.problems[:1]))
    assert told.startswith("`layer_norm` is not among the problems of this run")


def test_another_assignment_is_told() -> None:
    (told,) = what_changes(BOTH, ClassFacts("Part 2", BOTH.problems))
    assert told.startswith("The gradebook was of `Part 1` and is of `Part 2` from now on.")


def test_nothing_is_said_of_a_new_gradebook_or_of_the_same_and_more_problems() -> None:
    assert what_changes(ClassFacts(), BOTH) == ()
    assert what_changes(BOTH, BOTH) == ()
    assert what_changes(ClassFacts("Part 1", BOTH.problems[:1]), BOTH) == ()
