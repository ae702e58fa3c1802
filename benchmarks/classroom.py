"""Makes a class, from a seed: right answers in many ways, misconceptions, broken files, and a few that hang.

    python benchmarks/classroom.py FOLDER [--students N] [--seed N]

Right answers are those of `tests/problems/honest`, wrong ones the misconceptions of the problems themselves, as far as
they need nothing but torch.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import inspect
import json
import random
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.assignment.read import read_assignment
from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.model.problem import CatalogEntry

PROJECT = Path(__file__).resolve().parents[1]
HONEST = PROJECT / "tests" / "problems" / "honest"
ASSIGNMENT = PROJECT / "examples" / "nine.toml"

RIGHT, WRONG, UNWRITTEN = 0.7, 0.2, 0.05
"""Shares of the answers; the rest is missing altogether."""

HANG = "\n\nwhile True:\n    pass\n"
FIRST_NAMES = ("Ada", "Björn", "Chloé", "Đorđe", "Emre", "Fátima", "Grace", "Hồng", "Ivo", "Łucja", "Mária")
LAST_NAMES = ("Ångström", "Bäcker", "Čapek", "Díaz", "Erdős", "Gauß", "Høeg", "Nguyễn", "O’Hara", "Øst")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    make_class(given.folder, given.students, given.seed)
    print(f"{given.students} submissions in {given.folder}")


def make_class(folder: Path, students: int, seed: int) -> None:
    """Write so many submissions, one entry each; the same seed writes the same bytes."""
    folder.mkdir(parents=True)
    places = bundled().choose(read_assignment(ASSIGNMENT).choose)
    problems = [_Problem(load(place)) for place in places]
    rng = random.Random(seed)
    for number in range(students):
        name = f"{rng.choice(LAST_NAMES)} {rng.choice(FIRST_NAMES)} {number:03}"
        _write(folder, name, rng, {problem.name: problem.answer(rng) for problem in problems})


class _Problem:
    """The answers to choose from."""

    def __init__(self, entry: CatalogEntry) -> None:
        self.name = entry.id
        self._header = entry.problem.signature.header(entry.id)
        source = (HONEST / f"{entry.id}.py").read_text(encoding="utf-8")
        module = ast.parse(source)
        self._right = source
        self._variants = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
        sources = (_standing_alone(m.function, entry.id) for m in entry.problem.named_misconceptions())
        self._wrong = [each for each in sources if each]

    def answer(self, rng: random.Random) -> str:
        """The text of a file that answers the problem, somehow."""
        fate = rng.random()
        if fate < RIGHT:
            variant = rng.choice([name for name in self._variants if not name.startswith("_")])
            return f"{self._right}\n\n{self.name} = {variant}\n"
        if fate < RIGHT + WRONG and self._wrong:
            return rng.choice(self._wrong)
        if fate < RIGHT + WRONG + UNWRITTEN:
            return f"{self._header}\n    raise NotImplementedError\n"
        return "import torch\n"


def _standing_alone(function: Callable[..., Any], name: str) -> str | None:
    """The source of a misconception under the answer's name and without its feedback, if it needs torch alone."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.name = name
    definition.body = definition.body[1:]
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    known = stored | {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)} | {"torch"} | set(dir(builtins))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return f"import torch\n\n\n{ast.unparse(tree)}\n" if used <= known else None


def _write(folder: Path, name: str, rng: random.Random, answers: dict[str, str]) -> None:
    fate = rng.random()
    if fate < 0.01:
        (folder / f"{name}.ipynb").write_text('{"cells": [{"cell_type": "code", "source"', encoding="utf-8")
    elif fate < 0.02:
        (folder / name).mkdir()
        (folder / name / "report.pdf").write_bytes(b"%PDF-1.4 nothing to grade")
    elif fate < 0.25:
        (folder / f"{name}.ipynb").write_text(_notebook(list(answers.values())), encoding="utf-8")
    else:
        (folder / name).mkdir()
        spoiled = rng.choice(sorted(answers)) if fate > 0.95 else None
        for problem, text in answers.items():
            if problem == spoiled:
                text = text + HANG if fate > 0.99 else text.replace(":", "", 1)
            (folder / name / f"{problem}_answer.py").write_text(text, encoding="utf-8")


def _notebook(cells: Sequence[str]) -> str:
    code = [
        {"cell_type": "code", "id": f"cell-{k}", "metadata": {}, "execution_count": None, "outputs": [], "source": text}
        for k, text in enumerate(cells)
    ]
    metadata = {"language_info": {"name": "python"}}
    return json.dumps({"cells": code, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


if __name__ == "__main__":
    main()
