"""Problems as an assignment wants them: with its points, without the calls it forbids, hidden checks told apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, is_dataclass, replace
from difflib import get_close_matches
from typing import Any

import torch

from grader.assignment.model import Assignment
from grader.assignment.source import Key
from grader.catalog.find import Catalog, Place
from grader.catalog.load import load
from grader.checks import WithoutCalls
from grader.errors import ProblemDefinitionError
from grader.model.problem import CatalogEntry, Check
from grader.model.submission import Notice
from grader.model.words import number

REQUIRED = "agreement"
"""The check that a forbidden call is looked for after, where a problem has it."""

SPACES = (torch, torch.nn.functional, torch.Tensor, torch.linalg, torch.special, torch.fft, torch.nn.init)
"""Where functions live whose names can be forbidden, besides the operations they are made of."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """One problem of an assignment."""

    entry: CatalogEntry
    """With all its checks: what the final grade is made of."""

    hidden: tuple[str, ...]
    """The names of those that students don't see."""

    def graded(self, *, final: bool) -> CatalogEntry:
        """The problem with the checks that are run."""
        if final or not self.hidden:
            return self.entry
        seen = tuple(check for check in self.entry.problem.checks if check.name not in self.hidden)
        return replace(self.entry, problem=replace(self.entry.problem, checks=seen))

    @property
    def hidden_points(self) -> float:
        """What the hidden checks are worth."""
        return sum(check.points for check in self.entry.problem.checks if check.name in self.hidden)


class Applied:
    """Loads the problems of an assignment as it wants them.

    Raises:
        UsageError: it hides a check that is not there or that others wait for, or forbids what is no function.
        ProblemDefinitionError: a problem file is broken.
    """

    def __init__(self, assignment: Assignment, catalog: Catalog, *, final: bool) -> None:
        """`catalog` is what the assignment chose; what it says of any of it is looked through here."""
        self._assignment = assignment
        self._final = final
        if assignment.hidden or assignment.problem:
            entries = [_changed(assignment, load(place)) for place in catalog.places]
            _refuse_unknown_hidden(assignment, entries)
            for entry in entries:
                _assigned(assignment, entry)

    def load(self, place: Place) -> CatalogEntry:
        """One problem, with the checks that are run."""
        return self.assigned(place).graded(final=self._final)

    def assigned(self, place: Place) -> Assigned:
        """One problem with all its checks."""
        return _assigned(self._assignment, _changed(self._assignment, load(place)))

    def announcements(self, places: Iterable[Place]) -> tuple[Notice, ...]:
        """What the report on these problems says about the assignment: when it is due, and what is not graded yet."""
        told = []
        if self._assignment.due is not None:
            told.append(Notice(f"{self._assignment.title} is due on {self._assignment.due.isoformat(' ', 'minutes')}."))
        problems = [] if self._final else [self.assigned(place) for place in places]
        hidden = dict.fromkeys(name for problem in problems for name in problem.hidden)
        if hidden:
            points = number(sum(problem.hidden_points for problem in problems))
            are = "point is" if points == "1" else "points are"
            later = f"more {are} still to be graded, for the final grade, by checks that are not run here"
            told.append(Notice(f"{points} {later}: {', '.join(hidden)}."))
        return tuple(told)


def _changed(assignment: Assignment, entry: CatalogEntry) -> CatalogEntry:
    override = assignment.override(entry.id)
    checks = entry.problem.checks
    own = override.forbidden_points if override.forbidden else 0.0
    if override.points is not None:
        checks = _worth(checks, override.points - own, entry.id)
    if override.forbidden:
        checks = (*checks, _without_calls(assignment, entry, override.forbidden, own))
    return entry if checks is entry.problem.checks else replace(entry, problem=replace(entry.problem, checks=checks))


def _worth(checks: tuple[Check, ...], points: float, problem: str) -> tuple[Check, ...]:
    """The checks with their shares of `points`, in hundredths that add up to it."""
    shares = in_hundredths([check.points for check in checks], points)
    return tuple(_reweighted(check, share, problem) for check, share in zip(checks, shares, strict=True))


