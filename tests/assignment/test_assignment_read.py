"""Assignment files: what they say, and every way to get them wrong."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader.assignment.model import AssignedLimits, Assignment, Late, Override
from grader.assignment.read import ASSIGNMENT, LATE, LIMITS, OVERRIDE, read_assignment
from grader.assignment.source import line_of
from grader.errors import UsageError

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "assignment.toml"
WHOLE = """
choose = ["layer_norm", 1, "q2"]
problems = ["mine"]
due = 2026-12-01T23:59:00+01:00
late = {per_day_percent = 12.5, most_days = 3, grace_minutes = 15}
hidden = ["float64"]
device = "cpu"
limits = {timeout = 2, training = 30, memory = 0.5}

[problem.layer_norm]
points = 12
hidden = []
forbidden = ["layer_norm"]
forbidden_points = 2
"""


def test_every_key_is_read(read, tmp_path: Path) -> None:
    got = read(WHOLE)
    due = datetime(2026, 12, 1, 23, 59, tzinfo=timezone(timedelta(hours=1)))
    assert dataclasses.replace(got, source=Assignment("").source) == Assignment(
        "Part 1", ("layer_norm", "1", "q2"), (tmp_path / "mine",), due, Late(12.5, 3, 15), ("float64",), "cpu",
        AssignedLimits(2, 30, 0.5), {"layer_norm": Override(12, (), ("layer_norm",), 2)},
    )  # fmt: skip


def test_a_title_is_enough(read) -> None:
    assert dataclasses.replace(read(""), source=Assignment("").source) == Assignment("Part 1")


@pytest.mark.parametrize(
    ("readers", "model"), [(ASSIGNMENT, Assignment), (LATE, Late), (LIMITS, AssignedLimits), (OVERRIDE, Override)]
)
def test_the_keys_that_are_read_are_those_of_the_model(readers, model) -> None:
    assert set(readers) == {field.name for field in dataclasses.fields(model)} - {"source"}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("hiden = []", "line 2, `hiden`: there is no such key. Did you mean `hidden`?"),
        ("\n\nxyz = 1", "line 4, `xyz`: there is no such key. Known here: title, choose"),
        ("choose = 'q1'", 'line 2, `choose`: expected an array, […], and found "q1".'),
        ("choose = [1.5]", "line 2, `choose[0]`: expected a text in quotes, and found 1.5."),
        ("choose = [\n  'q1',\n  true,\n]", "line 2, `choose[1]`: expected a text in quotes, and found true."),
        ("choose = []", "line 2, `choose`: no problem is named. Leave the key out for every problem there is."),
        ("# a\u2028b\nchoose = 1", "line 3, `choose`: expected an array"),
        ("due = 9999-12-31T23:59:00-01:00", "line 2, `due`: expected a year from 1970 to 2999, and found 9999."),
        ("due = 1969-12-31T23:59:00Z", "line 2, `due`: expected a year from 1970 to 2999, and found 1969."),
        (
            "[late]\nper_day_percent = 1\nmost_days = 1\ngrace_minutes = 1e17",
            "line 5, `late.grace_minutes`: expected at most a year, 527040 minutes, and found 1e+17.",
        ),
        ("[problem.layer_norm]\npoints = 0.004", "`problem.layer_norm.points`: points are more than 0, in hundredths"),
        ("choose = ['q1', 'q1']", "line 2, `choose[1]`: `q1` is there twice."),
        ("hidden = ['']", "line 2, `hidden[0]`: expected a text in quotes, and found an empty text."),
        ("problems = [1]", "line 2, `problems[0]`: expected a text in quotes, and found 1."),
        ("due = '2026-12-01'", 'line 2, `due`: expected a moment, and found "2026-12-01"; write date, time and offset'),
        ("due = 2026-12-01", "line 2, `due`: expected a moment, and found 2026-12-01; write date, time and offset"),
        ("due = 2026-12-01T23:59:00", "line 2, `due`: 2026-12-01T23:59:00 is another moment in every time zone"),
        ("due = 2026-02-30T23:59:00Z", "can't be read as TOML: Invalid date or datetime (at line 2"),
        ("late = {per_day_percent = 1, most_days = 1}", "line 2, `late`: there is no `due`"),
        ("late = {most_days = 1}", "line 2, `late.per_day_percent`: this key is missing."),
        ("late = 10", "line 2, `late`: expected a table, and found 10."),
        ("[late]\nper_day_percent = 101\nmost_days = 1", "line 3, `late.per_day_percent`: a day can't take more than"),
        ("[late]\nper_day_percent = 1\nmost_days = 1.5", "line 4, `late.most_days`: expected a whole number of days"),
        ("[late]\nper_day_percent = -1\nmost_days = 1", "line 3, `late.per_day_percent`: expected 0 or more"),
        ("device = 'tpu'", 'line 2, `device`: expected one of auto, cpu, cuda, and found "tpu".'),
        ("[limits]\ntimeout = 0", "line 3, `limits.timeout`: choose a number of seconds above 0 and up to 3600"),
        ("[limits]\ntraining = 3601", "line 3, `limits.training`: choose a number of seconds above 0 and up to 3600"),
        ("[limits]\nmemory = inf", "line 3, `limits.memory`: expected a number, and found inf."),
        ("[limits]\nmemory = true", "line 3, `limits.memory`: expected a number, and found true."),
        ("[limits]\ncpu = 1", "line 3, `limits.cpu`: there is no such key. Known here: timeout, training, memory."),
        ("problem = 1", "line 2, `problem`: expected a table for each problem, [problem.NAME], and found 1."),
        ("[problem]\nlayer_norm = 3", "line 3, `problem.layer_norm`: expected a table, and found 3."),
        ("[problem.layer_norm]\npoints = -1", "line 3, `problem.layer_norm.points`: points are more than 0"),
        (
            "[problem.layer_norm]\npoints = '3'",
            'line 3, `problem.layer_norm.points`: expected a number, and found "3".',
        ),
        ("[problem.layer_norm]\nforbidden_points = 1", "`problem.layer_norm.forbidden_points`: nothing is `forbidden`"),
        (
            "[problem.layer_norm]\npoints = 2\nforbidden = ['x']\nforbidden_points = 2",
            "line 5, `problem.layer_norm.forbidden_points`: the problem is worth 2 altogether",
        ),
        ("title = 'again'", "can't be read as TOML: Cannot overwrite a value (at line 2"),
    ],
)
def test_a_mistake_is_told_with_its_key_and_line(read, lines, said) -> None:
    with pytest.raises(UsageError) as caught:
        read(lines)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "can't be read: No such file or directory."),
        (b"title = '\xff'", "TOML is UTF-8, and byte 9 is not."),
        (b"#" * ((1 << 20) + 1), "larger than a megabyte"),
        (b"", "`title`: this key is missing."),
        (b"title = ' '", "`title`: expected a text in quotes"),
    ],
)
def test_what_is_no_assignment_file_is_refused(tmp_path: Path, content, said) -> None:
    path = tmp_path / "assignment.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_assignment(path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("title",), 1),
        (("text",), 3),
        (("a", "b"), 8),
        (("a", "c", 1), 9),
        (("tables", 1, "d"), 16),
        (("a", "x"), None),
        (("title", "x"), None),
    ],
)
def test_the_line_of_a_key_is_where_its_statement_begins(key, line) -> None:
    lines = [
        "title = 1", "# comment", 'text = """', "a = 3", '"""', "", "[a]", "b = 1 # [x]", "c = [", "  1,", "  2]",
        "[[tables]]", "d = 1", "", "[[tables]]", "d = 2",
    ]  # fmt: skip
    assert line_of("\n".join(lines), key) == line


def test_a_mark_that_an_editor_put_before_the_first_character_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "assignment.toml"
    path.write_text("title = 'a'\n", encoding="utf-8-sig")
    assert read_assignment(path).title == "a"


def test_the_shipped_example_can_be_read() -> None:
    assert len(read_assignment(EXAMPLE).choose) == 9
