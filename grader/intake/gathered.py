"""What was found in a folder, archive or file before any of it is read as Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.errors import UnreadableSubmission
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


def read_at_most(path: Path, limit: int) -> bytes | None:
    """Return the bytes of a regular file, or None where there are more than `limit`.

    Raises:
        OSError: the file can't be read.
    """
    with path.open("rb") as stream:
        content = stream.read(limit + 1)
    return content if len(content) <= limit else None


def unreadable(path: Path, error: OSError) -> UnreadableSubmission:
    """Say that the submission as a whole can't be opened, and why."""
    if isinstance(error, PermissionError):
        return UnreadableSubmission(
            f"{quoted(path.name)} can't be opened: permission denied. Make it readable for you and try again."
        )
    return UnreadableSubmission(
        f"{quoted(path.name)} can't be opened: {error.strerror or error}. Check the path and try again."
    )


def own_name(path: Path) -> str:
    """Return the last part of a path as it was handed in; `.` and `..` are looked up."""
    return path.name if path.name not in ("", "..") else path.resolve().name
