"""A pool of worker processes on this machine, as a `concurrent.futures.Executor`.

One that dies fails the job it was at, and is replaced; the executor of the standard library gives up altogether then.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from pebble import ProcessPool

from grader.batch.interrupts import for_this_thread_alone
from grader.batch.worker import prepare


class LocalWorkers(Executor):
    """So many processes, each with a sandbox of its own."""

    def __init__(self, workers: int) -> None:
        """They start with the first jobs."""
        # a fork would take torch's threads along half-way
        self._pool = ProcessPool(workers, initializer=prepare, context=multiprocessing.get_context("spawn"))

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a worker call the function; the future raises `pebble.ProcessExpired` where that ended the worker."""
        with for_this_thread_alone():  # the first job starts the pool
            return self._pool.schedule(function, args=list(args), kwargs=kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the jobs end, or end the workers at once."""
        if cancel_futures:
            self._pool.stop()
        else:
            self._pool.close()
        if wait:
            self._pool.join()
