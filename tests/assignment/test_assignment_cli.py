"""`--assignment`, with a real sandbox."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.exit_codes import ExitCode
from tests.forking import completed

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "assignment.toml"
LIBRARY = """
import torch

def layer_norm(x, gamma, beta, eps):
    return torch.nn.functional.layer_norm(x, x.shape[-1:], gamma, beta, eps)
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("check", path)`: what `grader check path` prints, and its exit code."""

    def command(*arguments: object) -> subprocess.CompletedProcess[str]:
        return completed(*arguments, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"})

    return command


def verdicts(report: dict, problem: str) -> dict[str, dict]:
    (found,) = (p for p in report["problems"] if p["id"] == problem)
    return {verdict["check"]: verdict for verdict in found["verdicts"]}


def test_the_shipped_example_grades_the_shipped_answers(run) -> None:
    done = run("check", ROOT / "examples" / "good", "--assignment", EXAMPLE, "--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (ExitCode.PASSED, "")
    assert len(report["problems"]) == 9
    assert "float64" in verdicts(report, "layer_norm")
    assert "float64" not in verdicts(report, "td_error")
    hidden = 7 * 1 + 1.5  # of seven problems as they are, and of masked attention
    assert (report["score"], report["max_score"]) == pytest.approx((98 - hidden, 98 - hidden))
    due, pending = (notice["message"] for notice in report["notices"])
    assert "is due on 2026-12-01 23:59+01:00." in due
    assert pending.startswith("8.5 more points are still to be graded")


def test_the_final_grade_is_made_of_every_check(run) -> None:
    done = run("check", ROOT / "examples" / "good", "--assignment", EXAMPLE, "--final", "--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["score"], report["max_score"]) == (ExitCode.PASSED, 98, 98)


def test_a_forbidden_call_costs_its_own_points_alone(run, tmp_path: Path) -> None:
    (tmp_path / "answers.py").write_text(LIBRARY, encoding="utf-8")
    done = run(
        "check", "answers.py", "--assignment", EXAMPLE, "--problem", "layer_norm", "--format", "json", "--seed", "1"
    )
    (problem,) = json.loads(done.stdout)["problems"]
    lost = {v["check"]: v["max_points"] for v in problem["verdicts"] if v["outcome"] != "passed"}
    assert done.returncode == ExitCode.FAILED
    assert lost == {"own_work": 2}


def test_limits_of_the_file_hold_unless_the_command_line_says_more(run, written, tmp_path: Path) -> None:
    source = "import time\n\ndef td_error(rewards, values, next_values, dones, gamma):\n    while True: pass\n"
    (tmp_path / "answers.py").write_text(source, encoding="utf-8")
    file = written("choose = ['td_error']\nlimits = {timeout = 0.5}")
    for options, seconds in (((), "0.5"), (("--timeout", "0.25"), "0.25")):
        done = run("check", "answers.py", "--assignment", file, *options, "--format", "json")
        (problem,) = json.loads(done.stdout)["problems"]
        assert f"{seconds} s" in problem["verdicts"][0]["message"]


def test_listing_showing_and_starting_keep_to_the_assignment(run, tmp_path: Path) -> None:
    listed = json.loads(run("problems", "--assignment", EXAMPLE, "--format", "json").stdout)["problems"]
    assert len(listed) == 9
    assert {p["id"]: p["points"] for p in listed}["masked_attention"] == 16
    shown = run("show", "masked_attention", "--assignment", EXAMPLE).stdout
    assert "float64" not in shown
    assert "1.5 more points count in the final grade" in shown
    assert "is written without `scaled_dot_product_attention`" in " ".join(shown.split())
    assert run("starter", "--output", "work", "--assignment", EXAMPLE).returncode == 0
    assert (tmp_path / "work" / "answers.py").read_text(encoding="utf-8").count("\ndef ") == 9


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("check", (".",)),
        ("problems", ()),
        ("show", ("layer_norm",)),
        ("starter", ("--output", "work")),
        ("verify", ("--formulas",)),
        ("explain", (".", "--problem", "layer_norm")),
    ],
)
def test_a_mistake_in_the_file_is_one_line_and_wrong_use(run, written, command, options) -> None:
    done = run(command, *options, "--assignment", written("hiden = []"))
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    (line,) = done.stderr.splitlines()
    assert line.endswith("line 2, `hiden`: there is no such key. Did you mean `hidden`?")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", ".", "--problem", "layer_norm"),
        ("explain", ".", "--problem", "layer_norm"),
        ("verify", "--formulas", "layer_norm"),
    ],
    ids=["check", "explain", "verify"],
)
def test_what_is_not_in_the_assignment_can_not_be_chosen(run, written, arguments) -> None:
    done = run(*arguments, "--assignment", written("choose = ['td_error']"))
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert "layer_norm" in done.stderr


FORBIDDEN = "choose = ['layer_norm']\nproblem.layer_norm.forbidden = ['layer_norm']\n"


@pytest.mark.parametrize("options", [(), ("--format", "latex")], ids=["terminal", "latex"])
def test_an_explanation_names_forbidden_calls(run, written, tmp_path: Path, options) -> None:
    (tmp_path / "answers.py").write_text(LIBRARY, encoding="utf-8")
    explain = ("explain", "answers.py", "--problem", "layer_norm", *options)
    with_it = run(*explain, "--assignment", written(FORBIDDEN))
    assert with_it.returncode == ExitCode.PASSED
    assert "Proved" in with_it.stdout
    assert "Your function calls `layer_norm`" in with_it.stdout
    assert "Your function calls" not in run(*explain).stdout


def test_an_explanation_says_nothing_of_calls_that_a_hidden_check_looks_for(run, written, tmp_path: Path) -> None:
    (tmp_path / "answers.py").write_text(LIBRARY, encoding="utf-8")
    file = written(f"{FORBIDDEN}hidden = ['own_work']")
    shown = run("explain", "answers.py", "--problem", "layer_norm", "--assignment", file)
    assert (shown.returncode, "Your function calls" in shown.stdout) == (ExitCode.PASSED, False)


def test_an_explanation_keeps_to_the_limits_of_the_file(run, written, tmp_path: Path) -> None:
    source = "def td_error(rewards, values, next_values, dones, gamma):\n    while True: pass\n"
    (tmp_path / "answers.py").write_text(source, encoding="utf-8")
    shown = run("explain", "answers.py", "--problem", "td_error", "--assignment", written("limits = {timeout = 0.5}"))
    assert shown.returncode == ExitCode.FAILED
    assert "0.5 s" in " ".join(shown.stdout.split())


def test_final_needs_an_assignment(run) -> None:
    done = run("check", ".", "--final")
    assert done.returncode == ExitCode.USAGE
    assert "name the file with --assignment" in done.stderr
