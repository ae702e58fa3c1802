"""Runs a command and says what it took: wall time, CPU time, and memory, with everything that it starts (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BETWEEN_LOOKS = 0.1
"""Seconds between two looks at the memory."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds."""

    wall: float
    cpu: float
    """Of the process and of all ended ones below it."""

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.wall - other.wall, self.cpu - other.cpu)

    def __truediv__(self, count: float) -> Cost:
        return Cost(self.wall / count, self.cpu / count)


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: int
    """Negative where a signal ended it."""

    cost: Cost
    output: str
    """Standard output and error together."""

    stopped: bool
    """Whether it was still running when its time was up, or was killed on purpose."""


def run(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    most_seconds: float = 600.0,
    kill_when: Callable[[], bool] | None = None,
) -> Ended:
    """Run a command to its end; it and all below it are killed when its time is up, or when `kill_when` says so."""
    log = folder / ".output.txt"
    with log.open("wb") as output:
        started = time.perf_counter()
        process = _start(command, folder, environment, output)
        with _watched(process.pid, started + most_seconds, kill_when) as stopped:
            _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    cost = Cost(wall, used.ru_utime + used.ru_stime)
    text = log.read_text(encoding="utf-8", errors="replace")
    return Ended(process.returncode, cost, text, stopped.is_set())


def succeed(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    most_seconds: float = 600.0,
) -> Ended:
    """Run a command that has to succeed: where it does not, the figures would mean nothing."""
    ended = run(command, folder, environment, most_seconds=most_seconds)
    if ended.code != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {ended.code}:\n{ended.output}")
    return ended


def most_memory(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> float:
    """The most that all processes of a command held at once, in MB; pages that several share count once."""
    with (folder / ".output.txt").open("wb") as output:
        process = _start(command, folder, environment, output)
        most = 0
        while process.poll() is None:
            most = max(most, sum(map(_held, (process.pid, *_below(process.pid)))))
            time.sleep(BETWEEN_LOOKS)
    return most / 1024


def _start(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None, output: object
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=output,  # type: ignore[arg-type]  # a file or one of the constants of subprocess
        stderr=subprocess.STDOUT,
    )


@contextlib.contextmanager
def _watched(pid: int, until: float, kill_when: Callable[[], bool] | None) -> Iterator[threading.Event]:
    ended, stopped = threading.Event(), threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            if time.perf_counter() > until or (kill_when is not None and kill_when()):
                stopped.set()
                _kill(pid)
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield stopped
    finally:
        ended.set()
        watcher.join()


def _kill(pid: int) -> None:
    for process in (pid, *_below(pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _below(pid: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children = [int(child) for child in thread.read_text().split()]
            found += [each for child in children for each in (child, *_below(child))]
    return found


def _held(pid: int) -> int:
    """Kilobytes; of pages that are shared, its share."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
