"""Loads one problem: imports its file and gives it the identity of its place."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

from grader.catalog.find import Place
from grader.errors import ProblemDefinitionError
from grader.model.problem import CatalogEntry, Problem


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
    name = f"grader_problems.{place.path.parent}.{place.id}"  # the whole path: two catalogs may share names
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, place.path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ProblemDefinitionError(f"{place.path} can't be loaded: {type(error).__name__}: {error}") from error
    return module
