"""Right answers written in many ways: by folder, those that get full marks and those that are right as mathematics."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path
from types import ModuleType

from grader.model.problem import CatalogEntry, Function

HONEST = Path(__file__).parent / "honest"
EXACT = Path(__file__).parent / "exact"
"""Right in exact arithmetic, and fit to be proved; they may lose digits, or fail at the edges."""

BEYOND = Path(__file__).parent / "beyond"
"""Right, but beyond what a proof can be expected to see through: they must never be refuted."""


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def variants(entry: CatalogEntry, folder: Path = HONEST) -> dict[str, Function]:
    """The public functions and classes that a problem's file in the folder defines; none without a file."""
    path = folder / f"{entry.id}.py"
    if not path.exists():
        return {}
    module = _module(path)
    functions = inspect.getmembers(module, lambda member: inspect.isfunction(member) or inspect.isclass(member))
    return {n: f for n, f in functions if f.__module__ == module.__name__ and not n.startswith("_")}
