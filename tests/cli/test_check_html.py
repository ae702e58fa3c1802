"""`grader check --format html`, with a real sandbox."""

from __future__ import annotations

from pathlib import Path

from grader.exit_codes import ExitCode
from tests.pages.html_reading import read


def test_a_submission_becomes_a_page_with_formulas_and_code(run, answers: Path, tmp_path: Path) -> None:
    page = tmp_path / "feedback.html"
    chosen = ("--problem", "layer_norm", "--problem", "discounted_returns", "--problem", "td_error")
    done = run("check", answers, "--seed", "1", "--format", "html", "--output", page, *chosen)
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.FAILED, "", "")
    found = read(page.read_text(encoding="utf-8"))
    text = found.flowing()
    assert found.tags.count("math") == 5  # three formulas, of which one is in three parts
    assert "Reason: You divide the sum of squares by d − 1" in text
    assert "Your code in answers.py" in text
    assert "x.mean(-1, keepdim=True), x.var(-1, keepdim=True)" in text
    assert "Found td_errors, expected td_error" in text
    assert r"loading \x1b[31m" in text
    assert "--seed 1" in text
