"""A sandbox's folder in the temporary directory: removed when it is closed, or by a later run where nobody could.

Whoever uses one holds a lock in it. `kill -9` ends the lock and leaves the folder; the next process that makes one
finds the lock free, and removes what was left.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from functools import cache
from pathlib import Path

from grader.guest.removal import remove_tree

PREFIX = "grader-"
LOCK = "in-use"


class Folder:
    """A new folder; `close` removes it."""

    def __init__(self) -> None:
        remove_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock: int | None = None
        with contextlib.suppress(OSError):  # a file system without locks: then nobody removes it in our place
            self._lock = _held(self.path / "lock", os.O_CREAT)
            (self.path / "lock").rename(self.path / LOCK)  # under this name there is none that isn't held yet

    def close(self) -> None:
        """Remove the folder with all that is in it, and let the lock go."""
        with contextlib.suppress(OSError):
            remove_tree(str(self.path))
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


@cache
def remove_abandoned() -> None:
    """Remove this user's folders whose process has ended; once in a process."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody holds it, it is none of ours, or it is gone by now
            if path.lstat().st_uid == os.getuid():
                lock = _held(path / LOCK)
                with contextlib.suppress(OSError):
                    remove_tree(str(path))
                os.close(lock)


def _held(path: Path, create: int = 0) -> int:
    """A descriptor that holds the lock in a file.

    Raises:
        OSError: there is no such file, or somebody else holds it.
    """
    import fcntl  # noqa: PLC0415 -- absent on Windows, where no sandbox can run and this isn't reached

    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | create, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
