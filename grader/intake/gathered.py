"""What was found in a folder, archive or file before any of it is read as Python."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from grader.errors import InaccessibleSubmission
from grader.intake.text import quoted
from grader.model.submission import Notice, SubmittedFile


@dataclass(frozen=True, slots=True)
class Gathered:
    """Files of a submission with their bytes, and what was passed over."""

    folder: str
    """Name of the folder that holds the files, as the student called it."""

    files: tuple[SubmittedFile, ...]
    """Files within the bounds, sorted by path."""

    notices: tuple[Notice, ...]
    """What was left out, and why."""

    unread: tuple[str, ...] = ()
    """Python files and folders that are there and that the system didn't let us read."""


def read_at_most(path: Path, limit: int) -> bytes | None:
    """Return the bytes of a regular file, or None where there are more than `limit`.

    Raises:
        OSError: the file can't be read.
    """
    with path.open("rb") as stream:
        content = stream.read(limit + 1)
    return content if len(content) <= limit else None


def read_beneath(folder: Path, path: str, limit: int) -> bytes | None:
    """Return the bytes of a regular file below a folder, or None where there are more than `limit`.

    No link on the way is followed, and nothing is waited for: whoever can write there may have put a link or a pipe in
    the place of what was listed a moment ago.

    Raises:
        OSError: the file can't be read.
    """
    with open(_descriptor_beneath(folder, path), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file any more")
        content = stream.read(limit + 1)
    return content if len(content) <= limit else None


def _descriptor_beneath(folder: Path, path: str) -> int:
    *parents, name = path.split("/")
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for parent in parents:
            inner = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = inner
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    finally:
        os.close(at)


def unreadable(path: Path, error: OSError) -> InaccessibleSubmission:
    """Say that the submission as a whole can't be opened, and why."""
    if isinstance(error, PermissionError):
        return InaccessibleSubmission(
            f"{quoted(path.name)} can't be opened: permission denied. Make it readable for you and try again."
        )
    return InaccessibleSubmission(
        f"{quoted(path.name)} can't be opened: {error.strerror or error}. Check the path and try again."
    )


def own_name(path: Path) -> str:
    """Return the last part of a path as it was handed in; `.` and `..` are looked up."""
    return path.name if path.name not in ("", "..") else path.resolve().name
