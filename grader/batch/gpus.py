"""Gives every worker on a machine a GPU: each is held by so many at a time as it may be, and by none that has ended.

A worker holds a lock on a file for as long as it lives, however it ends; one that takes its place finds the lock free.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from grader.errors import SandboxError
from grader.run.gpu import VISIBLE

WAIT = 30.0
"""Seconds after which a worker that finds no GPU free gives up: the process that held it needs a moment to end."""

LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Shared:
    """The GPUs of a machine, for the workers of one run there."""

    names: tuple[str, ...]
    """As CUDA_VISIBLE_DEVICES names them."""

    per_gpu: int
    """Submissions that may run on one of them at a time."""

    folder: Path
    """Where the locks lie."""

    @property
    def places(self) -> int:
        """How many workers find a GPU."""
        return len(self.names) * self.per_gpu


def gpus_of(count: int) -> tuple[str, ...]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; `count` is how many CUDA finds."""
    visible = os.environ.get(VISIBLE)
    if visible is None:
        return tuple(map(str, range(count)))
    return tuple(name.strip() for name in visible.split(","))[:count]


_HELD: list[int] = []
"""The lock of this process, if it has taken a GPU."""


def take(shared: Shared) -> None:
    """Have this process use one GPU from now on, the one that is used least; CUDA must not have been used in it yet.

    Raises:
        SandboxError: all places are taken.
    """
    if _HELD:
        return
    deadline = time.monotonic() + WAIT
    while True:
        name = _taken(shared)
        if name is not None:
            os.environ[VISIBLE] = name
            return
        if time.monotonic() > deadline:
            raise SandboxError(f"All GPUs ({', '.join(shared.names)}) are taken by other workers of this run.")
        time.sleep(LOOK)


def _taken(shared: Shared) -> str | None:
    """The first GPU with a place that is free; every first place comes before any second one."""
    import fcntl  # noqa: PLC0415 -- absent on Windows, where no sandbox can run and this isn't reached

    for place in range(shared.per_gpu):
        for number, name in enumerate(shared.names):
            lock = os.open(shared.folder / f"gpu-{number}-{place}", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                continue
            _HELD.append(lock)
            return name
    return None
