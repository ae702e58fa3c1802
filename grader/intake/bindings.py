"""Reads from syntax trees which names a file binds, without executing it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_CERTAIN = (ast.With, ast.AsyncWith)


@dataclass(frozen=True, slots=True)
class Bindings:
    """Names bound at the top level of a file."""

    names: tuple[str, ...] = ()
    """In source order, each once."""

    aliases: tuple[str, ...] = ()
    """Those that only import statements bind."""


@dataclass(frozen=True, slots=True)
class _Event:
    """One statement's effect on one name."""

    name: str
    imported: bool = False
    deleted: bool = False


def bindings(trees: Iterable[ast.Module]) -> Bindings:
    """Return the names that executing the trees one after the other may bind.

    Branches of `if`, `try`, loops and `with` count; `if __name__ == "__main__":` doesn't, nor do names that are
    deleted again for certain.
    """
    only_imported: dict[str, bool] = {}
    for event in (event for tree in trees for event in _events(tree)):
        if event.deleted:
            only_imported.pop(event.name, None)
        else:
            only_imported[event.name] = event.imported and only_imported.get(event.name, True)
    return Bindings(tuple(only_imported), tuple(name for name, alias in only_imported.items() if alias))


def last_bindings(tree: ast.Module) -> dict[str, ast.stmt]:
    """Return by name the last statement that binds it at the top level."""
    return {event.name: statement for statement, _ in _statements(tree) for event in _own_events(statement)}


def last_binding(tree: ast.Module, name: str) -> ast.stmt | None:
    """Return the last statement that binds a name at the top level, None where none does."""
    return last_bindings(tree).get(name)


def relative_level(trees: Iterable[ast.Module]) -> int:
    """Return the greatest number of leading dots in any `from .x import y`, 0 where there is none."""
    nodes = (node for tree in trees for node in ast.walk(tree))
    return max((node.level for node in nodes if isinstance(node, ast.ImportFrom)), default=0)


def _events(tree: ast.Module) -> Iterator[_Event]:
    for statement, certain in _statements(tree):
        if isinstance(statement, ast.Delete):
            yield from (_Event(name, deleted=True) for name in _target_names(statement.targets) if certain)
        else:
            yield from _own_events(statement)


def _statements(tree: ast.Module) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield the statements that run in the file's own scope, in source order, and whether each certainly does."""
    # A stack, not recursion: a chain of a thousand `elif` is a thousand deep.
    waiting: list[tuple[ast.stmt, bool]] = [(statement, True) for statement in reversed(tree.body)]
    while waiting:
        statement, certain = waiting.pop()
        yield statement, certain
        certain = certain and isinstance(statement, _CERTAIN)
        waiting.extend((inner, certain) for inner in reversed(_inner_statements(statement)))


def _own_events(statement: ast.stmt) -> Iterator[_Event]:
    if isinstance(statement, ast.Import):
        yield from (_Event(alias.asname or alias.name.partition(".")[0], imported=True) for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        names = (alias.asname or alias.name for alias in statement.names)
        yield from (_Event(name, imported=True) for name in names if name != "*")
    else:
        yield from (_Event(name) for name in _walrus_names(statement))
        yield from (_Event(name) for name in _defined_names(statement))


def _defined_names(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, _SCOPES):
        yield statement.name
    elif isinstance(statement, ast.Assign):
        yield from _target_names(statement.targets)
    elif isinstance(statement, ast.AugAssign) or (isinstance(statement, ast.AnnAssign) and statement.value):
        yield from _target_names([statement.target])
    elif isinstance(statement, _CERTAIN):
        yield from _target_names([item.optional_vars for item in statement.items if item.optional_vars])


def _target_names(targets: Iterable[ast.expr]) -> Iterator[str]:
    waiting = list(targets)[::-1]
    while waiting:
        target = waiting.pop()
        if isinstance(target, ast.Name):
            yield target.id
        elif isinstance(target, ast.Starred):
            waiting.append(target.value)
        elif isinstance(target, ast.Tuple | ast.List):
            waiting.extend(reversed(target.elts))


def _walrus_names(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that `:=` binds in a statement's own expressions; a lambda's are its own."""
    waiting: list[ast.AST] = [] if isinstance(statement, _SCOPES) else _expressions(statement)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.NamedExpr):
            yield node.target.id
        if not isinstance(node, ast.Lambda):
            waiting.extend(reversed(_expressions(node)))


def _expressions(node: ast.AST) -> list[ast.AST]:
    others = (ast.stmt, ast.excepthandler, ast.match_case)
    return [child for child in ast.iter_child_nodes(node) if not isinstance(child, others)]


def _inner_statements(statement: ast.stmt) -> list[ast.stmt]:
    """Return the statements inside a compound one that run in the same scope."""
    if isinstance(statement, ast.If):
        return _branches(statement)
    if isinstance(statement, ast.Try | ast.TryStar):
        handled = [inner for handler in statement.handlers for inner in handler.body]
        return statement.body + handled + statement.orelse + statement.finalbody
    if isinstance(statement, ast.Match):
        return [inner for case in statement.cases for inner in case.body]
    if isinstance(statement, _LOOPS):
        return statement.body + statement.orelse
    return statement.body if isinstance(statement, _CERTAIN) else []


def _branches(statement: ast.If) -> list[ast.stmt]:
    """Return the branches that run when the file is imported."""
    test = ast.unparse(statement.test) if _is_short(statement.test) else ""
    if test in ("__name__ == '__main__'", "'__main__' == __name__", "TYPE_CHECKING", "typing.TYPE_CHECKING"):
        return statement.orelse
    if test in ("__name__ != '__main__'", "'__main__' != __name__"):
        return statement.body
    return statement.body + statement.orelse


def _is_short(test: ast.expr) -> bool:
    # ast.unparse is recursive, and a test may be nested as deeply as the parser allows.
    return isinstance(test, ast.Name | ast.Attribute) or (
        isinstance(test, ast.Compare)
        and all(isinstance(side, ast.Name | ast.Constant) for side in (test.left, *test.comparators))
    )
