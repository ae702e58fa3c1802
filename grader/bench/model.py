"""What a speed report is made of: measurements, what became of them, and the bounds they are held against."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from grader.model.speed import Work
from grader.model.submission import Notice
from grader.model.verdict import ProblemReport


class Direction(Enum):
    """What is timed."""

    FORWARD = "forward"
    BOTH = "forward and backward"


class Contestant(Enum):
    """Whose function is timed."""

    YOURS = "yours"
    REFERENCE = "reference"
    COMPILED = "compiled reference"
    KERNEL = "kernel"


class Standing(Enum):
    """Whether a student's time counts."""

    COUNTED = "counted"
    WRONG = "wrong"
    """The results of the timed calls are not right, whatever they took."""

    IMPOSSIBLE = "impossible"
    """Faster than the hardware can be."""

    STOPPED = "stopped"
    """There is no time: it raised, or had to be stopped."""


class State(Enum):
    """What became of a problem."""

    TIMED = "timed"
    NOT_FOUND = "not found"
    NOT_RIGHT = "not right"
    """Its agreement or gradient check doesn't pass, so it isn't timed."""

    FAULT = "grader error"


@dataclass(frozen=True, slots=True)
class Lap:
    """One contestant's calls of one round."""

    seconds: tuple[float, ...]
    """Of each call, as measured beside it."""

    whole: float
    """Of all calls, from before the first to after the last."""

    cpu: float
    """That processors have spent on all calls together, on all threads; 0 on a GPU."""

    rest: float
    """That the grader's own clock counted and that are not said to have been spent in the calls: what it took to draw
    the inputs and to look at the results, and work that is kept secret."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of one call: the median of the rounds, and the least and most of them."""

    seconds: float
    low: float
    high: float
    calls: int
    """Of all rounds together."""

    unseen: float = 0.0
    """Seconds of a call that the grader's own clock would not miss: so far a forged time could be off."""

    by_the_graders_clock: bool = False
    """Whether what was measured beside the calls could not be believed, and the grader's own clock is shown."""


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What this device did in this run, and what nothing on it can exceed. A multiply-add is one operation."""

    bytes_per_second: float
    """Of a large copy, read and written bytes counted."""

    operations_per_second: float
    """Of a product of matrices, in the dtype of the inputs."""

    most_bytes_per_second: float
    most_operations_per_second: float
    spared_bytes: int = 0
    """What may still be in a cache when the time is taken, so that the memory has not seen it."""

    def bound(self, work: Work) -> float:
        """Seconds that the work takes at the measured ceilings."""
        return max(work.bytes / self.bytes_per_second, work.operations / self.operations_per_second)

    def is_bound_by_bytes(self, work: Work) -> bool:
        """Whether it is the bytes that take longer."""
        return work.bytes / self.bytes_per_second >= work.operations / self.operations_per_second

    def limit(self, work: Work) -> float:
        """Seconds below which no right answer can be."""
        moved = max(0, work.bytes - self.spared_bytes)
        return max(moved / self.most_bytes_per_second, work.operations / self.most_operations_per_second)


@dataclass(frozen=True, slots=True)
class Contest:
    """One direction of one problem: who took how long, and whether the student's time counts."""

    direction: Direction
    work: Work
    bound: float
    """Seconds that the work takes at the measured ceilings."""

    is_bound_by_bytes: bool
    times: dict[Contestant, Measured]
    standing: Standing
    remark: str = ""
    """Why it doesn't count."""

    notes: tuple[str, ...] = ()
    """What else is to be known: of ours, what could not be timed here; a machine that was busy."""

    @property
    def yours(self) -> Measured | None:
        """The student's time, where there is one."""
        return self.times.get(Contestant.YOURS)

    @property
    def ratio(self) -> float | None:
        """The student's time as a multiple of the reference's."""
        reference = self.times.get(Contestant.REFERENCE)
        if self.yours is None or reference is None:
            return None
        return self.yours.seconds / reference.seconds

    @property
    def least_ratio(self) -> float | None:
        """The least multiple that the spread of both measurements leaves room for."""
        reference = self.times.get(Contestant.REFERENCE)
        return None if self.yours is None or reference is None else self.yours.low / reference.high


@dataclass(frozen=True, slots=True)
class Award:
    """Points for speed, as an assignment gives them."""

    points: float
    most: float
    reason: str


@dataclass(frozen=True, slots=True)
class ProblemSpeed:
    """One problem's part of the report."""

    report: ProblemReport
    """How it was graded, in the same run."""

    state: State
    contests: tuple[Contest, ...] = ()
    award: Award | None = None
    inputs: str = ""
    """The shapes of the inputs: `x (1024, 256)`."""

    fault: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether it was timed, and every time counts."""
        return self.state is State.TIMED and all(each.standing is Standing.COUNTED for each in self.contests)


@dataclass(frozen=True, slots=True)
class SpeedReport:
    """The whole report."""

    submission: str
    seed: int
    isolation: str
    device: str
    machine: str
    """The processor or GPU, as it calls itself, and the version of PyTorch."""

    ceilings: Ceilings | None
    """None where nothing was timed."""

    problems: tuple[ProblemSpeed, ...]
    notices: tuple[Notice, ...] = ()
