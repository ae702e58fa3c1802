"""What is concluded from measurements: which seconds are believed, whether they count, and what they earn."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from grader.assignment.model import Band
from grader.bench.model import Award, Contest, Lap, Measured, Standing
from grader.model.words import number

LOOSE = 1.5
"""Times the sum of the calls that the whole of a burst may take, with LOOSE_SECONDS: beyond that, work went on beside
what was measured, on another stream or thread."""

LOOSE_SECONDS = 1e-3

SLACK, SLACK_SECONDS = 1.1, 5e-3
"""Times what the grader itself needs for everything but the calls, and seconds beyond, that the sandbox may need for
it, counted in CPU seconds: they were seen to agree within a twentieth, however busy the machine was."""

WALL_SLACK, WALL_SLACK_SECONDS = 1.15, 10e-3
"""The same in seconds of a clock on the wall."""


BUSY = 1.25
"""Times the CPU seconds of our own calls that they may take where a machine does nothing else."""


def room(rest: float, *, in_cpu_seconds: bool) -> float:
    """Seconds that the sandbox may need for everything but the calls, where the grader itself needed `rest`."""
    if in_cpu_seconds:
        return SLACK * rest + SLACK_SECONDS
    return WALL_SLACK * rest + WALL_SLACK_SECONDS


def believed(lap: Lap, room: float) -> float:
    """Seconds of one call, from what was measured beside the calls and what the grader's clock leaves room for."""
    return _beside(lap) + _unexplained(lap, room)


def _beside(lap: Lap) -> float:
    beside = median(lap.seconds)
    if lap.whole > LOOSE * sum(lap.seconds) + LOOSE_SECONDS:
        beside = max(beside, lap.whole / len(lap.seconds))
    if lap.cpu > LOOSE * lap.whole + LOOSE_SECONDS:  # several threads are no way to be faster: all is timed on one
        beside = max(beside, lap.cpu / len(lap.seconds))
    return beside


def _unexplained(lap: Lap, room: float) -> float:
    """Seconds for each call that were spent, and that nothing but the student's code can have spent."""
    return max(0.0, lap.rest - room) / len(lap.seconds)


def measured(laps: Sequence[Lap], rooms: Sequence[float]) -> Measured:
    """The median of the rounds; `rooms` as for `believed`, one for each."""
    each = list(zip(laps, rooms, strict=True))
    seconds = [believed(lap, room) for lap, room in each]
    forged = [_unexplained(lap, room) > _beside(lap) / 10 for lap, room in each]
    unseen = median(max(0.0, room - lap.rest) / len(lap.seconds) for lap, room in each)
    calls = sum(len(lap.seconds) for lap in laps)
    return Measured(median(seconds), min(seconds), max(seconds), calls, unseen, sum(forged) * 2 > len(forged))


def is_busy(laps: Sequence[Lap]) -> bool:
    """Whether so much more time than CPU time went by that processors were doing other things."""
    spent = sum(lap.cpu for lap in laps)
    return spent > 0 and sum(lap.whole for lap in laps) > BUSY * spent


def standing(yours: Measured | None, limit: float, stopped: str | None, wrong: str | None) -> tuple[Standing, str]:
    """Whether a time counts, and the sentence that says why it doesn't."""
    if stopped is not None:
        return Standing.STOPPED, stopped
    if wrong is not None:
        return Standing.WRONG, f"Fast, perhaps, but wrong: not counted. {wrong}"
    if yours is None or yours.seconds < limit:
        return Standing.IMPOSSIBLE, (
            "Impossible: the inputs can't even be read and the results written in this time, so something else was "
            "measured than the whole work. Not counted."
        )
    return Standing.COUNTED, ""


def award(bands: Sequence[Band], contests: Sequence[Contest], *, is_right: bool) -> Award | None:
    """What the bands of an assignment give; None where it has none.

    The last contest counts: forward and backward where gradients are graded. A time whose spread reaches into a better
    band gets that one.
    """
    if not bands:
        return None
    most = max(band.points for band in bands)
    if not is_right:
        return Award(0.0, most, "every check has to pass before speed counts")
    if not contests or any(contest.standing is not Standing.COUNTED for contest in contests):
        return Award(0.0, most, "there is no time that counts")
    ratio = contests[-1].least_ratio
    reached = [band for band in bands if ratio is not None and ratio <= band.at_most]
    if not reached:
        slowest = max(band.at_most for band in bands)
        return Award(0.0, most, f"more than {number(slowest)} times the reference's time")
    best = max(reached, key=lambda band: band.points)
    return Award(best.points, most, f"at most {number(best.at_most)} times the reference's time")
