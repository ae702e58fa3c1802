"""Times the student's function, the reference and the kernel in turn, on the same contents, round after round."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter, process_time
from typing import TypeVar

import torch

from grader.bench.checking import truth, what_is_wrong
from grader.bench.judging import is_busy, measured, room, standing
from grader.bench.model import Ceilings, Contest, Contestant, Direction, Lap, Measured
from grader.compare.evaluate import default_dtype, one_thread
from grader.errors import GraderError
from grader.grading import Ask
from grader.guest.stopwatch import burst, recall
from grader.model.axes import shape_of
from grader.model.case import rng_for, seed_for
from grader.model.exchange import Answer, Raised, Stopped, Unusable
from grader.model.problem import CatalogEntry, Function
from grader.model.signature import Gradient, Tensor
from grader.model.speed import Scale, Speed, least_work, recipes
from grader.model.timing import Recalled, Recalling, Timed, Timing
from grader.run.endings import WORDS

DTYPE = torch.float32
"""Of everything that is timed."""

ROUNDS = 5

WARM_UP = 2
"""Calls of each contestant before the first round: what is imported, compiled or allocated once."""

FEWEST, MOST = 5, {"cpu": 20, "cuda": 50}
"""Calls of one round: the more, the less of a single one can be kept from the grader's clock."""

BURST_SECONDS = 0.1
"""That the calls of one round take, if there are more than a few."""

BUSIEST = 10
"""A machine where a process gets less than one core in so many can't be used: where less was counted, others worked."""

CHECKED = 2
"""Calls of each round whose results are compared with the reference's."""


Came = TypeVar("Came")


class NotReturned(Exception):
    """The student's calls did not come to an end that can be timed; says why."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where everything is timed."""

    device: str
    seed: int
    ceilings: Ceilings
    flushed: int
    """Bytes to write before the calls, so that no cache holds their inputs any more."""

    memory: int
    """Bytes that the inputs and results of one round may take."""


@dataclass(frozen=True, slots=True)
class Race:
    """One direction of a problem, with everybody who takes part in this process."""

    entry: CatalogEntry
    speed: Speed
    direction: Direction
    own: Mapping[Contestant, Function]
    """Functions of ours; the reference is always among them."""

    setting: Setting

    @property
    def scale(self) -> Scale:
        """The sizes for this device."""
        return self.speed.gpu if self.setting.device == "cuda" else self.speed.cpu

    def timing(self, label: object, calls: int) -> Timing:
        """The calls of one round."""
        signature = self.entry.problem.signature
        results = tuple(self._shape(axes) for axes in signature.results)
        names = signature.named(Gradient.GRADED) if self.direction is Direction.BOTH else ()
        graded = [argument for name, argument in signature.tensors() if name in names]
        parts = (self.setting.seed, self.entry.id, self.direction.value, label)
        return Timing(
            self.entry.id,
            recipes(signature, self.speed, self.scale),
            tuple(seed_for(*parts, k) for k in range(calls)),
            tuple(torch.randperm(calls, generator=rng_for(*parts, "order")).tolist()),
            self.setting.device,
            tuple(self._shape(each.axes) for each in graded) if names else results,
            names,
            results if names else (),
            self.setting.flushed,
        )

    def _shape(self, axes: str) -> tuple[int, ...]:
        return shape_of(axes, self.scale.sizes, self.scale.batch)

    def input_bytes(self) -> int:
        """Bytes of one call's inputs."""
        shapes = ((each, each.shape(self.scale.sizes, self.scale.batch)) for _, each in self._tensors())
        return sum(math.prod(shape) * (8 if each.is_integer else DTYPE.itemsize) for each, shape in shapes)

    def calls(self, seconds: float) -> int:
        """How many calls a round has where the slowest contestant's takes so long."""
        kept = DTYPE.itemsize * sum(math.prod(shape) for shape in self.timing("size", 1).shapes)
        fitting = self.setting.memory // max(1, self.input_bytes() + 2 * kept)
        in_time = int(BURST_SECONDS / max(seconds, 1e-9))
        return min(max(FEWEST, in_time), MOST[self.setting.device], max(2, fitting))

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        return self.entry.problem.signature.tensors()


def run_race(race: Race, ask: Ask) -> Contest:
    """Warm everybody up, time them in turn, look at results, and conclude.

    Raises:
        GraderError: a function of ours fails.
    """
    race, notes = _with_those_that_run(race)
    laps: dict[Contestant, list[Lap]] = {Contestant.YOURS: [], **{name: [] for name in race.own}}
    stopped: str | None = None
    wrong: str | None = None
    try:
        calls = race.calls(_slowest(_round(race, ask, race.timing("warm-up", WARM_UP), {})[0]))
        for k in range(1 + ROUNDS):
            seen = _round(race, ask, race.timing(k, calls), laps if k else {})[1]  # memory is got in the first
            wrong = wrong or _wrong(race, seen, k)
    except NotReturned as why:
        stopped = str(why)
    if is_busy(laps[Contestant.REFERENCE]):
        notes = (*notes, "This machine was busy with other things meanwhile: these times are less exact.")
    return replace(_concluded(race, laps, stopped, wrong), notes=notes)


