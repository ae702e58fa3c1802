"""Disguises that a copied answer may wear, made from its syntax tree; what it computes stays the same."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator

WORDS = (
    "alpha", "blob", "cur", "dat", "elem", "foo", "gee", "hold", "idx", "jot", "kk", "lot", "mid", "now", "obj", "part",
    "qq", "rest", "some", "tt", "use", "vv", "ww",
)  # fmt: skip


def verbatim(source: str, rng: random.Random) -> str:
    return source


def commented(source: str, rng: random.Random) -> str:
    """Laid out anew, with other comments."""
    lines = []
    for line in ast.unparse(ast.parse(source)).split("\n"):
        if line.startswith("    ") and rng.random() < 0.5:
            lines.append(f"{line[: len(line) - len(line.lstrip())]}# {' '.join(rng.sample(WORDS, 4))}")
        lines.append(line)
    return "\n".join(lines) + "\n"


def renamed(source: str, rng: random.Random) -> str:
    """With other names for variables, and without the comments."""
    tree = ast.parse(source)
    for scope in tree.body:
        if isinstance(scope, ast.FunctionDef | ast.ClassDef):
            _rename(scope, rng)
    return ast.unparse(tree)


def reordered(source: str, rng: random.Random) -> str:
    """With neighbouring assignments swapped where neither needs the other."""
    tree = ast.parse(source)
    for body in _bodies(tree):
        for at in range(0, len(body) - 1, 2):
            if _independent(body[at], body[at + 1]):
                body[at], body[at + 1] = body[at + 1], body[at]
    return ast.unparse(tree)


def padded(source: str, rng: random.Random) -> str:
    """With the result in a variable before it is returned, and statements that do nothing."""
    tree = ast.parse(source)
    for body in _bodies(tree):
        if isinstance(body[-1], ast.Return) and body[-1].value is not None:
            body[-1:] = [ast.Assign([ast.Name("outcome", ast.Store())], body[-1].value), *_parsed("return outcome")]
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            function.body.insert(0, *_parsed("counter = 0"))
            function.body.insert(rng.randrange(1, len(function.body)), *_parsed("counter = counter + 1"))
    return ast.unparse(ast.fix_missing_locations(tree))


def disguised(source: str, rng: random.Random) -> str:
    return commented(reordered(renamed(source, rng), rng), rng)


def heavily_disguised(source: str, rng: random.Random) -> str:
    return commented(reordered(padded(renamed(source, rng), rng), rng), rng)


DISGUISES: dict[str, Callable[[str, random.Random], str]] = {
    "verbatim": verbatim,
    "other comments and layout": commented,
    "other names": renamed,
    "lines reordered": reordered,
    "all of these": disguised,
    "all of these, and lines added": heavily_disguised,
}


def _rename(scope: ast.AST, rng: random.Random) -> None:
    nodes = [node for node in ast.walk(scope) if isinstance(node, ast.Name)]
    stored = sorted({node.id for node in nodes if isinstance(node.ctx, ast.Store)})
    words = [*rng.sample(WORDS, len(WORDS)), *(f"v{number}" for number in range(len(stored)))]
    names = dict(zip(stored, words, strict=False))
    for node in nodes:
        node.id = names.get(node.id, node.id)


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    yield from (node.body for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.For | ast.With))


def _parsed(statement: str) -> list[ast.stmt]:
    return ast.parse(f"def f():\n    {statement}").body[0].body  # type: ignore[attr-defined]


def _independent(one: ast.stmt, other: ast.stmt) -> bool:
    if not (isinstance(one, ast.Assign) and isinstance(other, ast.Assign)):
        return False
    written, read = _names(one, ast.Store), _names(one, ast.Load)
    written_by_other, read_by_other = _names(other, ast.Store), _names(other, ast.Load)
    return not (written & read_by_other or written_by_other & read or written & written_by_other)


def _names(statement: ast.stmt, context: type[ast.expr_context]) -> set[str]:
    nodes = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, context)}
