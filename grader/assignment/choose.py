"""Which problems an assignment is made of; imports none of them."""

from __future__ import annotations

from grader.assignment.model import Assignment
from grader.catalog.find import Catalog, Place, find
from grader.errors import UsageError


def chosen(assignment: Assignment, base: Catalog) -> Catalog:
    """The problems of an assignment, of those in `base` and in its own folders.

    Raises:
        UsageError: it names a problem, question or folder that is not there, or a folder has a name that is taken.
    """
    catalog = _with_own_folders(assignment, base)
    places = {place.id: place for name in assignment.choose for place in _named(assignment, catalog, name)}
    selected = Catalog(tuple(p for p in catalog.places if p.id in places)) if assignment.choose else catalog
    _refuse_overrides_of_others(assignment, catalog, selected)
    return selected


def _with_own_folders(assignment: Assignment, base: Catalog) -> Catalog:
    places = {place.id: place for place in base.places}
    for i, folder in enumerate(assignment.problems):
        try:
            found = find(folder)
        except UsageError as error:
            raise assignment.source.refused(("problems", i), str(error)) from error
        for place in found.places:
            if place.id in places:
                said = f"{place.path} has the name of another problem, {places[place.id].path}. Rename one of them."
                raise assignment.source.refused(("problems", i), said)
            places[place.id] = place
    return Catalog(tuple(sorted(places.values(), key=lambda p: (p.question, p.topic, p.id))))


def _named(assignment: Assignment, catalog: Catalog, name: str) -> tuple[Place, ...]:
    try:
        return catalog.choose([name])
    except UsageError as error:
        raise assignment.source.refused(("choose", assignment.choose.index(name)), str(error)) from error


def _refuse_overrides_of_others(assignment: Assignment, catalog: Catalog, selected: Catalog) -> None:
    ids = {place.id for place in selected.places}
    for name in assignment.problem:
        if name in ids:
            continue
        if name in {place.id for place in catalog.places}:
            raise assignment.source.refused(("problem", name), "this problem is not among those in `choose`.")
        try:
            catalog.choose([name])
        except UsageError as error:
            raise assignment.source.refused(("problem", name), str(error)) from error
        raise assignment.source.refused(("problem", name), "this is a question; name its problems one by one.")
