"""Gradescope's results and the lines for programs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.classroom.model import Student
from grader.exports import gradescope_results, json_lines
from grader.gradebook.model import Grade, State
from tests.exports.samples import AT, course, graded, hostile, overridden, unfinished

FEW = settings(max_examples=40, deadline=None)


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]


def shape(value: object) -> object:
    """The value with every string replaced."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "text" if isinstance(value, str) else value


def test_a_line_holds_everything_that_is_known_of_a_student():
    student = Student("anna", "Anna", "a@uni.edu", {"canvas": "1"}, "A")
    (line,) = lines(json_lines(course(replace(overridden(graded(student)), late_factor=0.5))))
    problems = line.pop("problems")
    assert line == {
        "schema": 1, "key": "anna", "name": "Anna", "email": "a@uni.edu", "ids": {"canvas": "1"}, "section": "A",
        "on_roster": True, "state": "graded", "final": True, "points": 10.0, "late_factor": 0.5, "score": 5.0,
        "max_score": 10.0, "fault": "", "graded_at": AT.isoformat(),
        "submission": {
            "label": "hw.py", "content_hash": "ab" * 32, "submitted_at": AT.isoformat(), "first_seen": AT.isoformat(),
        },
    }  # fmt: skip
    assert problems[0] == {
        "name": "layer_norm", "title": "Layer normalisation", "question": 12, "score": 4.0, "graded_score": 2.5,
        "max_score": 4.0, "outcome": "failed", "misconceptions": ["sums"],
        "override": {"points": 4.0, "comment": "A good idea.", "author": "ta", "at": AT.isoformat()},
    }  # fmt: skip
    assert problems[1]["override"] is None


@pytest.mark.parametrize("grade", unfinished(), ids=lambda grade: f"{grade.state.value}_{grade.report is not None}")
def test_what_is_not_final_is_null(grade):
    (line,) = lines(json_lines(course(grade)))
    assert (line["final"], line["points"], line["score"]) == (False, None, None)
    assert {problem["score"] for problem in line["problems"]} == {None}
    assert {problem["graded_score"] for problem in line["problems"]} == {None}


@FEW
@given(st.text())
@example("a\nb\u2028c\x85d")
@example("\ud800")
def test_a_string_changes_its_own_values_only(text):
    strange, harmless = json_lines(hostile(text)), json_lines(hostile("ben"))
    assert strange.isascii()
    assert [line for at, line in enumerate(strange.split("\n")) if at != 1] == [
        line for at, line in enumerate(harmless.split("\n")) if at != 1
    ]
    assert shape(lines(strange)[1]) == shape(lines(harmless)[1])


def test_gradescope_gets_a_test_for_each_problem():
    results = gradescope_results(overridden(graded(Student("anna"))), course())
    assert results["score"] == 10.0
    assert [
        (test["name"], test["number"], test["score"], test["max_score"], test["status"]) for test in results["tests"]
    ] == [
        ("Layer normalisation", "12.1", 4.0, 4.0, "passed"),
        ("PPO's loss", "7.2", 6.0, 6.0, "passed"),
    ]
    assert results["tests"][0]["output"] == (
        "ta gave 4 points: A good idea.\n\nIt differs.\n\n✓ gives the right values (2.5 of 3)\n\n"
        "✗ is right at the edges (0 of 1)\nIt differs.\n\nLikely reason: You add. Divide."
    )


def test_gradescope_shows_what_lateness_costs():
    results = gradescope_results(replace(graded(Student("anna")), late_factor=0.5), course())
    assert (results["score"], results["output"]) == (4.25, "Handed in late: 50 % of the points count.\nIt differs.")
    assert sum(test["score"] for test in results["tests"]) == 8.5


@pytest.mark.parametrize("grade", unfinished(), ids=lambda grade: f"{grade.state.value}_{grade.report is not None}")
def test_gradescope_gets_no_score_where_it_is_not_final(grade):
    results = gradescope_results(grade, course())
    assert ("score" in results, results["tests"]) == (False, [])
    assert "graded" in results["output"]


def test_gradescope_gets_the_zero_of_a_submission_that_can_not_be_read():
    results = gradescope_results(Grade(Student("anna"), State.UNREADABLE, fault="`hw.zip` is damaged."), course())
    assert (results["score"], results["tests"], results["output"]) == (0.0, [], "`hw.zip` is damaged.")


@FEW
@given(st.text())
@example("<script>alert(1)</script>\x1b[31m")
def test_a_string_changes_no_number_of_gradescopes(text):
    strange, harmless = (gradescope_results(hostile(name).grades[1], course()) for name in (text, "ben"))
    assert shape(strange) == shape(harmless)
    written = json.dumps(strange, allow_nan=False)
    assert json.loads(written) == strange
    assert "\x1b" not in strange["output"]


def test_points_by_hand_for_what_can_not_be_read_are_shown_beside_all_that_there_are():
    unreadable = overridden(Grade(Student("anna"), State.UNREADABLE, fault="`hw.zip` is damaged."), points=1.0)
    (shown,) = gradescope_results(unreadable, course())["tests"]
    assert [shown[key] for key in ("name", "number", "score", "max_score", "status")] == [
        "Layer normalisation", "12.1", 1.0, 4.0, "failed",
    ]  # fmt: skip
