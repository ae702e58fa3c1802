"""When to look again at what costs something to look at, so that looking takes a small share of the time."""

from __future__ import annotations

import time

EVERY = 0.1
"""Seconds between two looks, at least."""

SHARE = 0.05
"""Of the time, at most, that looks may take."""

GROWTH = 1.5
"""By how much a look may cost more than any before it; what it takes longer, it waited for a processor."""


class Pace:
    """The next look is due when this one's cost has become a small share of the time.

    On a busy machine a look may be held up for long; that must not put off the next one by twenty times as much, in
    which nobody would look.
    """

    def __init__(self) -> None:
        self._cost: float | None = None
        self._next = 0.0

    def wait(self) -> None:
        """Have the next look come after the shortest time, whatever the last one cost."""
        self._next = time.monotonic() + EVERY

    def is_due(self, now: float) -> bool:
        """Whether to look, at this time of the monotonic clock."""
        return now >= self._next

    def looked(self, started: float, ended: float) -> None:
        """Note a look from one time to another."""
        took = ended - started
        self._cost = took if self._cost is None else min(took, self._cost * GROWTH)
        self._next = ended + max(EVERY, self._cost / SHARE)
