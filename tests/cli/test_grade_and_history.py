"""`grader grade` and `grader history`, on a gradebook in the current folder."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from grader.assignment.model import Late
from grader.classroom.model import Student
from grader.cli import main
from grader.exit_codes import ExitCode
from grader.gradebook.model import State
from grader.gradebook.store import Gradebook
from tests.gradebook.samples import ADA, FACTS, NOON, entry, grade_all

HOSTILE = Student("eve", "=cmd|'/C calc'!A0\x1b[2J\n<script>", "eve@example.org")
NAMESAKES = Student("ada2", "ADA  Lovelace")


@pytest.fixture(autouse=True)
def gradebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The gradebook of the current folder: Ada is graded, Eve's name is hostile."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    path = tmp_path / "gradebook.sqlite"
    with Gradebook.open(str(path)) as opened:
        opened.describe(FACTS)
        grade_all(opened, opened.enter(entry(ADA), "a", NOON), 4, 3, 2)
        opened.enrol([HOSTILE])
    return path


def graded(key: str = "ada"):
    with Gradebook.open("gradebook.sqlite", create=False) as opened:
        return opened.grade(key)


def enrol(*students: Student) -> None:
    with Gradebook.open("gradebook.sqlite") as opened:
        opened.enrol(students)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == ExitCode.USAGE
    shown = capsys.readouterr()
    (line,) = shown.err.splitlines()
    assert shown.out == ""
    return line.removeprefix("error: ")


def test_points_are_given_with_author_and_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", "ada", "layer_norm", "3.5", "--comment", "A good idea", "--author", "Grace"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "Ada Lovelace: 3.5 points for `layer_norm`, 2 before; 10.5 points altogether, 9 before.\n"
    assert shown.err == ""
    given = graded().overrides["layer_norm"]
    assert (given.points, given.comment, given.author) == (3.5, "A good idea", "Grace")


def test_the_author_is_whoever_is_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "grace")
    assert main(["grade", "ada", "layer_norm", "3", "--comment", "So"]) == 0
    assert graded().overrides["layer_norm"].author == "grace"


def test_points_are_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    main(["grade", "ada", "layer_norm", "3", "--comment", "So"])
    capsys.readouterr()
    assert main(["grade", "ada", "layer_norm", "--remove"]) == 0
    said = "Ada Lovelace: 2 points for `layer_norm`, 3 before; 9 points altogether, 10 before.\n"
    assert (capsys.readouterr().out, graded().overrides) == (said, {})


def test_more_points_than_there_are_count_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", "ada", "layer_norm", "5", "--comment", "Beyond"]) == 0
    warning = "warning: 5 points are more than the 4 that `layer_norm` is worth; they count all the same.\n"
    assert (capsys.readouterr().err, graded().points) == (warning, 12)


def test_who_handed_in_nothing_can_be_given_points() -> None:
    assert main(["grade", "eve", "layer_norm", "4", "--comment", "On paper"]) == 0
    assert (graded("eve").state, graded("eve").points) == (State.MISSING, 4)


@pytest.mark.parametrize("student", ["ada", "Ada Lovelace", "ada  LOVELACE", "ada@example.org", "17"])
def test_a_student_is_found_by_key_name_address_or_id(student: str) -> None:
    assert main(["grade", student, "layer_norm", "1", "--comment", "So"]) == 0
    assert graded().points == 8


@pytest.mark.parametrize(
    ("student", "said"),
    [
        ("adda", "The gradebook has no student `adda`. Did you mean `ada` (Ada Lovelace)?"),
        ("Lovelace", "The gradebook has no student `Lovelace`. Did you mean `ada` (Ada Lovelace)?"),
        ("zzzzzz", "The gradebook has no student `zzzzzz`."),
        ("a\x1b[2J\nb", "The gradebook has no student `a\\x1b[2J\\nb`."),
    ],
)
def test_an_unknown_student_is_refused_with_who_may_be_meant(capsys, student: str, said: str) -> None:
    assert refused(capsys, "grade", student, "layer_norm", "1", "--comment", "So") == said
    assert refused(capsys, "history", student) == said


def test_a_name_that_two_students_have_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    enrol(NAMESAKES)
    said = "`Ada Lovelace` may be `ada` (Ada Lovelace) or `ada2` (ADA  Lovelace). Name one by key."
    assert refused(capsys, "history", "Ada Lovelace") == said


def test_a_key_comes_before_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    enrol(Student("bob", "eve"))
    assert main(["history", "eve", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["student"]["key"] == "eve"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["layer_norm"], "Give POINTS, or take points back with --remove: one of the two."),
        (["layer_norm", "1", "--remove"], "Give POINTS, or take points back with --remove: one of the two."),
        (["layer_norm", "1"], "Say why with --comment: the student reads it beside the points."),
        (["layer_norm", "1", "--comment", " "], "Say why with --comment: the student reads it beside the points."),
        (["layer_norm", "nan", "--comment", "So"], "nan are no points: give a number from 0 up."),
        (["layer_norm", "inf", "--comment", "So"], "inf are no points: give a number from 0 up."),
        (["--comment", "So", "--", "layer_norm", "-1"], "-1.0 are no points: give a number from 0 up."),
        (
            ["layer_nor", "1", "--comment", "So"],
            "The gradebook has no problem `layer_nor`. Did you mean `layer_norm`?",
        ),
        (["td_error", "--remove"], "No points were given by hand for `td_error`, so there are none to take back."),
    ],
)
def test_what_makes_no_sense_changes_nothing(capsys, arguments: list[str], said: str) -> None:
    assert refused(capsys, "grade", "ada", *arguments) == said
    assert graded().overrides == {}


def test_without_a_gradebook_both_say_how_one_is_made(capsys, gradebook: Path, tmp_path: Path) -> None:
    gradebook.unlink()
    said = f"There is no gradebook {gradebook}. `grader batch` makes one."
    assert refused(capsys, "history", "ada") == said
    assert refused(capsys, "grade", "ada", "layer_norm", "1", "--comment", "So") == said
    assert list(tmp_path.glob("*.sqlite")) == []


def test_another_gradebook_can_be_named(capsys, gradebook: Path) -> None:
    gradebook.rename("other.sqlite")
    assert main(["history", "ada", "--gradebook", "other.sqlite"]) == 0
    assert "Ada Lovelace" in capsys.readouterr().out


def test_the_history_tells_what_happened_and_who_did_it(capsys: pytest.CaptureFixture[str]) -> None:
    main(["grade", "ada", "layer_norm", "3", "--comment", "A good idea", "--author", "Grace"])
    capsys.readouterr()
    assert main(["history", "ada"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["Ada Lovelace  ada", "10 points, graded; by hand: layer_norm.", ""]
    assert [line.split("UTC  ")[1] for line in lines[3:]] == [
        "Handed in `answers.py`.",
        "Graded: 9 of 12 points.",
        "3 points for `layer_norm` by hand: A good idea (Grace)",
    ]


def test_the_history_says_what_lateness_costs(capsys: pytest.CaptureFixture[str]) -> None:
    with Gradebook.open("gradebook.sqlite") as opened:
        opened.describe(replace(FACTS, due=NOON - timedelta(hours=30), late=Late(25, 3)))
    assert main(["history", "ada"]) == 0
    assert "4.5 points, graded; 9 points count to 50 % because of lateness." in capsys.readouterr().out


def test_the_history_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["grade", "ada", "layer_norm", "3", "--comment", "So", "--author", "Grace"])
    capsys.readouterr()
    assert main(["history", "ada", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["student"] == {"key": "ada", "name": "Ada Lovelace", "email": "ada@example.org"}
    standing = [told[key] for key in ("schema", "state", "fault", "points", "score", "late_factor")]
    assert standing == [1, "graded", "", 10, 10, 1]
    assert [event["kind"] for event in told["events"]] == ["submitted", "graded", "override"]
    assert told["events"][0] == {
        "at": "2026-03-01T12:00:00+00:00", "kind": "submitted", "text": "Handed in `answers.py`.", "author": "",
    }  # fmt: skip
    (given,) = told["overrides"]
    assert (given["problem"], given["points"], given["comment"], given["author"]) == ("layer_norm", 3, "So", "Grace")


def test_a_hostile_name_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    main(["grade", "eve", "layer_norm", "1", "--comment", "\x1b[2J\r\n=1+1", "--author", "\x1b]0;me\x07"])
    main(["history", "eve"])
    main(["history", "eve", "--format", "json"])
    shown = capsys.readouterr().out
    assert not {character for character in shown if not character.isprintable()} - {"\n"}
