"""Executes source so that a statement that raises costs itself alone, as a student expects of notebook cells.

A library that is missing here, imported at the top level, is replaced by a placeholder: most such imports are for plots
and progress bars that no answer needs.
"""

from __future__ import annotations
import __future__

import ast
from dataclasses import dataclass
from typing import Any

from .placeholders import Placeholder
from .trouble import Trouble, described

MOST_TROUBLE = 20
"""More errors than this in one file are not recorded: they follow from the first."""


@dataclass(frozen=True)
class Place:
    """Where source comes from: its name for tracebacks, the path a student knows, the folder the submission lies in."""

    filename: str
    shown: str
    folder: str


def run_statements(
    source: str, place: Place, namespace: dict[str, Any], *, stop_at_error: bool = False
) -> list[Trouble]:
    """Execute top-level statements one by one; what went wrong.

    A notebook's cell ends where it raises (`stop_at_error`), as it does in Jupyter; a file goes on.
    """
    tree = ast.parse(source, place.filename)
    flags = _future_flags(tree)
    trouble: list[Trouble] = []
    for statement in tree.body:
        found = _run(statement, place, namespace, flags)
        if found is None:
            continue
        if len(trouble) < MOST_TROUBLE:
            trouble.append({**found, "path": place.shown})
        if stop_at_error and "missing" not in found:
            break
    return trouble


def _run(statement: ast.stmt, place: Place, namespace: dict[str, Any], flags: int) -> Trouble | None:
    try:
        code = compile(ast.Module([statement], []), place.filename, "exec", flags, dont_inherit=True)
        exec(code, namespace)  # noqa: S102 -- executing the submission is what this process is for
    except ModuleNotFoundError as error:
        if not _put_placeholders(statement, namespace):
            return described(error, place.folder)
        return {"type": "ModuleNotFoundError", "missing": str(error.name)[:100], "line": statement.lineno}
    except BaseException as error:
        return described(error, place.folder)
    return None


def _future_flags(tree: ast.Module) -> int:
    names = [
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for alias in node.names
    ]
    return sum({getattr(__future__, name).compiler_flag for name in names if name in __future__.all_feature_names})


def _put_placeholders(statement: ast.stmt, namespace: dict[str, Any]) -> bool:
    """Bind the names of an import statement to placeholders; False where it is another kind of statement."""
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return False
    prefix = f"{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
    for alias in statement.names:
        bound = alias.asname or (alias.name if prefix else alias.name.partition(".")[0])
        if bound not in namespace:
            namespace[bound] = Placeholder(prefix + alias.name)
    return True
