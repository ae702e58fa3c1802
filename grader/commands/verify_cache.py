"""Remembers what was verified, by content: a problem of which nothing has changed costs nothing.

The key of a problem is a hash of its file, of every module of ours that it imports, directly or not, of the whole
grader, and of the versions of Python and the libraries that results depend on.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grader.verification import Kind, Result, Verified

PROJECT = Path(__file__).resolve().parents[2]
LIBRARIES = ("torch", "sympy", "python-flint", "numpy", "gymnasium")
OURS = ("problems", "reference")

SCHEMA = 1
"""Raised when what is written down changes its meaning."""


def default_folder() -> Path:
    """Where caches belong on this system."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "rl-transformer-grader"


class Cache:
    """One JSON file; an unreadable one is begun anew, and one that can't be written is done without."""

    def __init__(self, folder: Path | None) -> None:
        self._file = None if folder is None else folder / "verified.json"
        self._known = self._read()

    def get(self, problem: Path, key: str) -> list[Verified] | None:
        """What was found for a problem, if it was found for this content."""
        held = self._known.get(str(problem), {})
        try:
            return [_verified(row) for row in held["rows"]] if held["key"] == key else None
        except (KeyError, ValueError, TypeError):
            return None

    def put(self, problem: Path, key: str, rows: Iterable[Verified]) -> None:
        """Remember what was found; only what holds is worth it."""
        found = list(rows)
        if all(row.holds for row in found):
            self._known[str(problem)] = {"key": key, "rows": [_plain(row) for row in found]}

    def save(self) -> None:
        """Write down what is known; an entry takes the place of the one for the same problem."""
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            partial = self._file.with_suffix(f".{os.getpid()}")
            partial.write_text(json.dumps({"schema": SCHEMA, "verified": self._known}), encoding="utf-8")
            partial.replace(self._file)
        except OSError:
            return  # a cache saves time and nothing else

    def _read(self) -> dict[str, Any]:
        if self._file is None:
            return {}
        try:
            held = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        found = held.get("verified") if isinstance(held, dict) and held.get("schema") == SCHEMA else None
        return found if isinstance(found, dict) else {}


def key_of(problem: Path) -> str:
    """The hash of everything that the verification of a problem depends on."""
    digest = hashlib.sha256("\0".join([sys.version, *(f"{name} {version(name)}" for name in LIBRARIES)]).encode())
    ours = sorted(_imported(problem, {}).items(), key=lambda pair: str(pair[0]))
    for path, content in (*_grader(), *ours):
        digest.update(b"\0" + path.name.encode() + b"\0" + content)
    return digest.hexdigest()


def _grader() -> Iterator[tuple[Path, bytes]]:
    for path in sorted((PROJECT / "grader").rglob("*.py")):
        yield path, path.read_bytes()


def _imported(path: Path, found: dict[Path, bytes]) -> dict[Path, bytes]:
    """A module and those of ours that it imports, with their contents."""
    if path in found:
        return found
    found[path] = path.read_bytes()
    for node in ast.walk(ast.parse(found[path])):
        names = [node.module] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            if name and name.split(".")[0] in OURS:
                module = PROJECT.joinpath(*name.split(".")).with_suffix(".py")
                if module.exists():
                    _imported(module, found)
    return found


def _plain(row: Verified) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "name": row.name,
        "outcome": row.outcome.value,
        "wanted": row.wanted.value,
        "method": row.method,
        "seconds": row.seconds,
        "detail": row.detail,
    }


def _verified(row: dict[str, Any]) -> Verified:
    return Verified(
        Kind(row["kind"]),
        row["name"],
        Result(row["outcome"]),
        Result(row["wanted"]),
        row["method"],
        row["seconds"],
        row["detail"],
    )
