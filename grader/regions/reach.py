"""Which cases reach which regions: the checks of a problem are run on its reference, several times over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from grader.compare.evaluate import one_thread
from grader.model.methods import ClassSignature
from grader.model.problem import CatalogEntry
from grader.regions.asked import DRAWN, Asked
from grader.regions.of_inputs import regions_of
from grader.regions.of_sessions import regions_of_class
from grader.regions.recorder import Branch, Taken, branches_of
from grader.regions.region import Region


class Origin(Enum):
    """Where a region comes from."""

    SIGNATURE = "region"
    REFERENCE = "side"
    """It is a side of a branch in the source of the reference."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A region, and what reaches it."""

    origin: Origin
    name: str
    """`N = 1`; of a side the expression with it: `torch.minimum(q1, q2): both are equal`."""

    place: str
    """Of a side its line, `reference/sac.py, line 23`; else nothing."""

    is_demanded: bool
    by: tuple[str, ...]
    """Names of the cases that reach it in some run; DRAWN for those without a name."""

    reached: int
    """How many runs reach it."""

    runs: int
    """How many there were: what is demanded is to be reached in each of them, whatever the seed."""

    declared: str | None = None
    """Why no legal input reaches it, where the problem says that."""

    @property
    def trouble(self) -> str:
        """What is to be done about it; nothing where it is as it should be."""
        if self.declared is not None:
            return f"it is declared unreachable, and “{self.by[0]}” reaches it" if self.by else ""
        if not self.is_demanded or self.reached == self.runs:
            return ""
        if not self.by:
            return "no case reaches it"
        return f"only {self.reached} of {self.runs} runs reach it: name a case that always does"


def reaches_of(entry: CatalogEntry, runs: Sequence[Asked]) -> tuple[Reach, ...]:
    """Every region of a problem, those of its signature first, and what reaches it in these runs of its checks.

    A declaration that fits no region stands last, as one that is demanded and not reached.
    """
    regions = _regions(entry)
    with one_thread():
        looked_at = [_Run(entry, asked, regions) for asked in runs]
    found = [*_of_signature(entry, regions, looked_at), *_of_reference(entry, looked_at)]
    return (*found, *_not_come_to(looked_at), *_declared_in_vain(entry, {reach.name for reach in found}))


class _Run:
    """What the cases of one run reach, by name."""

    def __init__(self, entry: CatalogEntry, asked: Asked, regions: tuple[Region, ...]) -> None:
        self.regions: dict[str, set[str]] = {region.name: set() for region in regions}
        self.sides: dict[tuple[Branch, str], set[str]] = {}
        self.raised: dict[str, Exception] = {}
        for name, inputs in asked:
            for region in regions:
                if name not in self.regions[region.name] and region.holds(inputs):
                    self.regions[region.name].add(name)
            try:
                self._follow(name, branches_of(entry.problem.reference, inputs))
            except Exception as error:  # noqa: BLE001 -- an author's bug, to be told beside all others
                self.raised[name] = error

    def _follow(self, name: str, taken: Taken) -> None:
        for branch, sides in taken.items():
            for side, is_taken in sides.items():
                self.sides.setdefault((branch, side), set()).update({name} if is_taken else ())


def _regions(entry: CatalogEntry) -> tuple[Region, ...]:
    signature = entry.problem.signature
    return tuple(regions_of_class(signature) if isinstance(signature, ClassSignature) else regions_of(signature))


def _of_signature(entry: CatalogEntry, regions: tuple[Region, ...], runs: list[_Run]) -> Iterator[Reach]:
    for region in regions:
        by = [run.regions[region.name] for run in runs]
        yield _reach(entry, Origin.SIGNATURE, region.name, "", region.is_demanded, by)


def _of_reference(entry: CatalogEntry, runs: list[_Run]) -> Iterator[Reach]:
    for branch, side in dict.fromkeys(key for run in runs for key in run.sides):
        by = [run.sides.get((branch, side), set()) for run in runs]
        yield _reach(entry, Origin.REFERENCE, f"{branch.code}: {side}", _place(branch), True, by)


def _reach(entry: CatalogEntry, origin: Origin, name: str, place: str, is_demanded: bool, by: list[set[str]]) -> Reach:
    examples = (*entry.problem.examples, *entry.problem.edges)
    names = tuple(case for case in (*(example.name for example in examples), DRAWN) if any(case in each for each in by))
    declared = entry.problem.unreachable.get(name)
    return Reach(origin, name, place, is_demanded, names, sum(map(bool, by)), len(by), declared)


def _not_come_to(runs: list[_Run]) -> Iterator[Reach]:
    """The end of the reference, where a case makes it raise."""
    for name, error in (runs[0].raised if runs else {}).items():
        end = f"the end of the reference, where it raises {type(error).__name__} ({error}) in the case “{name}”"
        yield Reach(Origin.REFERENCE, end, "", True, (), 0, len(runs))


def _place(branch: Branch) -> str:
    return f"{'/'.join(Path(branch.path).parts[-2:])}, line {branch.line}"


def _declared_in_vain(entry: CatalogEntry, names: set[str]) -> Iterator[Reach]:
    for name in entry.problem.unreachable:
        if name not in names:
            yield Reach(Origin.SIGNATURE, f"{name} (declared unreachable, but unknown)", "", True, (), 0, 1)
