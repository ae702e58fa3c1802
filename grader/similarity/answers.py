"""Cuts out of a submission the code that answers a problem; nothing of it is executed."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from grader.intake.bindings import last_bindings
from grader.intake.code import parsed
from grader.intake.names import find_answers
from grader.model.submission import CodeUnit, Submission
from grader.similarity.model import Piece

MOST_PIECES = 40
"""Definitions of one answer; what it uses beyond them is left out."""

_IMPORTS = (ast.Import, ast.ImportFrom)
_LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line for Python."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A piece with its syntax tree, whose lines are those of the file."""

    piece: Piece
    statement: ast.stmt


@dataclass(frozen=True, slots=True)
class Answer:
    """What a student wrote for one problem."""

    definitions: tuple[Definition, ...]
    """The answer first, then what it uses in the same file."""

    imports: Mapping[str, str]
    """What stands for what: `F` for `torch.nn.functional`."""


def answers_in(submission: Submission, problems: Iterable[str]) -> dict[str, Answer]:
    """By problem, the definition that is graded and what it uses in its file; problems without one have no entry."""
    files: dict[str, _File] = {}
    answers: dict[str, Answer] = {}
    bound = {name for source in submission.sources for name in source.binds}
    for problem, source in find_answers(submission, [name for name in problems if name in bound]).found:
        if source.path not in files:
            files[source.path] = _File(source.path, source.units)
        file = files[source.path]
        definitions = tuple(file.reached_from(problem))
        if definitions:
            answers[problem] = _answer(definitions, file)
    return answers


def answer_of_text(path: str, text: str, problem: str) -> Answer | None:
    """The answer in the text of one file, None where it isn't there or the text isn't Python."""
    file = _File(path, (CodeUnit("", text),))
    definitions = tuple(file.reached_from(problem))
    return _answer(definitions, file) if definitions else None


def _answer(definitions: tuple[Definition, ...], file: _File) -> Answer:
    inside = (node for definition in definitions for node in ast.walk(definition.statement))
    return Answer(definitions, file.imports | dict(_imported(inside)))


def unread_files(submission: Submission) -> tuple[str, ...]:
    """Python files and notebooks of a submission that can't be read as Python."""
    read = {source.path for source in submission.sources}
    suffixes = (".py", ".ipynb")
    return tuple(file.path for file in submission.files if file.path.endswith(suffixes) and file.path not in read)


class _File:
    """The syntax trees of one script or notebook."""

    def __init__(self, path: str, units: Iterable[CodeUnit]) -> None:
        parsed_units = [(unit, parsed(unit.source)) for unit in units]
        trees = [(unit, tree) for unit, tree in parsed_units if isinstance(tree, ast.Module)]
        self._path = path
        self._bound = {  # of several bindings of a name the last one holds
            name: (unit, found) for unit, tree in trees for name, found in last_bindings(tree).items()
        }
        self.imports = dict(found for _, tree in trees for found in _imported(tree.body))

    def reached_from(self, name: str) -> Iterator[Definition]:
        """The definition of a name, and those of the names that it uses, each once."""
        waiting, seen = deque([name]), {name}
        found: set[tuple[str, int]] = set()
        while waiting and len(found) < MOST_PIECES:
            unit, statement = self._bound.get(waiting.popleft(), (None, None))
            if unit is None or statement is None or isinstance(statement, _IMPORTS):
                continue  # it comes from elsewhere
            if (unit.label, statement.lineno) in found:
                continue
            found.add((unit.label, statement.lineno))
            yield Definition(self._cut_out(unit, statement), statement)
            used = dict.fromkeys(node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
            waiting += [each for each in used if each not in seen]
            seen.update(used)

    def _cut_out(self, unit: CodeUnit, statement: ast.stmt) -> Piece:
        decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
        lines = _LINE_END.split(unit.source)[first - 1 : statement.end_lineno]
        return Piece(f"{self._path}, {unit.label}" if unit.label else self._path, "\n".join(lines), first)


def _imported(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.asname, alias.name) for alias in node.names if alias.asname)
            yield from ((top, top) for alias in node.names if not alias.asname for top in [alias.name.split(".")[0]])
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((alias.asname or alias.name, f"{module}.{alias.name}") for alias in node.names)
