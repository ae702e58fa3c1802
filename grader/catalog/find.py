"""The catalog: `problems/qNN_topic/name.py` is problem `name` of question NN. The list needs no import, a problem does."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from grader.errors import ProblemDefinitionError, UsageError
from grader.model.problem import CatalogEntry, Problem

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


def _place(path: Path) -> Place | None:
    folder = _FOLDER.fullmatch(path.parent.name)
    return Place(path.stem, int(folder.group(1)), folder.group(2), path) if folder else None


def load(place: Place) -> CatalogEntry:
    """Import a problem's file and give it its identity.

    Raises:
        ProblemDefinitionError: the file can't be imported or defines no `PROBLEM`.
    """
    problem = getattr(_imported(place), "PROBLEM", None)
    if not isinstance(problem, Problem):
        raise ProblemDefinitionError(f"{place.path} defines no PROBLEM = Problem(...)")
    return CatalogEntry(place.id, place.question, place.topic, problem)


def _imported(place: Place) -> ModuleType:
    name = f"grader_problems.{place.path.parent.name}.{place.id}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, place.path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ProblemDefinitionError(f"{place.path} can't be loaded: {type(error).__name__}: {error}") from error
    return module
