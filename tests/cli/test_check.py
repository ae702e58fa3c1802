"""`grader check`, with a real sandbox."""

from __future__ import annotations

import inspect
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from grader.cli import check
from grader.commands.check import exit_code_of
from grader.exit_codes import ExitCode
from grader.model.verdict import Outcome, ProblemReport, Report, Verdict
from grader.session import Options

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NINE = ("--assignment", EXAMPLES / "nine.toml")
"""The problems that the examples answer."""


def test_right_answers_pass(run) -> None:
    done = run("check", EXAMPLES / "good", *NINE, "--format", "json")
    report = json.loads(done.stdout)
    assert {p["id"]: p["outcome"] for p in report["problems"] if p["outcome"] != "passed"} == {}
    assert done.returncode == ExitCode.PASSED
    assert report["score"] == report["max_score"] > 0


def test_typical_mistakes_fail_and_are_named(run) -> None:
    done = run("check", EXAMPLES / "mixed", *NINE, "--format", "json")
    assert done.returncode == ExitCode.FAILED
    verdicts = [v for p in json.loads(done.stdout)["problems"] for v in p["verdicts"]]
    assert any(v["misconception"] for v in verdicts)
    assert not any(v["outcome"] == "grader_error" for v in verdicts)


def test_a_notebook_is_graded(run) -> None:
    done = run("check", EXAMPLES / "notebook", *NINE, "--format", "json")
    assert done.returncode in (ExitCode.PASSED, ExitCode.FAILED)
    assert json.loads(done.stdout)["score"] > 0


def test_the_terminal_report_names_the_mistake_and_nothing_is_on_stderr(run, answers: Path) -> None:
    chosen = ("--problem", "layer_norm", "--problem", "discounted_returns", "--problem", "td_error")
    done = run("check", answers, "--seed", "1", *chosen)
    assert (done.returncode, done.stderr) == (ExitCode.FAILED, "")
    assert "\x1b" not in done.stdout
    reason = "Reason: You divide the sum of squares by d − 1"
    proven = "Proved: your function computes exactly this."
    for said in ("✓ passed, proved", reason, proven, "Found `td_errors`", "--seed 1"):
        assert said in " ".join(done.stdout.split())


def test_one_problem_can_be_chosen_by_name_and_one_question_by_number(run, answers: Path) -> None:
    done = run("check", answers, "--problem", "layer_norm", "--problem", "q1", "--format", "json")
    ids = [p["id"] for p in json.loads(done.stdout)["problems"]]
    assert "layer_norm" in ids
    assert "discounted_returns" in ids
    assert "masked_attention" not in ids


def test_a_seed_replays_a_run_bit_for_bit(run, answers: Path) -> None:
    chosen = ("check", answers, "--problem", "12", "--seed", "7", "--format", "json")
    assert run(*chosen).stdout == run(*chosen).stdout


def test_a_report_can_go_to_a_file(run, answers: Path, tmp_path: Path) -> None:
    done = run("check", answers, "--problem", "q1", "--format", "junit", "--output", tmp_path / "report.xml")
    assert (done.stdout, done.stderr) == ("", "")
    assert ET.parse(tmp_path / "report.xml").getroot().tag == "testsuites"


def test_what_passed_and_what_was_printed_is_shown_on_demand(run, answers: Path) -> None:
    chosen = ("check", answers, "--problem", "discounted_returns")
    assert "✓ agreement" not in run(*chosen).stdout
    verbose = run(*chosen, "--verbose")
    assert verbose.returncode == ExitCode.PASSED
    assert "✓ agreement" in verbose.stdout
    assert r"loading \x1b[31m" in verbose.stdout


@pytest.mark.parametrize(("option", "name"), [([], "answers.py"), (["--notebook"], "answers.ipynb")])
def test_a_starter_scores_nothing_and_is_told_so_kindly(run, option, name) -> None:
    run("starter", "q12", "--output", ".", *option)
    done = run("check", name, "--problem", "q12")
    assert (done.returncode, done.stderr) == (ExitCode.FAILED, "")
    (unwritten,) = (line for line in done.stdout.split("\n\n") if "Not written yet (NotImplementedError):" in line)
    assert "layer_norm" in unwritten
    assert "Total 0 /" in done.stdout


@pytest.mark.parametrize("content", [None, "", "x = 1"])
def test_nothing_to_grade_has_its_own_exit_code(run, tmp_path: Path, content) -> None:
    path = tmp_path / "submission"
    if content is not None:
        path.mkdir()
        if content:
            (path / "notes.txt").write_text(content, encoding="utf-8")
    done = run("check", path)
    assert (done.returncode, done.stdout) == (ExitCode.NOTHING_TO_GRADE, "")
    assert re.fullmatch(r"error: [^\n]+\n", done.stderr)


