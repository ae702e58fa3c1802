"""Finds in a submission the code that answers each problem; nothing of it is executed."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace

from grader.gradebook.model import Answer
from grader.intake.bindings import last_binding
from grader.intake.code import parsed
from grader.intake.names import find_answers
from grader.model.evidence import ExceptionRaised
from grader.model.submission import CodeUnit, SourceFile, Submission
from grader.model.verdict import ProblemReport, Report

_LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line for Python."""

_IMPORTS = (ast.Import, ast.ImportFrom)

MOST_NAMES = 5
"""Names that are followed to the definition that they stand for."""

Units = list[tuple[CodeUnit, ast.Module]]
"""With their syntax trees, the last one first: it is the last definition that holds."""


def answers_of(submission: Submission, report: Report) -> Mapping[str, Answer]:
    """By problem, the definition that was graded, with the line of an exception marked.

    A problem whose function is not in the submission has no entry.
    """
    files = dict(find_answers(submission, [problem.id for problem in report.problems]).found)
    units = {source.path: _parsed_units(source) for source in files.values()}
    answers = {name: _definition(name, source, units[source.path]) for name, source in files.items()}
    return {
        problem.id: _marked(answer, problem)
        for problem in report.problems
        if (answer := answers.get(problem.id)) is not None
    }


def _parsed_units(source: SourceFile) -> Units:
    trees = [(unit, parsed(unit.source)) for unit in reversed(source.units)]
    return [(unit, tree) for unit, tree in trees if isinstance(tree, ast.Module)]


def _definition(name: str, source: SourceFile, units: Units) -> Answer | None:
    """What a name is bound to; behind a plain `layer_norm = mine`, what `mine` was bound to before."""
    chosen: tuple[CodeUnit, ast.stmt] | None = None
    for _ in range(MOST_NAMES):
        found = _binding(name, units)
        if found is None or (chosen is not None and isinstance(found[1], _IMPORTS)):
            break
        number, statement = found
        chosen = units[number][0], statement
        other = _name_alone(statement)
        if other is None:
            break
        name, units = other, _before(statement, units[number:])
    if chosen is None:
        return None
    unit, statement = chosen
    return _cut_out(f"{source.path}, {unit.label}" if unit.label else source.path, unit.source, statement)


def _binding(name: str, units: Units) -> tuple[int, ast.stmt] | None:
    """The statement that binds a name in the end, and the number of its unit."""
    bound = ((number, last_binding(tree, name)) for number, (_, tree) in enumerate(units))
    return next(((number, statement) for number, statement in bound if statement is not None), None)


def _before(statement: ast.stmt, units: Units) -> Units:
    """What runs before a statement of the first of these units."""
    (unit, tree), *others = units
    earlier = [each for each in tree.body if each.lineno < statement.lineno]
    return [(unit, ast.Module(earlier, [])), *others]


def _name_alone(statement: ast.stmt) -> str | None:
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Name):
        return None
    return statement.value.id if all(isinstance(each, ast.Name) for each in statement.targets) else None


def _cut_out(path: str, source: str, statement: ast.stmt) -> Answer:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    lines = _LINE_END.split(source)[first - 1 : statement.end_lineno]
    return Answer(path, "\n".join(lines), first)


def _marked(answer: Answer, problem: ProblemReport) -> Answer:
    for verdict in problem.verdicts:
        seen = verdict.evidence
        if isinstance(seen, ExceptionRaised) and seen.path == answer.path and seen.line is not None:
            last = answer.first_line + answer.source.count("\n")
            return replace(answer, line_marked=seen.line) if answer.first_line <= seen.line <= last else answer
    return answer
