"""Workers on other machines: `dask.distributed`, as a `concurrent.futures.Executor`.

A cluster is either there already (its scheduler's address is given) or started for the class: processes on this
machine, or jobs of a batch system, set up as the configuration of dask-jobqueue or dask-kubernetes says.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from grader.batch.choices import Cluster
from grader.batch.interrupts import for_this_thread_alone
from grader.batch.running import DEATHS
from grader.batch.worker import clear
from grader.errors import UsageError

CONNECT_SECONDS = 30
"""After which a scheduler that doesn't answer is taken not to be there."""

LOOK = 5.0
"""Seconds between two looks at whether a cluster has all its workers."""

_RESOURCES = {"GPU": 1}
"""What a worker has and a job takes, where answers use a GPU."""

INSTALL = "pip install 'rl-transformer-grader[cluster]'"


@dataclass(frozen=True, slots=True)
class Workers:
    """An executor and how many jobs it is to have at a time."""

    executor: Executor
    capacity: int
    options: dict[str, Any]
    """To be handed to `submit` beside the function and its arguments."""


class ClusterExecutor(Executor):
    """Dask's executor, which can be ended at once as those of the standard library can."""

    def __init__(self, dask: Any) -> None:
        """`dask` is what a client calls its executor."""
        self._dask = dask

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a worker call the function; Dask tries again by itself where that ended the worker."""
        submitted: Future[Any] = self._dask.submit(function, *args, **kwargs)
        return submitted

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the jobs end, or cancel them all: Dask's own way, which doesn't wait, does that."""
        self._dask.shutdown(wait=wait and not cancel_futures)


@contextmanager
def cluster_workers(scheduler: str | None, cluster: Cluster | None, number: int, *, gpu: bool) -> Iterator[Workers]:
    """Connect to a scheduler or start a cluster of so many workers; closed in the end. A scheduler is left alone.

    A worker has one job and none that waits behind it: that one would be taken to have ended the worker as well.

    Raises:
        UsageError: dask is not installed, or the cluster can't be reached or started.
    """
    try:
        from distributed import Client  # noqa: PLC0415 -- an extra, and slow to import
    except ImportError as error:
        raise UsageError(f"--scheduler and --cluster need dask: {INSTALL}") from error
    started = None
    try:
        _require_address(scheduler)
        with for_this_thread_alone():
            started = None if cluster is None else _started(cluster, number, gpu=gpu)
            address = scheduler if started is None else started
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        if started is not None:
            started.close()
        raise UsageError(f"The cluster can't be used: {error}") from error
    resources = _RESOURCES if gpu else None
    ended = threading.Event()
    if started is not None:
        threading.Thread(target=_kept, args=(started, number, ended), daemon=True).start()
    try:
        executor = ClusterExecutor(client.get_executor(pure=False, retries=0))
        yield Workers(executor, _capacity(client, number), {"resources": resources})
    finally:
        ended.set()
        with suppress(Exception):  # a worker that is gone has nothing open
            client.run(clear)
        client.close()
        if started is not None:
            started.close()


def _require_address(scheduler: str | None) -> None:
    """Refuse what is no address: a client that was made for one can't be closed again, and takes a minute to fail.

    Raises:
        ValueError: it has no port, or a scheme that Dask doesn't know.
    """
    from distributed.comm.addressing import get_address_host_port  # noqa: PLC0415 -- as above

    if scheduler is not None:
        get_address_host_port(scheduler)


def _started(cluster: Cluster, number: int, *, gpu: bool) -> Any:
    """A cluster of so many workers; its scheduler gives a job up that has ended as many of them as is allowed."""
    import dask  # noqa: PLC0415 -- as above

    with dask.config.set({"distributed.scheduler.allowed-failures": DEATHS - 1}):
        return _made(cluster, number, gpu=gpu)


def _kept(cluster: Any, number: int, ended: threading.Event) -> None:
    """Have a cluster replace workers that it lost: one that dies while it starts isn't begun anew by itself."""
    while not ended.wait(LOOK):
        cluster.scale(number)


def _made(cluster: Cluster, number: int, *, gpu: bool) -> Any:
    match cluster:
        case Cluster.LOCAL:
            from distributed import LocalCluster  # noqa: PLC0415 -- as above

            # no dashboard, and what else its scheduler answers by HTTP on a port that is free, for this machine alone;
            # one thread each: a bench serves one job at a time
            return LocalCluster(
                n_workers=number,
                threads_per_worker=1,
                processes=True,
                resources=_RESOURCES if gpu else None,
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                silence_logs=logging.ERROR,
            )
        case Cluster.SLURM:
            return _scaled(_imported("dask_jobqueue", "SLURMCluster")(), number)
        case Cluster.KUBERNETES:
            return _scaled(_imported("dask_kubernetes.operator", "KubeCluster")(), number)


def _imported(module: str, name: str) -> Any:
    import importlib  # noqa: PLC0415 -- beside what it imports

    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise UsageError(
            f"this kind of cluster needs {module.partition('.')[0].replace('_', '-')}: {INSTALL}"
        ) from error


def _scaled(cluster: Any, number: int) -> Any:
    cluster.scale(number)
    return cluster


def _capacity(client: Any, wanted: int) -> int:
    """Threads of the workers that are there, or those that were asked for where there are to be more of them."""
    threads: int = sum(client.nthreads().values())
    return max(wanted, threads)
