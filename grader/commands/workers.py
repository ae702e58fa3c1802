"""One job for each of several problems, on as many processes as are wanted."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

from grader.catalog.find import Place
from grader.commands.progress import Bar

Done = TypeVar("Done")


def each_done(job: Callable[[Place], Done], places: Sequence[Place], workers: int) -> Iterator[tuple[Place, Done]]:
    """The job on every place; what is done first comes first. With 0 workers there is one for each core."""
    count = min(workers or available_cores(), len(places))
    if count <= 1:
        yield from ((place, job(place)) for place in places)
        return
    context = multiprocessing.get_context("spawn")  # a process that has imported torch is not to be forked
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        running = {pool.submit(job, place): place for place in places}
        try:
            for future in as_completed(running):
                yield running[future], future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def shown_on(progress: Bar | None, done: Iterable[tuple[Place, Done]], total: int) -> Iterator[tuple[Place, Done]]:
    """The same, and a bar names what has been done."""
    for count, (place, result) in enumerate(done, start=1):
        if progress is not None:
            progress.problem_started(place.id, count, total)
        yield place, result


def available_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
