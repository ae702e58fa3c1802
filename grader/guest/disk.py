"""What a submission holds on disk: its folder, and the files without a name that its processes keep open.

The system bounds the size of one file and not their number or sum, and quotas are root's; so the zygote looks now and
then, and ends what holds too much. Between two looks a disk can be written to for a fraction of a second.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator

BLOCK = 512
"""Bytes that `st_blocks` counts in, whatever the file system's own are."""

DEEPEST = 100
"""Folders inside each other: each that is being looked into takes a descriptor. One that can't be looked into counts as
deeper than that."""

SHARE = 0.1
"""Of the time that may go into looking."""

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_HANDLE = getattr(os, "O_PATH", 0)
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""What opening a folder fails with that is none any more."""


class Disk:
    """The disk use of one submission, with what it may be."""

    def __init__(self, folder: str, most_bytes: int, most_files: int) -> None:
        self._folder = folder
        self._most_bytes, self._most_files = most_bytes, most_files
        self._next_look = 0.0

    def is_over(self, pids: Iterable[int]) -> bool:
        """Whether the folder and these processes hold more than they may; a look that costs much is not soon repeated.

        Files count by the space they take: a sparse one by what was written to it. So do those in memory (memfd).
        """
        started = time.monotonic()
        if started < self._next_look:
            return False
        over = self.is_over_now(pids)
        ended = time.monotonic()
        self._next_look = ended + (ended - started) * (1 / SHARE - 1)
        return over

    def is_over_now(self, pids: Iterable[int] = ()) -> bool:
        """The same, whatever the look costs."""
        taken = 0
        seen: set[tuple[int, int]] = set()
        for files, (depth, entry) in enumerate(_entries(self._folder, pids), start=1):
            if (entry.st_dev, entry.st_ino) not in seen:
                seen.add((entry.st_dev, entry.st_ino))
                taken += entry.st_blocks * BLOCK
            if taken > self._most_bytes or files > self._most_files or depth > DEEPEST:
                return True
        return False


def _entries(folder: str, pids: Iterable[int]) -> Iterator[tuple[int, os.stat_result]]:
    """How deep it lies, and what the system says of it: of everything in the folder, and of open files in none."""
    yield from _below(folder)
    for pid in pids:
        for held in _without_name(pid):
            yield 0, held


def _below(folder: str) -> Iterator[tuple[int, os.stat_result]]:
    """Everything in a folder, while it may be changing; a path to it may be longer than any the system takes."""
    opened: list[int] = []
    names: list[list[str]] = []
    with contextlib.suppress(OSError):
        _enter(folder, None, opened, names)
    try:
        while opened:
            if not names[-1]:
                names.pop()
                os.close(opened.pop())
                continue
            name, here = names[-1].pop(), opened[-1]
            try:
                found = os.stat(name, dir_fd=here, follow_symlinks=False)
            except OSError:  # it has gone in the meantime
                continue
            yield len(opened), found
            if stat.S_ISDIR(found.st_mode):
                try:
                    _enter(name, here, opened, names)
                except OSError as error:
                    if error.errno not in _GONE:
                        yield DEEPEST + 1, found
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _enter(name: str, inside: int | None, opened: list[int], names: list[list[str]]) -> None:
    try:
        there = os.open(name, _OPEN, dir_fd=inside)
    except PermissionError:
        _unlock(name, inside)
        there = os.open(name, _OPEN, dir_fd=inside)
    opened.append(there)
    names.append([])
    names[-1] += os.listdir(there)


def _unlock(name: str, inside: int | None) -> None:
    """Make a folder readable for its owner, and not what a link that takes its place in this moment leads to."""
    if not _HANDLE:
        os.chmod(name, 0o700, dir_fd=inside, follow_symlinks=False)
        return
    handle = os.open(name, _HANDLE | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=inside)
    try:
        os.chmod(f"/proc/self/fd/{handle}", 0o700)
    finally:
        os.close(handle)


def _without_name(pid: int) -> Iterator[os.stat_result]:
    """The regular files that a process has open and no folder lists: deleted ones, and those in memory."""
    try:
        numbers = os.listdir(f"/proc/{pid}/fd")
    except OSError:  # it has ended, or there is no /proc
        return
    for number in numbers:
        with contextlib.suppress(OSError):
            held = os.stat(f"/proc/{pid}/fd/{number}")
            if stat.S_ISREG(held.st_mode) and held.st_nlink == 0:
                yield held
