"""Which code is shown beside the verdicts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import nbformat.v4
import pytest

from grader.intake import read_submission
from grader.model.verdict import Report
from grader.pages import Answer, answers_of
from tests.pages.classes import passed, problem, raised, report


@pytest.fixture
def wanted() -> Report:
    return report(problem("td_error", passed("agreement")), problem("train", passed("agreement")))


def answers(folder: Path, source: str, wanted: Report) -> dict[str, Answer]:
    (folder / "answers.py").write_text(source, encoding="utf-8", newline="")
    return dict(answers_of(read_submission(folder), wanted))


def test_the_definition_is_cut_out_with_its_decorators(tmp_path: Path, wanted) -> None:
    source = "import torch\n\n@torch.no_grad()\n@staticmethod\ndef td_error(r):\n    return r\n\nx = 1\n"
    expected = Answer("answers.py", "@torch.no_grad()\n@staticmethod\ndef td_error(r):\n    return r", 3)
    assert answers(tmp_path, source, wanted) == {"td_error": expected}


def test_the_last_definition_holds_also_in_a_branch(tmp_path: Path, wanted) -> None:
    source = "def td_error(r):\n    return r\n\nif True:\n    def td_error(r):\n        return 2 * r\n"
    assert answers(tmp_path, source, wanted)["td_error"].first_line == 5


def test_a_class_and_an_assignment_are_answers_too(tmp_path: Path, wanted) -> None:
    found = answers(tmp_path, "class train:\n    x = 1\n\ntd_error = lambda r: r\n", wanted)
    assert found["train"].source == "class train:\n    x = 1"
    assert found["td_error"].source == "td_error = lambda r: r"


def test_a_problem_that_is_not_answered_has_no_code(tmp_path: Path, wanted) -> None:
    assert answers(tmp_path, "x = 1\n", wanted) == {}


def test_lines_are_counted_as_python_counts_them(tmp_path: Path, wanted) -> None:
    found = answers(tmp_path, "x = 1\r\ny = '\x0c'\rdef td_error(r):\r\n    return r\r\n", wanted)["td_error"]
    assert (found.first_line, found.source) == (3, "def td_error(r):\n    return r")


def test_the_line_of_an_exception_is_marked_where_it_is_in_the_definition(tmp_path: Path) -> None:
    source = "def helper(r):\n    return 1 / 0\n\n\ndef td_error(r):\n    return helper(r)\n"
    inside, outside = (report(problem("td_error", raised("agreement", line))) for line in (6, 2))
    assert answers(tmp_path, source, inside)["td_error"].line_marked == 6
    assert answers(tmp_path, source, outside)["td_error"].line_marked is None


def test_a_line_of_another_file_is_not_marked(tmp_path: Path) -> None:
    verdict = raised("agreement", 2)
    elsewhere = dataclasses.replace(verdict, evidence=dataclasses.replace(verdict.evidence, path="other.py"))
    found = answers(tmp_path, "def td_error(r):\n    return r\n", report(problem("td_error", elsewhere)))
    assert found["td_error"].line_marked is None


def test_the_last_cell_of_a_notebook_that_defines_it_is_shown_under_its_own_lines(tmp_path: Path, wanted) -> None:
    cells = ["def td_error(r):\n    return r", "import torch", "x = 1\ndef td_error(r):\n    return 2 * r"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    (tmp_path / "solution.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    found = answers_of(read_submission(tmp_path), wanted)
    assert found == {"td_error": Answer("solution.ipynb, cell 3", "def td_error(r):\n    return 2 * r", 2)}


def test_a_name_for_another_definition_shows_that_definition(tmp_path: Path, wanted) -> None:
    source = "def mine(r):\n    return r\n\nagain = mine\ntd_error = train = again\n\ndef mine(r):\n    return 2 * r\n"
    found = answers(tmp_path, source, wanted)
    assert found["td_error"] == found["train"] == Answer("answers.py", "def mine(r):\n    return r", 1)


@pytest.mark.parametrize(
    "source",
    [
        "from torch import add as mine\n\ntd_error = mine",
        "from elsewhere import *\n\ntd_error = mine",
        "if True:\n    td_error = td_error",
        "\n".join(f"td_error = {'td_error' if line else 'x'}" for line in range(400)),
    ],
)
def test_a_name_for_what_comes_from_elsewhere_is_shown_as_it_stands(tmp_path: Path, wanted, source) -> None:
    assert answers(tmp_path, source, wanted)["td_error"].source.strip().startswith("td_error = ")


def test_the_line_of_an_exception_is_marked_behind_another_name(tmp_path: Path) -> None:
    source = "def mine(r):\n    return 1 / 0\n\n\ntd_error = mine\n"
    raised_there = report(problem("td_error", raised("agreement", 2)))
    assert answers(tmp_path, source, raised_there)["td_error"].line_marked == 2


def test_a_cell_may_name_what_an_earlier_cell_defines(tmp_path: Path, wanted) -> None:
    cells = ["def mine(r):\n    return r", "td_error = mine"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    (tmp_path / "solution.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    found = answers_of(read_submission(tmp_path), wanted)["td_error"]
    assert found == Answer("solution.ipynb, cell 1", "def mine(r):\n    return r", 1)
