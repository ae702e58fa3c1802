"""Answers of independent students, from the right answers that the problems are tested with."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path

from grader.intake import read_submission
from grader.model.submission import Submission

HONEST = Path(__file__).resolve().parents[1] / "problems" / "honest"


def answered() -> tuple[str, ...]:
    """Problems that there are right answers to."""
    return tuple(sorted(path.stem for path in HONEST.glob("*.py")))


def honest_answers(problem: str) -> dict[str, str]:
    """By what they are called, files that answer the problem, each with the imports and what the answer uses."""
    source = (HONEST / f"{problem}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    names = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")]
    return {name: _standing_alone(source, tree, name, problem) for name in names}


def submissions(folder: Path, texts: Mapping[str, str], problem: str = "answer") -> dict[str, Submission]:
    """The texts as submissions of students of these names, written and read again."""
    read = {}
    for student, text in texts.items():
        (folder / student).mkdir(parents=True)
        (folder / student / f"{problem}.py").write_text(text, encoding="utf-8")
        read[student] = read_submission(folder / student)
    return read


def notebook(*cells: str) -> str:
    code = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "execution_count": None, "outputs": [], "source": text}
        for n, text in enumerate(cells)
    ]
    return json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _standing_alone(source: str, tree: ast.Module, name: str, problem: str) -> str:
    wanted, waiting = {name}, [name]
    named = {bound: node for node in tree.body for bound in _bound(node)}
    while waiting:
        used = {node.id for node in ast.walk(named[waiting.pop()]) if isinstance(node, ast.Name)}
        waiting += sorted((used & named.keys()) - wanted)
        wanted |= used & named.keys()
    kept = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) or wanted & set(_bound(node))]
    texts = []
    for node in kept:
        lines = source.split("\n")[_first_line(node) - 1 : node.end_lineno]
        texts.append(
            "\n".join(lines).replace(f"def {name}(", f"def {problem}(").replace(f"class {name}", f"class {problem}")
        )
    return "\n\n".join(texts) + "\n"


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
