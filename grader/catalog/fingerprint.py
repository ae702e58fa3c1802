"""Tells by content whether a problem has changed: its file, what it imports of ours, the grader, the libraries."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LIBRARIES = ("torch", "sympy", "python-flint", "numpy", "gymnasium")
OURS = ("problems", "reference")
BESIDE_GRADING = frozenset(
    {"batch", "classroom", "commands", "exports", "gradebook", "pages", "report", "serve", "similarity"}
)
"""Parts of the grader on which no result depends."""


def fingerprint_of(problem: Path) -> str:
    """A hash of a problem's file, of every module of ours that it imports, directly or not, of the whole grader, and of
    the versions of Python and the libraries that results depend on."""
    digest = hashlib.sha256(_grader().encode())
    for path, content in sorted(_imported(problem, {}).items(), key=lambda pair: str(pair[0])):
        digest.update(b"\0" + path.name.encode() + b"\0" + content)
    return digest.hexdigest()


@cache
def _grader() -> str:
    """A hash of the grader and the libraries; they don't change while a process runs."""
    digest = hashlib.sha256("\0".join([sys.version, *(f"{name} {version(name)}" for name in LIBRARIES)]).encode())
    for path, content in _modules():
        digest.update(b"\0" + path.name.encode() + b"\0" + content)
    return digest.hexdigest()


def _modules() -> Iterator[tuple[Path, bytes]]:
    grader = PROJECT / "grader"
    for path in sorted(grader.rglob("*.py")):
        if path.relative_to(grader).parts[0] not in BESIDE_GRADING:
            yield path, path.read_bytes()


def _imported(path: Path, found: dict[Path, bytes]) -> dict[Path, bytes]:
    """A module and those of ours that it imports, with their contents."""
    if path in found:
        return found
    found[path] = path.read_bytes()
    for node in ast.walk(ast.parse(found[path])):
        for module in _modules_of_ours(node):
            if module.exists():
                _imported(module, found)
    return found


def _modules_of_ours(node: ast.AST) -> Iterator[Path]:
    """Where the modules that an import may name would lie, with the packages around them."""
    for name in _names(node):
        parts = name.split(".")
        if parts[0] in OURS:
            for end in range(1, len(parts) + 1):
                module = PROJECT.joinpath(*parts[:end])
                yield from (module.with_suffix(".py"), module / "__init__.py")


def _names(node: ast.AST) -> list[str]:
    """What an import may name as modules: after `from reference import td` also `reference.td`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []
