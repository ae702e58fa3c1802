"""Workers on other machines: `dask.distributed`, as a `concurrent.futures.Executor`.

A cluster is either there already (its scheduler's address is given) or started for the class: processes on this
machine, or jobs of a batch system, set up as the configuration of dask-jobqueue or dask-kubernetes says.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from grader.batch.choices import Cluster
from grader.batch.worker import clear
from grader.errors import UsageError

CONNECT_SECONDS = 30
"""After which a scheduler that doesn't answer is taken not to be there."""

_RESOURCES = {"GPU": 1}
"""What a worker has and a job takes, where answers use a GPU."""

INSTALL = "pip install 'rl-transformer-grader[cluster]'"


@dataclass(frozen=True, slots=True)
class Workers:
    """An executor and how many jobs it does at a time."""

    executor: Executor
    number: int
    options: dict[str, Any]
    """To be handed to `submit` beside the function and its arguments."""


@contextmanager
def cluster_workers(scheduler: str | None, cluster: Cluster | None, number: int, *, gpu: bool) -> Iterator[Workers]:
    """Connect to a scheduler or start a cluster of so many workers; closed in the end. A scheduler is left alone.

    Raises:
        UsageError: dask is not installed, or the cluster can't be reached or started.
    """
    try:
        from distributed import Client  # noqa: PLC0415 -- an extra, and slow to import
    except ImportError as error:
        raise UsageError(f"--scheduler and --cluster need dask: {INSTALL}") from error
    started = None
    try:
        started = None if cluster is None else _started(cluster, number, gpu=gpu)
        client = Client(started if started is not None else scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        if started is not None:
            started.close()
        raise UsageError(f"The cluster can't be used: {error}") from error
    resources = _RESOURCES if gpu else None
    try:
        yield Workers(client.get_executor(pure=False, retries=0), _capacity(client, number), {"resources": resources})
    finally:
        with suppress(Exception):  # a worker that is gone has nothing open
            client.run(clear)
        client.close()
        if started is not None:
            started.close()


def _started(cluster: Cluster, number: int, *, gpu: bool) -> Any:
    match cluster:
        case Cluster.LOCAL:
            from distributed import LocalCluster  # noqa: PLC0415 -- as above

            # the dashboard would open a port, and one thread each: a bench serves one job at a time
            return LocalCluster(
                n_workers=number,
                threads_per_worker=1,
                processes=True,
                resources=_RESOURCES if gpu else None,
                dashboard_address=None,
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
    """Threads of the workers that are there; of a cluster that is only starting, those that were asked for."""
    threads: int = sum(client.nthreads().values())
    return max(wanted, threads)
