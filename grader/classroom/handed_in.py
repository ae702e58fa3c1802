"""Reads what a student handed in, and tells whether it is the same as before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from grader.classroom.model import Entry
from grader.errors import UnreadableSubmission
from grader.intake import read_files, read_submission
from grader.intake.bounds import DEFAULT_BOUNDS, MIB, Bounds
from grader.intake.gather import gather_together
from grader.model.submission import Submission


def read_entry(entry: Entry, *, bounds: Bounds = DEFAULT_BOUNDS) -> Submission:
    """Read what a student handed in as one submission.

    Raises:
        UnreadableSubmission: it can't be read at all.
        NothingToGrade: there is no Python code in it that can be read.
    """
    name, path = entry.files[0]
    if len(entry.files) == 1 and name == path.name:
        return read_submission(path, bounds=bounds)
    return read_files(entry.label, entry.files, bounds=bounds)


def content_hash(entry: Entry, *, bounds: Bounds = DEFAULT_BOUNDS) -> str:
    """SHA-256 in hexadecimal of the names and bytes that grading would read.

    Where they lie, in which order they are listed, and when they were written or packed change nothing. Files that are
    left out (clutter, or over the bounds) count by what is said of them. No more than the bounds is held in memory.
    """
    digest = hashlib.sha256()
    for part in _parts(entry, bounds):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _parts(entry: Entry, bounds: Bounds) -> Iterator[bytes]:
    files = sorted(entry.files)
    for name, _ in files:
        yield _encoded(name)
    try:
        gathered = gather_together(files, bounds)
    except UnreadableSubmission as error:
        yield b"unreadable"
        yield _encoded(str(error))
        for _, path in files:
            yield _bytes_digest(path, bounds)
        return
    for file in gathered.files:
        yield _encoded(file.path)
        yield file.content
    for notice in gathered.notices:
        yield _encoded(str(notice))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _bytes_digest(path: Path, bounds: Bounds) -> bytes:
    """Hash of as much of the file as an archive may have; empty where it can't be read."""
    digest = hashlib.sha256()
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as stream:
            for _ in range(bounds.total_bytes // MIB + 1):
                digest.update(stream.read(MIB))
    except OSError:
        return b""
    return digest.digest()
