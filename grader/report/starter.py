"""Starters: a script or a notebook with a documented, empty function for every problem chosen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import nbformat.v4

from grader.model.methods import ClassSignature
from grader.model.problem import CatalogEntry
from grader.model.signature import Signature
from grader.model.words import number

_NBFORMAT: Any = nbformat  # it has no types
_V4: Any = nbformat.v4

_LONGEST_HEADER = 88
"""Columns that formatters leave on one line unless told otherwise."""

_QUOTES = '"""'


def starter_script(entries: Iterable[CatalogEntry]) -> str:
    """The source of a module that can be imported as it is; every function raises NotImplementedError."""
    preamble = f"{_QUOTES}{_intro('answers.py')}{_QUOTES}\n\nimport torch\n"
    return "\n\n".join([preamble, *(f"{_function(entry, _docstring(entry))}\n" for entry in entries)])


def starter_notebook(entries: Iterable[CatalogEntry]) -> str:
    """The JSON of a notebook (format 4): the statement above each function, and the same bytes every time."""
    cells = [
        _V4.new_markdown_cell(f"# Answers\n\n{_intro('answers.ipynb')}", id="intro"),
        _V4.new_code_cell("import torch", id="imports"),
    ]
    for entry in entries:
        cells.append(_V4.new_markdown_cell(_statement_cell(entry), id=f"{entry.id[:50]}-statement"))
        cells.append(_V4.new_code_cell(_function(entry, _summary(entry)), id=f"{entry.id[:50]}-answer"))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = _V4.new_notebook(cells=cells, metadata=kernel)
    text: str = _NBFORMAT.writes(notebook)
    return text + "\n"


def _intro(file: str) -> str:
    return f"Write your answers here; keep names and arguments. `grader check {file}` tells how far you are."


def _function(entry: CatalogEntry, docstring: str) -> str:
    signature = entry.problem.signature
    if isinstance(signature, ClassSignature):
        return _class(entry.id, signature, docstring)
    body = f'{docstring}\nraise NotImplementedError("{entry.id} is not written yet")'
    return f"{_header(entry)}\n{textwrap.indent(body, '    ')}"


def _class(name: str, signature: ClassSignature, docstring: str) -> str:
    """A class with all its methods, each of which raises NotImplementedError."""
    methods = {"__init__": signature.arguments} | {each: method.arguments for each, method in signature.methods.items()}
    stubs = (
        f"def {each}({', '.join(['self', *arguments])}):\n"
        f'    raise NotImplementedError("{name}.{each} is not written yet")'
        for each, arguments in methods.items()
    )
    body = "\n\n".join([docstring, *stubs])
    return f"{signature.header(name)}\n{textwrap.indent(body, '    ')}"


def _header(entry: CatalogEntry) -> str:
    """The header on one line, or one argument per line where formatters would break it."""
    header = entry.problem.signature.header(entry.id)
    if len(header) <= _LONGEST_HEADER:
        return header
    arguments = "".join(f"    {name},\n" for name in entry.problem.signature.parameters())
    return f"def {entry.id}(\n{arguments}):"


def _summary(entry: CatalogEntry) -> str:
    points = number(entry.problem.points)
    return f"{_QUOTES}{entry.problem.title} (question {entry.question}, {points} points).{_QUOTES}"


def _docstring(entry: CatalogEntry) -> str:
    """A raw string, since formulas are full of backslashes."""
    problem = entry.problem
    parts = (
        _summary(entry).strip('"'),
        problem.source,
        problem.statement.strip(),
        f"Formula:\n    {problem.latex}",
        *_arguments(problem.signature),
    )
    text = "\n\n".join(parts).replace(_QUOTES, "'''")
    return f"r{_QUOTES}{text}\n{_QUOTES}"


def _arguments(signature: Signature) -> tuple[str, ...]:
    """What goes in and comes out; of a class all its methods."""
    if isinstance(signature, ClassSignature):
        rows = ((name, ", ".join(filter(None, (what, about)))) for name, what, about in signature.describe())
        return ("Methods:\n" + "\n".join(f"    {name}: {about}" for name, about in rows),)
    *arguments, (_, kind, about) = signature.describe()
    listed = "\n".join(f"    {name}: {what}, {meaning}" for name, what, meaning in arguments)
    return f"Args:\n{listed}", f"Returns:\n    {kind}, {about}"


def _statement_cell(entry: CatalogEntry) -> str:
    problem = entry.problem
    table = "\n".join(f"| `{name}` | {kind} | {about} |" for name, kind, about in problem.signature.describe())
    return "\n\n".join(
        (
            f"## Question {entry.question}: {problem.title}",
            f"*{problem.source}*",
            problem.statement.strip(),
            f"$$\n{problem.latex}\n$$",
            f"| Argument | What it is | About |\n| --- | --- | --- |\n{table}",
        )
    )
