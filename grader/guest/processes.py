"""What the zygote sees and does of processes: its descendants, their clocks, and their end, as far as /proc tells."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
_CPUCLOCK_SCHED = 2
"""From linux/posix-timers.h, as clock_getcpuclockid(3) composes it."""

_SWEEPS = 50


def become_subreaper() -> None:
    """Adopt every orphaned descendant, so that a daemon can't slip away."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """Have the system kill this process when its parent ends, however that ends; at once where it has ended already."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(70)


def forbid_inspection() -> None:
    """Keep processes of the same user from reading or tracing this one."""
    _prctl(PR_SET_DUMPABLE, 0)


def allow_inspection() -> None:
    """Undo `forbid_inspection` in a child, so that it can read its own /proc/self."""
    _prctl(PR_SET_DUMPABLE, 1)


def _prctl(option: int, value: int) -> None:
    if LINUX:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and its threads, in seconds; 0 where it can't be read.

    Linux has a clock for it, which costs no look into /proc: under a sandbox that is a detour of half a millisecond.
    """
    if not LINUX:
        return 0.0
    try:
        return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)
    except OSError:
        return 0.0


def waited_seconds(pid: int) -> float:
    """For how long a process was ready to run and no processor was free for it; 0 where the system doesn't say."""
    try:
        with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def memory_of(pid: int) -> int:
    """Bytes of memory that a process takes and no file backs; 0 where it can't be read."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            sizes = dict(line.split(":", 1) for line in file)
        return sum(int(sizes.get(name, "0").split()[0]) << 10 for name in ("RssAnon", "RssShmem"))
    return 0


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on; empty where there are none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def descendants(pid: int) -> list[int]:
    """Processes that `pid` started, directly or not, as far as they still descend from it."""
    if not LINUX:
        return []
    parents = _parents()
    found: list[int] = []
    frontier = {pid}
    while frontier:
        frontier = {child for child, parent in parents.items() if parent in frontier}
        found += frontier
    return found


def _parents() -> dict[int, int]:
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return {}
    stats = ((pid, _stat(pid)) for pid in pids)
    return {pid: int(fields[1]) for pid, fields in stats if fields}


def kill_all() -> None:
    """Kill and reap every descendant of this process; orphans come to it, being a subreaper.

    All are stopped before any is killed, so that a fork bomb can't outrun the sweep.
    """
    for _ in range(_SWEEPS):
        remaining = descendants(os.getpid())
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in remaining:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
        if not _reap_one_or_more() and not remaining:
            return


def _reap_one_or_more() -> bool:
    reaped = False
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            reaped = True
    except ChildProcessError:
        return reaped
    return True
