"""Keeps what takes long to make, and makes it anew in the background once it is out of date."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Generic, TypeVar

T = TypeVar("T")

PATIENCE = 0.4
"""Seconds that a page waits for what is new before it shows what was there."""


class Kept(Generic[T]):
    """A value that is made again where it is out of date: `make` gets the old one, and returns it where it still holds.

    It may be asked from several threads.
    """

    def __init__(self, make: Callable[[T | None], T]) -> None:
        self._make = make
        self._kept: T | None = None
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="kept")

    def get(self, patience: float | None = PATIENCE) -> tuple[T, bool]:
        """The value, and whether it is up to date.

        The first one is waited for however long it takes, and so is every one where there is no limit to patience.
        Raises whatever `make` raises.
        """
        before = self._kept
        asked = self._maker.submit(self._remade)
        done, _ = wait([asked], None if before is None else patience)
        if done or before is None:
            return asked.result(), True
        asked.cancel()  # somebody else's is being made, and the next reader asks again
        return before, False

    def begin(self) -> None:
        """Make it before anybody asks."""
        self._maker.submit(self._remade)

    def close(self) -> None:
        """Make nothing more."""
        self._maker.shutdown(wait=False, cancel_futures=True)

    def _remade(self) -> T:
        self._kept = made = self._make(self._kept)
        return made
