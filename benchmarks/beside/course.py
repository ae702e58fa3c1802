"""The class that all three graders grade: the notebooks, and the assertions in the form that each of them wants."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grader.catalog.find import bundled

QUESTIONS = ("td_error", "categorical_entropy", "layer_norm")
ASSERTIONS = Path(__file__).with_name("assertions.py")
HONEST = Path(__file__).resolve().parents[2] / "tests" / "problems" / "honest"

Answers = Mapping[str, str]
"""For each question, the text of the cell that answers it."""


def right_answers(number: int) -> Answers:
    """Right answers of one student; those with other numbers are written in other ways."""
    return {name: _right_answer(name, number) for name in QUESTIONS}


def _right_answer(name: str, number: int) -> str:
    tree = ast.parse((HONEST / f"{name}.py").read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    ways = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    chosen = ways[number % len(ways)]
    chosen.name = name
    return "\n".join(map(ast.unparse, (*imports, chosen)))


def assignment_for_nbgrader() -> NotebookNode:
    """The instructor's notebook: cells to fill in, and cells with hidden tests.

    `nbgrader generate_assignment` takes the tests out and `nbgrader autograde` puts them back, so that the notebook of
    a student holds no assertions, for whatever grader.
    """
    cells = [nbformat.v4.new_markdown_cell("# Three questions")]
    for name in QUESTIONS:
        solution = f"### BEGIN SOLUTION\n{_right_answer(name, 0)}\n### END SOLUTION"
        test = f"### BEGIN HIDDEN TESTS\n{_assertions()}\n\ntest_{name}({name})\n### END HIDDEN TESTS"
        cells.append(_cell(solution, name, grade=False))
        cells.append(_cell(f"# the tests of {name}\n{test}", f"test_{name}", grade=True))
    return nbformat.v4.new_notebook(cells=cells, metadata=_kernel())


def _cell(source: str, identity: str, *, grade: bool) -> NotebookNode:
    marks = {
        "schema_version": 3,
        "grade_id": identity,
        "grade": grade,
        "locked": grade,
        "solution": not grade,
        "task": False,
    }
    if grade:
        marks["points"] = 1
    return nbformat.v4.new_code_cell(source, id=identity.replace("_", "-"), metadata={"nbgrader": marks})


def _kernel() -> dict[str, object]:
    return {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }


def handed_in(released: Path, answers: Answers) -> str:
    """The notebook of a student who filled these answers in, as a file's text."""
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        identity = cell.metadata.get("nbgrader", {}).get("grade_id")
        if identity in answers:
            cell.source = answers[identity]
    return nbformat.writes(notebook)


def code_of(notebook: Path) -> list[str]:
    """The code cells of a notebook."""
    return [cell.source for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]


def write_otter_tests(folder: Path) -> None:
    """One test file for each question, in otter's exception-based format."""
    folder.mkdir(parents=True)
    for name in QUESTIONS:
        head = f'OK_FORMAT = False\n\nfrom otter.test_files import test_case\n\nname = "{name}"\npoints = 1\n'
        text = f"{head}\n{_assertions()}\n\nchecked = test_case(points=1)(test_{name})\n"
        (folder / f"{name}.py").write_text(text, encoding="utf-8")


def write_problems(folder: Path) -> None:
    """Our three problems with nothing but the assertions' cases, each worth one point."""
    for place in bundled().choose(QUESTIONS):
        where = folder / place.path.parent.name
        where.mkdir(parents=True, exist_ok=True)
        (where / f"{place.id}.py").write_text(_problem(place.path.parent.name, place.id), encoding="utf-8")


def _problem(package: str, name: str) -> str:
    return f'''"""The cases of the assertions, and nothing else."""

from dataclasses import replace

from grader.checks import Agreement
from grader.model.case import Example
from problems.{package}.{name} import PROBLEM as WHOLE

{_assertions()}

PROBLEM = replace(
    WHOLE,
    examples=tuple(
        Example(f"case {{number}}", values=arguments) for number, (arguments, _) in enumerate(CASES["{name}"], start=1)
    ),
    edges=(),
    checks=(Agreement(1, drawn=0),),
)
'''


def _assertions() -> str:
    """Their text without the docstring of the module."""
    text = ASSERTIONS.read_text(encoding="utf-8")
    return text.split('"""\n', 1)[1].strip()


def broken_notebook() -> str:
    """A file that was cut off while it was uploaded."""
    return json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})[:30]