def _with_those_that_run(race: Race) -> tuple[Race, tuple[str, ...]]:
    """Without a kernel, or what `torch.compile` makes, that can't run here: nobody's answer is the worse for it."""
    own, notes = dict(race.own), []
    for name in (Contestant.COMPILED, Contestant.KERNEL):
        if name not in own:
            continue
        try:
            own_lap(own[name], Recalling(race.timing("trial", 1), 0))
        except GraderError as error:
            notes.append(f"Without the {name.value}: {error}")
            del own[name]
    return replace(race, own=own), tuple(notes)


def _round(
    race: Race, ask: Ask, timing: Timing, laps: dict[Contestant, list[Lap]]
) -> tuple[dict[Contestant, Lap], tuple[Recalling, Recalled]]:
    """One lap of everybody, noted in `laps`."""
    # from the run's seed, which the sandbox doesn't know, and not from those of the calls, which it does
    recalling = Recalling(timing, seed_for(race.setting.seed, timing.seeds, "recall"))
    yours, recalled = _your_lap(recalling, ask)
    found = {Contestant.YOURS: yours}
    for name, function in race.own.items():
        found[name] = own_lap(function, recalling)
    for name, lap in found.items():
        if name in laps:
            laps[name].append(lap)
    return found, (recalling, recalled)


def _slowest(laps: Mapping[Contestant, Lap]) -> float:
    return max(min(lap.seconds) for lap in laps.values())


def _your_lap(recalling: Recalling, ask: Ask) -> tuple[Lap, Recalled]:
    """Raises NotReturned where there is none."""
    timed = _came_back(ask(recalling.timing), Timed)
    recalled = _came_back(ask(recalling), Recalled)
    if _counts_cpu(recalling.timing.device):
        total = sum(max(spent.cpu, spent.wall / BUSIEST) for spent in (timed.spent, recalled.spent))
        rest = total - timed.cpu
    else:
        rest = timed.spent.wall + recalled.spent.wall - timed.whole
    return Lap(timed.seconds, timed.whole, timed.cpu, rest), recalled


def _counts_cpu(device: str) -> bool:
    """Whether the grader's clock counts CPU seconds, which don't depend on what else the machine is busy with."""
    return device == "cpu" and sys.platform == "linux"


def _came_back(answer: Answer, kind: type[Came]) -> Came:
    match answer:
        case Raised(type_name, message):
            raise NotReturned(f"At these sizes it raised {type_name}: {message}")
        case Stopped(reason, detail):
            raise NotReturned(f"It was stopped at these sizes: {WORDS[reason].format(detail)}.")
        case Unusable(reason):
            raise NotReturned(f"Its answer could not be read: {reason}.")
    assert isinstance(answer, kind)
    return answer


def own_lap(function: Function, recalling: Recalling) -> Lap:
    """A lap of a function of ours: the same work around the same calls, in this process.

    Raises:
        GraderError: it fails.
    """
    plan = recalling.timing.plan()
    with _as_in_the_sandbox():
        clock = process_time if _counts_cpu(recalling.timing.device) else perf_counter
        started = clock()
        try:
            done = burst(function, plan)
        except Exception as error:
            first, *_ = str(error).splitlines() or [""]
            raise GraderError(f"it fails where it is timed ({type(error).__name__}: {first[:200]})") from error
        with torch.no_grad():
            recall(done, recalling.seed, recalling.elements)
        inside = done.cpu if clock is process_time else done.whole
        return Lap(tuple(done.seconds), done.whole, done.cpu, clock() - started - inside)


@contextmanager
def _as_in_the_sandbox() -> Iterator[None]:
    with one_thread(), default_dtype(torch.float32), torch.enable_grad():
        yield


def _wrong(race: Race, seen: tuple[Recalling, Recalled], number: int) -> str | None:
    """What is wrong with the results of a few calls, which are chosen only now."""
    recalling, recalled = seen
    calls = len(recalling.timing.seeds)
    rng = rng_for(race.setting.seed, race.entry.id, race.direction.value, number, "looked at")
    chosen = torch.randperm(calls, generator=rng).tolist()[:CHECKED]
    if recalled.changed:
        chosen = [recalled.changed[0]]
    with _as_in_the_sandbox():
        troubles = (what_is_wrong(truth(race.entry.problem.reference, recalling, k), recalled, k) for k in chosen)
        return next((trouble for trouble in troubles if trouble is not None), None)


def _concluded(race: Race, laps: Mapping[Contestant, list[Lap]], stopped: str | None, wrong: str | None) -> Contest:
    signature, ceilings = race.entry.problem.signature, race.setting.ceilings
    backward = race.direction is Direction.BOTH
    work = least_work(signature, race.speed, race.scale, DTYPE.itemsize, backward=backward)
    times = {} if stopped is not None else _times(race, laps)
    judged = standing(times.get(Contestant.YOURS), ceilings.limit(work), stopped, wrong)
    return Contest(race.direction, work, ceilings.bound(work), ceilings.is_bound_by_bytes(work), times, *judged)


def _times(race: Race, laps: Mapping[Contestant, list[Lap]]) -> dict[Contestant, Measured]:
    """The student's by the grader's clock where need be; ours are measured in this process and believed."""
    exact = _counts_cpu(race.setting.device)
    rooms = [room(lap.rest, in_cpu_seconds=exact) for lap in laps[Contestant.REFERENCE]]
    return {
        name: measured(each, rooms if name is Contestant.YOURS else [lap.rest for lap in each])
        for name, each in laps.items()
    }
