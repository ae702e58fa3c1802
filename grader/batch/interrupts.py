"""An interrupt at the terminal reaches every process there, and is for the one that runs the class, not for workers."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker


@contextmanager
def for_this_thread_alone() -> Iterator[None]:
    """Threads that are started meanwhile get no Ctrl-C, nor do processes that these start; this thread gets it after.

    A worker needs seconds to import what it needs before it can ignore anything.
    """
    resource_tracker.ensure_running()  # starting it lets interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignored() -> None:
    """Have this process ignore interrupts from now on, those that wait for it too; what it starts does so as well."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
