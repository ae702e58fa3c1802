"""`grader verify --regions`, and the row of `grader verify` for what cases reach."""

from __future__ import annotations

import json
from pathlib import Path

from grader.cli import main
from grader.exit_codes import ExitCode

PROBLEM = '''
"""The larger one of x and y, for each element."""

import torch

from grader.checks import Agreement, Edges
from grader.model.case import Example
from grader.model.problem import Problem
from grader.model.signature import Signature, Tensor


def larger(x, y):
    return torch.maximum(x, y)


def smaller(x, y):
    """You take the smaller one."""
    return torch.minimum(x, y)


PROBLEM = Problem(
    title="The larger one",
    source="made up",
    statement=__doc__,
    formula="max(x, y)",
    signature=Signature({"x": Tensor("n", "numbers"), "y": Tensor("n", "numbers")}, "n"),
    reference=larger,
    checks=(Agreement(1), Edges(1)),
    misconceptions=(smaller,),
    edges=(Example("one\\x1b[31m element", {"n": 1}),),
)
'''


def problems(folder: Path) -> Path:
    """A folder with one problem, whose cases never have equal numbers."""
    (folder / "q21_arithmetic").mkdir(parents=True)
    (folder / "q21_arithmetic" / "larger.py").write_text(PROBLEM, encoding="utf-8")
    return folder


def test_the_report_says_which_cases_reach_a_region(capsys) -> None:
    assert main(["verify", "--regions", "td3_target"]) == ExitCode.PASSED
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("td3_target Cases: 1 thirty-one steps · 2 a hundred steps · 3 no episode ends ·")
    assert "✓ N = 1 5–6" in shown
    assert "· rewards: infinite numbers –" in shown
    assert "✓ torch.minimum(next_q1, next_q2): both are equal 8" in shown
    assert shown.endswith("8 regions of 1 problem have to be reached, and are.")


def test_a_declaration_is_shown_with_its_reason(capsys) -> None:
    assert main(["verify", "--regions", "a2c_loss"]) == ExitCode.PASSED
    assert "unreachable: logits are finite here" in " ".join(capsys.readouterr().out.split())


def test_a_side_that_no_case_reaches_fails_both_reports(capsys, tmp_path: Path) -> None:
    folder = str(problems(tmp_path))
    assert main(["verify", "--regions", "--problems", folder]) == ExitCode.FAILED
    shown = " ".join(capsys.readouterr().out.split())
    assert "✗ torch.maximum(x, y): both are equal" in shown
    assert shown.endswith("5 regions of 1 problem have to be reached: 1 to look at.")
    assert main(["verify", "--no-cache", "--problems", folder]) == ExitCode.FAILED
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "✗ larger, side torch.maximum(x, y): both are equal (q21_arithmetic/larger.py, line 13): no case reaches it"
        in shown
    )
    assert "4 of 5" in shown


def test_names_of_cases_can_not_act_on_the_terminal(capsys, tmp_path: Path) -> None:
    main(["verify", "--regions", "--problems", str(problems(tmp_path))])
    assert "\x1b" not in capsys.readouterr().out


def test_the_report_as_json_has_every_case_by_name(capsys, tmp_path: Path) -> None:
    output = tmp_path / "regions.json"
    assert main(["verify", "--regions", "td3_target", "--format", "json", "--output", str(output)]) == ExitCode.PASSED
    assert capsys.readouterr().out == ""
    report = json.loads(output.read_text(encoding="utf-8"))
    (problem,) = report["problems"]
    (tie,) = (region for region in problem["regions"] if region["name"].endswith("both are equal"))
    assert (report["schema"], problem["id"]) == (1, "td3_target")
    assert tie == {
        "kind": "side",
        "name": "torch.minimum(next_q1, next_q2): both are equal",
        "place": "reference/targets.py, line 24",
        "demanded": True,
        "cases": ["the critics agree"],
        "unreachable": None,
        "trouble": "",
    }


def test_an_unknown_problem_is_told(capsys) -> None:
    assert main(["verify", "--regions", "no_such_problem"]) == ExitCode.USAGE
    assert "no_such_problem" in capsys.readouterr().err
