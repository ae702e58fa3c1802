"""`grader bench` as a user runs it, in the real sandbox. How fast anything is decides no test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.exit_codes import ExitCode
from tests.cli.conftest import Run

BANDS = """
title = "A race"
choose = ["discounted_returns", "layer_norm"]

[problem.discounted_returns]
speed = [{at_most = 900, points = 2}, {at_most = 1000, points = 1}]

[problem.layer_norm]
speed = [{at_most = 900, points = 2}]
"""


@pytest.fixture
def bands(tmp_path: Path) -> Path:
    path = tmp_path / "assignment.toml"
    path.write_text(BANDS, encoding="utf-8")
    return path


def test_a_right_answer_is_timed_and_a_wrong_one_is_not(run: Run, answers: Path, bands: Path):
    done = run("bench", answers, "--format", "json", "--assignment", bands, "--device", "cpu", "--seed", 3)
    assert done.returncode == ExitCode.FAILED
    assert done.stderr == ""
    report = json.loads(done.stdout)
    returns, norm = report["problems"]
    assert (report["seed"], report["device"]) == (3, "cpu")
    assert report["ceilings"]["bytes_per_second"] > 0
    assert (returns["id"], returns["state"], returns["inputs"]) == (
        "discounted_returns", "timed", "rewards (512, 1024), dones (512, 1024), gamma 0.9",
    )  # fmt: skip
    (contest,) = returns["contests"]  # no gradients are graded
    assert (contest["direction"], contest["standing"], contest["bound_by"]) == ("forward", "counted", "bytes")
    assert contest["bytes"] == 3 * 4 * 512 * 1024
    for name in ("yours", "reference"):
        time = contest["times"][name]
        assert 0 < time["low"] <= time["seconds"] <= time["high"]
    assert returns["award"]["points"] == 2
    assert (norm["state"], norm["contests"], norm["award"]["points"]) == ("not right", [], 0)
    assert "agreement" in norm["failed"]


def test_a_report_for_people_names_the_problem_and_its_table(run: Run, answers: Path, tmp_path: Path):
    out = tmp_path / "speed.txt"
    done = run("bench", answers, "--problem", "discounted_returns", "--device", "cpu", "--output", out)
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.PASSED, "", "")
    text = out.read_text(encoding="utf-8")
    assert "discounted_returns · Discounted returns · question 1" in text
    assert "× reference" in text
    assert "\x1b" not in text


def test_an_answer_that_is_not_there_is_told(run: Run, answers: Path):
    done = run("bench", answers, "--problem", "td3_target", "--device", "cpu")
    assert done.returncode == ExitCode.FAILED
    assert "no such function" in done.stdout


def test_what_is_never_timed_is_refused_with_what_is(run: Run, answers: Path):
    done = run("bench", answers, "--problem", "scaled_dot_product_score")
    assert done.returncode == ExitCode.USAGE
    assert "None of these problems is timed" in done.stderr
    assert "layer_norm" in done.stderr


def test_a_submission_without_anything_to_time_is_nothing_to_grade(run: Run, tmp_path: Path):
    (tmp_path / "answers.py").write_text("def something_else():\n    return 1\n", encoding="utf-8")
    done = run("bench", tmp_path / "answers.py", "--device", "cpu")
    assert done.returncode == ExitCode.NOTHING_TO_GRADE
    assert "no function in this submission whose speed is measured" in done.stderr
