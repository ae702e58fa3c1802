"""Speed reports for people and for programs, and the exit code that goes with them."""

from __future__ import annotations

import json
import re

import pytest

from grader.bench.as_json import render_json
from grader.bench.model import Contest, Contestant, Measured, ProblemSpeed, Standing, State
from grader.bench.terminal import duration, render_terminal
from grader.commands.bench import exit_code_of
from grader.exit_codes import ExitCode
from tests.bench.samples import TIMES, contest, named, problem, report


def test_a_table_has_a_row_for_everybody_with_times_and_shares():
    text = render_terminal(report())
    assert "yours                  4.20 ms  4.00 ms – 5.00 ms         2.00          20 %" in text
    assert "reference              2.10 ms  2.00 ms – 2.20 ms         1.00          40 %" in text
    assert "kernel                 42.0 µs" in text
    assert re.search(r"^bound +840 µs +for 8 MB +0.40$", text, re.MULTILINE)
    assert "Points for speed: 2 of 3 (at most 1.5 times the reference's time)" in text
    assert "a copy moves 10 GB/s, a product of matrices does 200 GFLOP/s" in text


def test_a_time_that_does_not_count_says_why():
    text = render_terminal(report(problem(State.TIMED, contest(Standing.WRONG, "Fast, perhaps, but wrong."))))
    assert "✗ Fast, perhaps, but wrong." in text


@pytest.mark.parametrize(
    ("state", "said"),
    [(State.NOT_RIGHT, "make it right first"), (State.NOT_FOUND, "no such function"), (State.FAULT, "not your fault")],
)
def test_a_problem_that_is_not_timed_says_why(state: State, said: str):
    assert said in render_terminal(report(problem(state)))


def test_that_a_time_is_the_graders_is_told():
    times = {**TIMES, Contestant.YOURS: Measured(0.1, 0.1, 0.1, 5, 0.0, by_the_graders_clock=True)}
    forged = contest()
    forged = Contest(forged.direction, forged.work, forged.bound, True, times, Standing.COUNTED)
    assert "by the grader's own clock" in render_terminal(report(problem(State.TIMED, forged)))


def test_verbose_tells_how_exact_the_clock_is():
    said = "100 calls; by itself the grader's clock would miss 500 µs in each"
    assert said in render_terminal(report(), verbose=True)
    assert said not in render_terminal(report())


def test_nothing_of_a_submission_reaches_a_terminal_as_it_is():
    hostile = "\x1b[31m [bold]red[/bold] \u202e"
    text = render_terminal(report(problem(State.TIMED, contest(Standing.STOPPED, hostile)))) + render_terminal(
        named(hostile)
    )
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]" in text


def test_json_is_strict_and_ascii():
    text = render_json(named("\ud800 ünï"))
    assert text.isascii()
    (one,) = json.loads(text)["problems"][0]["contests"]
    assert one["times"]["yours"]["seconds"] == 0.0042
    assert one["ratio"] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(1.5, "1.50 s"), (0.0123, "12.3 ms"), (4.2e-5, "42.0 µs"), (0.000999, "999 µs"), (0.0, "0.00 ns")],
)
def test_durations_have_three_digits(seconds: float, written: str):
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("timed", "code"),
    [
        (problem(State.TIMED, contest()), ExitCode.PASSED),
        (problem(State.TIMED, contest(Standing.WRONG)), ExitCode.FAILED),
        (problem(State.TIMED, contest(), contest(Standing.IMPOSSIBLE)), ExitCode.FAILED),
        (problem(State.NOT_RIGHT), ExitCode.FAILED),
        (problem(State.NOT_FOUND), ExitCode.FAILED),
        (problem(State.FAULT), ExitCode.GRADER_ERROR),
    ],
)
def test_the_exit_code_tells_whether_every_time_counts(timed: ProblemSpeed, code: ExitCode):
    assert exit_code_of(report(timed)) is code
