"""The catalog: `problems/qNN_topic/name.py` is problem `name` of question NN. Listing it imports nothing at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from grader.errors import UsageError

BUNDLED = Path(__file__).resolve().parents[2] / "problems"
_FOLDER = re.compile(r"q(\d+)_(\w+)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem's file is, and what its path says about it."""

    id: str
    question: int
    topic: str
    path: Path


@dataclass(frozen=True, slots=True)
class Catalog:
    """All problems under one or more folders, in order of question, then of name."""

    places: tuple[Place, ...]

    def choose(self, wanted: Iterable[str]) -> tuple[Place, ...]:
        """The problems named, by name or by question number (`2`, `q2`); all of them if nothing is named.

        Raises:
            UsageError: a name or number that is not in the catalog.
        """
        names = tuple(wanted)
        if not names:
            return self.places
        chosen = {place.id: place for name in names for place in self._matching(name)}
        return tuple(place for place in self.places if place.id in chosen)

    def _matching(self, name: str) -> tuple[Place, ...]:
        number = re.fullmatch(r"[qQ]?(\d+)", name)
        found = tuple(
            p for p in self.places if p.id == name or (number is not None and p.question == int(number.group(1)))
        )
        if found:
            return found
        close = get_close_matches(name, [p.id for p in self.places], n=1)
        hint = f" Did you mean `{close[0]}`?" if close else " `grader problems` lists them all."
        raise UsageError(f"There is no problem or question `{name}`.{hint}")


def find(folder: Path) -> Catalog:
    """The catalog of a folder, without importing anything.

    Raises:
        UsageError: the folder does not exist or holds no problem.
    """
    places = [_place(path) for path in sorted(folder.glob("q*_*/*.py")) if not path.name.startswith("_")]
    found = sorted((p for p in places if p is not None), key=lambda p: (p.question, p.topic, p.id))
    if not found:
        raise UsageError(f"{folder} holds no problems: they are files like q01_policy_gradient/discounted_returns.py.")
    return Catalog(tuple(found))


def bundled() -> Catalog:
    """The catalog that comes with the program."""
    return find(BUNDLED)


def catalog_in(folder: Path | None) -> Catalog:
    """The catalog of an author's folder, or the bundled one where none is named."""
    return bundled() if folder is None else find(folder)


def _place(path: Path) -> Place | None:
    folder = _FOLDER.fullmatch(path.parent.name)
    return Place(path.stem, int(folder.group(1)), folder.group(2), path) if folder else None