def in_hundredths(weights: Iterable[float], total: float) -> tuple[float, ...]:
    """`total` in shares proportional to `weights`, each a whole number of hundredths.

    Hundredths that rounding down leaves over go to the largest remainders. Where `total` is no whole number of
    hundredths it is rounded.
    """
    each = tuple(weights)
    exact = [weight * round(100 * total) / sum(each) for weight in each]
    down = [int(share) for share in exact]
    by_remainder = sorted(range(len(each)), key=lambda i: down[i] - exact[i])
    for i in by_remainder[: round(sum(exact)) - sum(down)]:
        down[i] += 1
    return tuple(share / 100 for share in down)


def _reweighted(check: Check, points: float, problem: str) -> Check:
    record: Any = check
    if not is_dataclass(type(check)):
        raise ProblemDefinitionError(f"`{check.name}` of {problem} is no dataclass, so its points can't be changed")
    changed: Check = replace(record, points=points)
    return changed


def _without_calls(
    assignment: Assignment, entry: CatalogEntry, forbidden: tuple[str, ...], points: float
) -> WithoutCalls:
    key: Key = ("problem", entry.id, "forbidden")
    for i, name in enumerate(forbidden):
        if not _is_a_function(name):
            close = get_close_matches(name.rpartition(".")[2].strip("_"), _functions(), n=1)
            hint = f" Did you mean `{close[0]}`?" if close else ""
            raise assignment.source.refused((*key, i), f"PyTorch has no function of the plain name `{name}`.{hint}")
    names = [check.name for check in entry.problem.checks]
    title = f"is written without {', '.join(f'`{name}`' for name in forbidden)}"
    check = WithoutCalls(points, forbidden, title=title, requires=REQUIRED if REQUIRED in names else None)
    if check.name in names:
        raise assignment.source.refused(key, f"the problem has a check `{check.name}` of its own already.")
    return check


def _is_a_function(name: str) -> bool:
    """Whether calls are noted under this name: a trace has no overloads, modules and outer underscores in it."""
    if name != name.strip("_") or not name.isidentifier():
        return False
    operations = (hasattr(torch.ops.aten, written) for written in (name, f"_{name}"))
    return any(callable(getattr(space, name, None)) for space in SPACES) or any(operations)


def _functions() -> list[str]:
    return sorted({name for space in SPACES for name in dir(space) if not name.startswith("_")})


def _refuse_unknown_hidden(assignment: Assignment, entries: list[CatalogEntry]) -> None:
    every = {check.name for entry in entries for check in entry.problem.checks}
    for i, name in enumerate(assignment.hidden):
        if name not in every:
            raise assignment.source.refused(("hidden", i), _no_check(name, "any of these problems", every))
    for entry in entries:
        own = {check.name for check in entry.problem.checks}
        for i, name in enumerate(assignment.override(entry.id).hidden or ()):
            if name not in own:
                said = _no_check(name, entry.id, own)
                raise assignment.source.refused(("problem", entry.id, "hidden", i), said)


def _no_check(name: str, where: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, names, n=1)
    hint = f"Did you mean `{close[0]}`?" if close else "`grader show NAME` lists the checks of a problem."
    return f"there is no check `{name}` in {where}. {hint}"


def _assigned(assignment: Assignment, entry: CatalogEntry) -> Assigned:
    checks = entry.problem.checks
    named = assignment.hidden_in(entry.id)
    hidden = tuple(check.name for check in checks if check.name in named)
    own = assignment.override(entry.id).hidden is not None
    key: Key = ("problem", entry.id, "hidden") if own else ("hidden",)
    if len(hidden) == len(checks):
        raise assignment.source.refused(key, f"every check of {entry.id} is hidden; leave one for students to see.")
    for check in checks:
        if check.name not in hidden and check.requires in hidden:
            said = f"`{check.requires}` of {entry.id} can't be hidden alone: `{check.name}` waits for it."
            raise assignment.source.refused(key, said)
    return Assigned(entry, hidden)
