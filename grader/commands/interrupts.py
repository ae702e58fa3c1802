"""Ctrl-C, SIGTERM and SIGHUP, all a KeyboardInterrupt, at a moment when that can be handled.

That is not in the middle of importing a library written in C++.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN = 0.1
"""Seconds until an interrupt that came too early is tried again."""


@contextmanager
def interrupts_wait_for(module: str) -> Iterator[None]:
    """Hold a KeyboardInterrupt back while `module` is being imported.

    Interrupted while it is imported, torch was seen to abort the process (SIGABRT).
    """

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if _is_being_imported(module):
            threading.Timer(AGAIN, signal.raise_signal, [number]).start()
        else:
            signal.default_int_handler(number, frame)

    before = {number: signal.signal(number, on_interrupt) for number in _heard()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def forget_interrupt() -> None:
    """Have the exit code count, now that an interrupt was answered.

    CPython notes a KeyboardInterrupt that leaves source given as a string, which dataclasses and named tuples run, and
    when `python -m` ends it would kill the process by SIGINT, caught or not. Running another string clears the note.
    """
    exec("")  # noqa: S102


def _heard() -> list[signal.Signals]:
    """The signals that end a command; one that is ignored from the start, as under `nohup`, stays so."""
    wanted = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
    return [number for number in wanted if signal.getsignal(number) is not signal.SIG_IGN]


def _is_being_imported(module: str) -> bool:
    specification = getattr(sys.modules.get(module), "__spec__", None)
    return bool(getattr(specification, "_initializing", False))
