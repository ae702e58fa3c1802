"""`grader explain`, with a real sandbox: a function as mathematics beside its formula."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli import main
from grader.exit_codes import ExitCode

RIGHT = "def td_error(rewards, values, next_values, dones, gamma):\n    return {}\n"


def explained(tmp_path: Path, capsys, result: str, *options: str) -> tuple[int, str]:
    """The exit code, and what is said about a TD error that returns `result`, on one line."""
    (tmp_path / "answers.py").write_text(RIGHT.format(result), encoding="utf-8")
    code = main(["explain", str(tmp_path / "answers.py"), "--problem", "td_error", *options])
    shown = capsys.readouterr()
    assert shown.err == ""
    return code, shown.out


def test_a_right_answer_is_shown_beside_the_formula_and_proved(tmp_path: Path, capsys) -> None:
    code, shown = explained(tmp_path, capsys, "rewards - values + gamma * (1 - dones) * next_values")
    assert code == ExitCode.PASSED
    assert shown.startswith("Your function td_error, for T = 3, batch (2,)")
    assert "result[0,1] = rewards[0,1] - values[0,1]\n  the formula: rewards[0,1] - values[0,1]" in shown
    assert "Proved (exact): for all real inputs your function equals the formula" in " ".join(shown.split())


def test_a_wrong_answer_is_shown_with_a_counterexample_and_is_no_failure(tmp_path: Path, capsys) -> None:
    code, shown = explained(tmp_path, capsys, "rewards + values + gamma * (1 - dones) * next_values")
    assert code == ExitCode.PASSED
    assert "result[0,1] = rewards[0,1] + values[0,1]\n  the formula: rewards[0,1] - values[0,1]" in shown
    assert "your result minus the formula's is `2*values[" in " ".join(shown.split())
    assert "  gamma = 0.75\n" in shown


def test_an_answer_of_another_shape_is_shown_as_far_as_there_is_something(tmp_path: Path, capsys) -> None:
    code, shown = explained(tmp_path, capsys, "(rewards - values).sum()")
    assert code == ExitCode.PASSED
    assert "your result has shape ()" in " ".join(shown.split())


def test_latex_is_an_environment_to_be_pasted(tmp_path: Path, capsys) -> None:
    code, shown = explained(tmp_path, capsys, "rewards - values", "--format", "latex")
    assert code == ExitCode.PASSED
    comments, _, rest = shown.partition("\\begin{align*}\n")
    assert all(line.startswith("% ") for line in comments.splitlines())
    assert r"  \mathrm{result}_{0,0} &= \mathrm{rewards}_{0,0} - \mathrm{values}_{0,0} \\" in rest.splitlines()
    assert rest.endswith("\n\\end{align*}\n")


def test_an_answer_that_branches_on_values_is_told_with_its_line(tmp_path: Path, capsys) -> None:
    code, shown = explained(tmp_path, capsys, "rewards if rewards.sum() > 0 else values")
    assert code == ExitCode.FAILED
    assert shown.startswith("td_error can't be shown as mathematics.")
    assert "answers.py, line 2: `return rewards if rewards.sum() > 0 else values`" in " ".join(shown.split())


def test_an_answer_that_raises_is_told_with_its_line(tmp_path: Path, capsys) -> None:
    code, shown = explained(tmp_path, capsys, "rewards + no_such_name")
    assert code == ExitCode.FAILED
    assert "NameError" in shown
    assert "answers.py, line 2" in " ".join(shown.split())


@pytest.mark.parametrize("option", [["--isolation", "none"]])
def test_without_isolation_a_notice_says_so(tmp_path: Path, capsys, option) -> None:
    _, shown = explained(tmp_path, capsys, "rewards", *option)
    assert "Note: " in shown


def test_a_missing_function_is_nothing_to_grade(tmp_path: Path, capsys) -> None:
    (tmp_path / "answers.py").write_text("def td_errors():\n    return 1\n", encoding="utf-8")
    assert main(["explain", str(tmp_path), "--problem", "td_error"]) == ExitCode.NOTHING_TO_GRADE
    assert "Found `td_errors`, expected `td_error`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--problem", "td_eror"], "Did you mean `td_error`?"),
        (["--problem", "q2"], "choose one of actor_critic_losses"),
        (["--problem", "td_error", "--format", "pdf"], "'pdf'"),
        ([], "Missing option '--problem'"),
    ],
)
def test_wrong_use_is_told(tmp_path: Path, capsys, arguments, said) -> None:
    assert main(["explain", str(tmp_path), *arguments]) == ExitCode.USAGE
    assert said in capsys.readouterr().err
