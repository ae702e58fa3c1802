"""`pytest --submission`, with a real sandbox."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.forking import completed

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ("-p", "grader.pytest_plugin", "-p", "no:cacheprovider")


@pytest.fixture(autouse=True)
def only_our_plugin(monkeypatch) -> None:
    """Load the plugin by its module, so that the tests need no installation; installed, it is found by itself."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def run_pytest(pytester: pytest.Pytester, *arguments: object) -> pytest.RunResult:
    """pytest with our plugin, in a process of its own."""
    done = completed(*PLUGIN, *arguments, cwd=pytester.path, env=os.environ, program="pytest")
    return pytest.RunResult(done.returncode, done.stdout.splitlines(), done.stderr.splitlines(), 0.0)


@pytest.fixture
def submitted(pytester, answers):
    """Run pytest on the submission, from an empty folder."""
    pytester.makeini("[pytest]")
    return lambda *more: run_pytest(pytester, "--submission", answers, *more)


def test_every_check_is_an_item_with_the_outcome_of_its_verdict(submitted, pytester) -> None:
    chosen = "(layer_norm and not backward) or discounted_returns or (td_error and not sarsa)"
    result = submitted("-k", chosen, "--junitxml", "out.xml", "-rs")
    outcomes = result.parseoutcomes()
    assert (outcomes["passed"], outcomes["failed"], outcomes["skipped"]) == (6, 9, 5)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*layer_norm::agreement*", "In the case *", "Reason: You divide the sum*"])
    result.stdout.fnmatch_lines(["Found `td_errors`, expected `td_error`*"])
    result.stdout.fnmatch_lines(["SKIPPED*first the check `agreement` has to pass*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")
    cases = ET.parse(pytester.path / "out.xml").getroot().iter("testcase")
    assert {case.get("name") for case in cases if case.get("classname") == "layer_norm"} >= {"agreement", "contract"}


def test_checks_are_listed_without_running_anything(submitted) -> None:
    listed = submitted("--collect-only", "-q", "--grader-problem", "layer_norm")
    listed.stdout.fnmatch_lines(["layer_norm::agreement", "layer_norm::gradient", "layer_norm::contract"])
    listed.stdout.no_fnmatch_line("discounted_returns*")


ASSIGNMENT = """
title = "Two"
choose = ["discounted_returns", "layer_norm"]
hidden = ["float64"]
problem.discounted_returns.forbidden = ["zeros_like"]
"""


def test_an_assignment_says_what_is_graded(submitted, pytester) -> None:
    pytester.makefile(".toml", assignment=ASSIGNMENT)
    result = submitted("--grader-assignment", "assignment.toml", "-v", "-k", "discounted_returns")
    outcomes = result.parseoutcomes()
    assert (outcomes["passed"], outcomes["failed"]) == (5, 1)
    result.stdout.fnmatch_lines(["*discounted_returns::own_work FAILED*"])
    result.stdout.fnmatch_lines(["Your function calls `zeros_like`*"])
    result.stdout.no_fnmatch_line("*::float64*")


def test_a_broken_problem_of_the_assignment_is_one_line(submitted, pytester) -> None:
    folder = pytester.mkdir("own") / "q21_broken"
    folder.mkdir()
    (folder / "broken.py").write_text("1 / 0", encoding="utf-8")
    pytester.makefile(".toml", assignment="title = 'One'\nproblems = ['own']\nchoose = ['broken']")
    result = submitted("--grader-assignment", "assignment.toml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *broken.py can't be loaded: ZeroDivisionError*"])


def test_the_first_failure_can_end_the_run(submitted) -> None:
    submitted("-x", "--grader-problem", "layer_norm").assert_outcomes(failed=1)


def test_our_own_failure_is_an_error_and_not_a_failure(submitted, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = submitted("--grader-isolation", "bubblewrap", "-k", "layer_norm and not backward and agreement")
    outcomes = result.parseoutcomes()
    assert outcomes["errors"] == 1
    assert "failed" not in outcomes
    result.stdout.fnmatch_lines(["The grader failed, not the submission: --isolation bubblewrap can't be used*"])
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_an_empty_submission_fails(pytester) -> None:
    folder = pytester.mkdir("empty")
    chosen = "layer_norm and not backward and agreement"
    result = run_pytest(pytester, "--submission", folder, "-k", chosen)
    assert result.parseoutcomes()["failed"] == 1


def test_what_went_wrong_while_the_submission_was_loaded_stands_below_a_failure(pytester) -> None:
    pytester.makeini("[pytest]")
    answers = pytester.makepyfile(answers="td_error = 1 / 0\n")
    result = run_pytest(pytester, "--submission", answers, "-k", "td_error and not sarsa and agreement")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(
        ["*did not run to the end; see the notices.", "*notices*", "*answers.py*1*ZeroDivision*"]
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--grader-problem", "layer_nrom"], "*Did you mean `layer_norm`?*"),
        (["--grader-isolation", "hope"], "*invalid choice: 'hope'*"),
        (["--grader-seed", "-1", "-k", "layer_norm"], "*--seed -1: choose a whole number*"),
        (["--grader-assignment", "nowhere.toml"], "*The assignment file nowhere.toml can't be read*"),
    ],
)
def test_wrong_options_are_usage_errors(submitted, more, said) -> None:
    result = submitted(*more)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert any(said.strip("*") in line for line in result.outlines + result.errlines)


def test_a_submission_that_is_not_there_is_a_usage_error(pytester) -> None:
    result = run_pytest(pytester, "--submission", "nowhere")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --submission nowhere: there is no such file or folder."])


def test_test_files_of_the_folder_run_only_if_they_are_named(submitted, pytester) -> None:
    path = pytester.makepyfile(test_own="def test_own(): pass")
    chosen = ("--collect-only", "-q", "--grader-problem", "layer_norm")
    submitted(*chosen).stdout.no_fnmatch_line("*test_own*")
    submitted(*chosen, path).stdout.fnmatch_lines(["test_own.py::test_own", "layer_norm::agreement"])


def test_without_a_submission_the_plugin_costs_nothing(pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_was_loaded():
            assert "torch" not in sys.modules
            assert "grader.session" not in sys.modules
        """
    )
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)