def test_a_sandbox_that_is_not_there_is_our_fault(run, answers: Path, tmp_path: Path) -> None:
    done = run("check", answers, "--isolation", "bubblewrap", PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (ExitCode.GRADER_ERROR, "")
    assert "error: --isolation bubblewrap can't be used" in done.stderr


def test_without_isolation_the_report_says_so(run, answers: Path) -> None:
    done = run("check", answers, "--isolation", "none", "--problem", "q1", "--format", "json")
    report = json.loads(done.stdout)
    assert report["isolation"] == "none"
    assert report["notices"]


@pytest.mark.parametrize(
    ("number", "seconds"),
    [(signal.SIGINT, 0.3), (signal.SIGINT, 0.8), (signal.SIGINT, 1.4), (signal.SIGINT, 4), (signal.SIGTERM, 4)],
)
def test_a_signal_ends_it_at_once_and_cleanly(environment, tmp_path: Path, number: int, seconds: float) -> None:
    """Soon after the sandbox has started torch is being imported here, later the answer is running."""
    (tmp_path / "answers.py").write_text(
        "def layer_norm(x, gamma, beta, eps):\n    while True: pass\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "grader", "check", "answers.py", "--timeout", "100", "--problem", "layer_norm"]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        command, cwd=tmp_path, env={**environment, "TMPDIR": str(temporary)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not has_child(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(seconds)
    os.kill(process.pid, number) if number == signal.SIGTERM else os.killpg(process.pid, number)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (
        ExitCode.INTERRUPTED,
        "",
        "error: interrupted; nothing was graded.\n",
    )
    assert list(temporary.iterdir()) == []


def test_an_interrupt_in_the_middle_of_a_dataclass_ends_it_as_any_other(environment, tmp_path: Path) -> None:
    """The source of its methods is run as a string, of which CPython remembers that it was interrupted."""
    (tmp_path / "interrupted.py").write_text(
        "from grader import cli\n"
        "cli.app.command('stop')(lambda: exec('raise KeyboardInterrupt'))\n"
        "raise SystemExit(cli.main(['stop']))\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "interrupted"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (ExitCode.INTERRUPTED, "error: interrupted; nothing was graded.\n")


def has_child(pid: int) -> bool:
    if sys.platform != "linux":
        return True
    return bool(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").strip())


def test_progress_is_shown_on_a_terminal_and_gone_at_the_end(environment, answers: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "grader", "check", str(answers), "--problem", "layer_norm", "--format", "json"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 65536):
            shown += block
    except OSError:  # Linux says EIO where the other end has been closed
        pass
    output, _ = process.communicate(timeout=60)
    os.close(ours)
    assert b"layer_norm" in shown
    assert json.loads(output)["problems"]


def test_defaults_of_the_command_line_are_those_of_the_session() -> None:
    defaults = {name: parameter.default for name, parameter in inspect.signature(check).parameters.items()}
    options = Options()
    shared = ("device", "seed", "isolation", "timeout")
    assert {name: defaults[name] for name in shared} == {name: getattr(options, name) for name in shared}


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([Outcome.PASSED], ExitCode.PASSED),
        ([Outcome.PASSED, Outcome.UNDECIDED], ExitCode.PASSED),
        ([Outcome.PASSED, Outcome.FAILED], ExitCode.FAILED),
        ([Outcome.PASSED, Outcome.BLOCKED], ExitCode.FAILED),
        ([Outcome.SUBMISSION_ERROR], ExitCode.FAILED),
        ([Outcome.FAILED, Outcome.GRADER_ERROR], ExitCode.GRADER_ERROR),
    ],
)
def test_the_exit_code_says_how_it_went(outcomes, code) -> None:
    verdicts = tuple(Verdict(f"check {i}", "", outcome, 0, 1) for i, outcome in enumerate(outcomes))
    assert exit_code_of(Report("x", 1, "none", "cpu", (ProblemReport("a", "A", 1, verdicts),))) is code


def test_where_no_sandbox_can_run_everything_still_works_and_says_so(run, answers: Path, tmp_path: Path) -> None:
    (tmp_path / "sandlock.py").write_text("raise ImportError('no wheel for this system')", encoding="utf-8")
    search = f"{tmp_path}{os.pathsep}{Path(__file__).resolve().parents[2]}"
    done = run("check", answers, "--problem", "q1", "--problem", "layer_norm", PYTHONPATH=search, PATH=str(tmp_path))
    assert done.returncode == 1
    assert "isolation none" in done.stdout
    assert "No sandbox" in done.stdout
    assert "d − 1" in done.stdout


def test_the_same_seed_gives_the_same_report_byte_for_byte(run, answers: Path) -> None:
    first, second = (run("check", answers, "--seed", "12", "--format", "json").stdout for _ in range(2))
    assert first == second
    assert json.loads(first)["seed"] == 12


@pytest.mark.parametrize("isolation", ["sandlock", "bubblewrap"])
def test_the_folder_one_stands_in_is_not_readable_from_the_sandbox(run, tmp_path: Path, isolation: str) -> None:
    """It is on the path of `python -m grader`, and may hold the submissions of a whole class."""
    (tmp_path / "neighbour.py").write_text("the neighbour's answer", encoding="utf-8")
    source = (
        f"def layer_norm(x, gamma, beta, eps):\n    raise ValueError(open({str(tmp_path / 'neighbour.py')!r}).read())\n"
    )
    (tmp_path / "handed in").mkdir()
    (tmp_path / "handed in" / "answers.py").write_text(source, encoding="utf-8")
    done = run("check", "handed in", "--problem", "layer_norm", "--format", "json", "--isolation", isolation)
    message = json.loads(done.stdout)["problems"][0]["verdicts"][0]["message"]
    assert "the neighbour's answer" not in message
    assert "PermissionError" in message or "FileNotFoundError" in message
