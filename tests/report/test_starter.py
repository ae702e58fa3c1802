"""Starters: valid, formatted, importable, and graded politely."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.grading import grade
from grader.model.problem import CatalogEntry
from grader.model.verdict import Outcome, Report
from grader.rehearsal import answering
from grader.report.formats import Format
from grader.report.render import render
from grader.report.starter import starter_notebook, starter_script


@pytest.fixture(scope="module")
def entries() -> list[CatalogEntry]:
    return [load(place) for place in bundled().places]


@pytest.fixture(scope="module")
def functions(entries) -> dict[str, object]:
    namespace: dict[str, object] = {}
    exec(compile(starter_script(entries), "answers.py", "exec"), namespace)
    return namespace


def test_the_script_defines_every_problem_with_its_arguments(entries, functions) -> None:
    for entry in entries:
        wanted = tuple(each.partition("=")[0] for each in entry.problem.signature.parameters())
        assert tuple(inspect.signature(functions[entry.id]).parameters) == wanted


def test_a_docstring_holds_the_statement_and_the_formula_as_they_are(entries, functions) -> None:
    for entry in entries:
        docstring = functions[entry.id].__doc__
        assert entry.problem.latex in docstring
        assert entry.problem.statement.strip().splitlines()[0] in docstring


@pytest.mark.parametrize("name", ["answers.py", "answers.ipynb"])
def test_formatters_leave_a_starter_as_it_is(entries, tmp_path: Path, name) -> None:
    path = tmp_path / name
    path.write_text((starter_script if name.endswith(".py") else starter_notebook)(entries), encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", "--diff", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_notebook_is_valid_and_its_code_parses(entries) -> None:
    notebook = nbformat.reads(starter_notebook(entries), as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    statements = [node for source in code for node in ast.parse(source).body]
    defined = [node.name for node in statements if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert defined == [entry.id for entry in entries]


def test_the_notebook_gives_the_same_bytes_every_time(entries) -> None:
    assert starter_notebook(entries) == starter_notebook(entries)
    assert len({cell["id"] for cell in json.loads(starter_notebook(entries))["cells"]}) == 2 * len(entries) + 2


def test_quotes_in_a_statement_do_not_end_the_docstring(entries) -> None:
    problem = dataclasses.replace(entries[0].problem, statement='Say """hello""" and \\', formula="\\")
    entry = dataclasses.replace(entries[0], problem=problem)
    ast.parse(starter_script([entry]))


def test_many_arguments_stand_one_per_line(entries) -> None:
    signature = entries[0].problem.signature
    (about,) = (a for n, a in signature.arguments.items() if n == "gamma")
    longer = dataclasses.replace(signature, arguments={f"argument_number_{i}": about for i in range(9)})
    problem = dataclasses.replace(entries[0].problem, signature=longer, formula="y", speed=None)
    entry = dataclasses.replace(entries[0], problem=problem)
    assert "(\n    argument_number_0,\n    argument_number_1,\n" in starter_script([entry])


def test_a_starter_scores_nothing_and_is_told_so_kindly(entries, functions) -> None:
    reports = tuple(grade(entry, answering(functions[entry.id]), seed=1) for entry in entries)
    assert [report.score for report in reports] == [0] * len(entries)
    assert {v.outcome for r in reports for v in r.verdicts} <= {Outcome.SUBMISSION_ERROR, Outcome.BLOCKED}
    assert reports[0].verdicts[0].message.startswith("This is not written yet")
    shown = render(Report("starter", 1, "none", "cpu", reports), Format.TERMINAL, width=200)
    assert "Not written yet (NotImplementedError): discounted_returns" in shown
    assert "✗" not in shown
