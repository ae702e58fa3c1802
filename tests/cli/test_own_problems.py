"""An author's problem is one file: put into a folder, it is listed, shown, started and graded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

PROBLEM = '''
"""Twice x, for every element of `x`."""

import torch

from grader.checks import Agreement, Contract, Gradients, full_precision
from grader.model.problem import Problem
from grader.model.signature import Gradient, Signature, Tensor


def doubled(x):
    return 2 * x


def squared(x):
    """You square x. Twice x is x + x."""
    return x * x


PROBLEM = Problem(
    title="Doubling",
    source="made up",
    statement=__doc__,
    formula="y = 2 x",
    signature=Signature({"x": Tensor("... n", "any numbers", gradient=Gradient.GRADED)}, "... n"),
    reference=doubled,
    checks=(Agreement(2), full_precision(1), Gradients(1), Contract(1)),
    misconceptions=(squared,),
)
'''


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    folder = tmp_path / "ours"
    (folder / "q21_arithmetic").mkdir(parents=True)
    (folder / "q21_arithmetic" / "doubled.py").write_text(PROBLEM, encoding="utf-8")
    return folder


def test_it_is_listed_and_shown(run, problems: Path) -> None:
    listed = run("problems", "--problems", problems)
    assert (listed.returncode, "doubled" in listed.stdout, "layer_norm" in listed.stdout) == (0, True, False)
    assert "def doubled(x):" in run("show", "doubled", "--problems", problems).stdout


def test_a_starter_is_written_for_it(run, problems: Path, tmp_path: Path) -> None:
    assert run("starter", "--output", tmp_path / "work", "--problems", problems).returncode == 0
    assert "def doubled(x):" in (tmp_path / "work" / "answers.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(("answer", "score", "named"), [("x + x", 5, None), ("x ** 2", 0, "squared")])
def test_answers_to_it_are_graded(run, problems: Path, tmp_path: Path, answer: str, score: int, named: str) -> None:
    (tmp_path / "answers.py").write_text(f"def doubled(x):\n    return {answer}\n", encoding="utf-8")
    done = run("check", "answers.py", "--problems", problems, "--format", "json")
    report = json.loads(done.stdout)
    assert (report["score"], report["max_score"]) == (score, 5)
    assert report["problems"][0]["question"] == 21
    assert report["problems"][0]["verdicts"][0]["misconception"] == named


def test_a_folder_without_problems_is_a_usage_error(run, tmp_path: Path) -> None:
    done = run("problems", "--problems", tmp_path)
    assert done.returncode == 4
    assert "holds no problems" in done.stderr


def test_a_broken_problem_is_the_graders_fault(run, problems: Path, tmp_path: Path) -> None:
    (problems / "q21_arithmetic" / "broken.py").write_text("PROBLEM = 3\n", encoding="utf-8")
    (tmp_path / "answers.py").write_text("def broken(x):\n    return x\n", encoding="utf-8")
    done = run("check", "answers.py", "--problems", problems)
    assert done.returncode == 3
    assert "broken.py defines no PROBLEM" in done.stderr
