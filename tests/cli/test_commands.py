"""Every command but `check`, and every way to use the program wrongly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader import __version__
from grader.cli import main
from grader.exit_codes import ExitCode


def one_error_line(text: str) -> str:
    (line,) = text.splitlines()
    assert line.startswith("error: ")
    return line


def test_exit_codes_are_the_published_ones() -> None:
    published = {"PASSED": 0, "FAILED": 1, "INTERRUPTED": 2, "GRADER_ERROR": 3, "USAGE": 4, "NOTHING_TO_GRADE": 5}
    assert {code.name: code.value for code in ExitCode} == published


def test_version(run) -> None:
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"grader {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["--version"]])
def test_help_and_version_load_no_torch(environment, arguments) -> None:
    code = f"import sys; from grader.cli import main; main({arguments!r}); sys.exit('torch' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False).returncode == 0
    )


def test_no_command_shows_the_help_on_stderr(run) -> None:
    done = run()
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert "Usage: grader" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bogus"], "No such command 'bogus'. `grader --help` lists"),
        (["check"], "Missing argument 'path'. `grader check --help` lists"),
        (["check", ".", "--bogus"], "No such option: --bogus"),
        (["check", ".", "--format", "pdf"], "'pdf'"),
        (["check", ".", "--device", "tpu"], "'tpu'"),
        (["check", ".", "--isolation", "hope"], "'hope'"),
        (["check", ".", "--seed", "abc"], "'--seed'"),
        (["check", ".", "--seed", "-1"], "--seed -1: choose a whole number"),
        (["check", ".", "--timeout", "0"], "--timeout 0: choose a number of seconds"),
        (["check", ".", "--problem", "layer_nrom"], "Did you mean `layer_norm`?"),
        (["check", ".", "--output", "no/such/folder.txt"], "there is no folder no/such"),
        (["check", ".", "--output", "."], "is a folder; name a file in it."),
        (["show", "nothing_like_it"], "There is no problem or question `nothing_like_it`"),
        (["starter"], "Missing option '--output'"),
        (["starter", "nothing_like_it", "--output", "x"], "There is no problem or question"),
    ],
)
def test_wrong_use_is_one_clear_line_and_its_own_exit_code(run, arguments, said) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert said in one_error_line(done.stderr)


def test_an_output_that_cannot_be_written_is_refused_before_anything_is_read(run) -> None:
    assert run("check", "not there", "--output", "no/such/folder.txt").returncode == ExitCode.USAGE


def test_escape_sequences_in_arguments_do_not_reach_the_terminal(run) -> None:
    done = run("check", "\x1b[31mname\u202e")
    assert r"\x1b[31mname\u202e" in one_error_line(done.stderr)


def test_problems_are_listed_with_their_points(run) -> None:
    done = run("problems")
    assert (done.returncode, done.stderr) == (0, "")
    assert "layer_norm" in done.stdout
    assert "Layer normalisation" in done.stdout


def test_problems_as_json(run) -> None:
    listed = json.loads(run("problems", "--format", "json").stdout)
    assert listed["schema"] == 1
    (layer_norm,) = (p for p in listed["problems"] if p["id"] == "layer_norm")
    assert layer_norm == {
        "id": "layer_norm",
        "question": 12,
        "topic": "transformer",
        "title": "Layer normalisation",
        "source": "Assignment question 12; Ba, Kiros & Hinton 2016, eq. 4",
        "points": 10.0,
    }


def test_show_a_problem(run) -> None:
    done = run("show", "layer_norm")
    assert (done.returncode, done.stderr) == (0, "")
    assert "def layer_norm(x, gamma, beta, eps):" in done.stdout


def test_show_a_question_shows_all_of_its_problems(run) -> None:
    shown = run("show", "q12").stdout
    assert "def layer_norm(" in shown
    assert "def masked_attention(" in shown


@pytest.mark.parametrize(("option", "name"), [([], "answers.py"), (["--notebook"], "answers.ipynb")])
def test_starter_writes_one_file(run, tmp_path: Path, option, name) -> None:
    done = run("starter", "layer_norm", "--output", "new/folder", *option)
    assert (done.returncode, done.stdout) == (0, "")
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == [name]
    assert "def layer_norm(" in (tmp_path / "new" / "folder" / name).read_text(encoding="utf-8")


def test_starter_does_not_overwrite_work_unless_told_to(run, tmp_path: Path) -> None:
    path = tmp_path / "answers.py"
    path.write_text("my work", encoding="utf-8")
    refused = run("starter", "--output", ".")
    assert refused.returncode == ExitCode.USAGE
    assert "--force overwrites it" in one_error_line(refused.stderr)
    assert path.read_text(encoding="utf-8") == "my work"
    assert run("starter", "--output", ".", "--force").returncode == 0
    assert "def layer_norm(" in path.read_text(encoding="utf-8")


def test_a_reader_that_goes_away_is_no_error(environment) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "grader", "problems"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=environment, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stdout_that_knows_only_ascii_gets_escapes(run) -> None:
    done = run("show", "layer_norm", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_problem_is_our_fault(tmp_path: Path, monkeypatch, capsys) -> None:
    folder = tmp_path / "q01_broken"
    folder.mkdir()
    (folder / "name.py").write_text("1 / 0", encoding="utf-8")
    monkeypatch.setattr("grader.catalog.find.BUNDLED", tmp_path)
    assert main(["problems"]) == ExitCode.GRADER_ERROR
    assert "division by zero" in one_error_line(capsys.readouterr().err)


def test_a_bug_of_ours_is_a_sentence_and_with_verbose_a_traceback(monkeypatch, capsys) -> None:
    monkeypatch.setattr("grader.catalog.find.BUNDLED", None)
    assert main(["problems"]) == ExitCode.GRADER_ERROR
    assert "--verbose" in one_error_line(capsys.readouterr().err)
    assert main(["problems", "--verbose"]) == ExitCode.GRADER_ERROR
    assert "Traceback" in capsys.readouterr().err


def test_the_reference_of_the_command_line_is_up_to_date(environment, tmp_path: Path) -> None:
    made = tmp_path / "cli.md"
    generate = ["-m", "typer", "grader.cli", "utils", "docs", "--name", "grader", "--output"]
    subprocess.run([sys.executable, *generate, str(made)], env=environment, check=True, capture_output=True)
    written = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
    hint = f"python {' '.join(generate)} docs/cli.md writes it anew"
    assert made.read_text(encoding="utf-8") == written.read_text(encoding="utf-8"), hint
