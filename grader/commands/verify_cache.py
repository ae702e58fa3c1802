"""Remembers what was verified, by content (`grader.catalog.fingerprint`): an unchanged problem costs nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.verification import Kind, Result, Verified

SCHEMA = 1
"""Raised when what is written down changes its meaning."""


def default_folder() -> Path:
    """Where caches belong on this system."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else _home() / ".cache") / "rl-transformer-grader"


def _home() -> Path:
    """The home folder; where nobody says which that is, one that isn't there, and so nothing is remembered."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull)


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
