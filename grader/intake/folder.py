"""Gathers the files of a submission that was handed in as a folder."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from grader.intake.bounds import Bounds, size_text
from grader.intake.gathered import Gathered, own_name, read_beneath, unreadable
from grader.intake.paths import ENVIRONMENT_MARKER, is_clutter, is_source, refusal
from grader.intake.text import enumerated, printable, quoted
from grader.model.submission import Notice, SubmittedFile


def read_folder(folder: Path, bounds: Bounds) -> Gathered:
    """Read the files of a folder within the bounds; links, special files and clutter are passed over.

    Raises:
        UnreadableSubmission: the folder itself can't be listed.
    """
    walk = _Walk(folder, bounds)
    paths = sorted(walk.paths(), key=_most_useful_first)
    intake = _FolderIntake(folder, bounds, walk.notices)
    for path in paths:
        intake.take(path)
    files = tuple(sorted(intake.files, key=lambda file: file.path))
    return Gathered(own_name(folder), files, intake.finish(), (*walk.unread, *intake.unread))


def _most_useful_first(path: str) -> tuple[bool, int, str]:
    """Order in which files are kept when there are too many: Python code first, shallow before deep."""
    return (not is_source(path), path.count("/"), path)


@dataclass(slots=True)
class _Walk:
    """One pass over a folder that collects the paths of regular files, and notices for the rest."""

    folder: Path
    bounds: Bounds
    notices: list[Notice] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    seen: int = 0

    def paths(self) -> Iterator[str]:
        """Yield the paths of regular files, shallow folders first."""
        waiting = deque([""])
        while waiting and self.seen < self.bounds.walked:
            prefix = waiting.popleft()
            for entry in self._entries(prefix):
                path = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path + "/")
                elif self._is_wanted(entry, path):
                    yield path
        if self.seen >= self.bounds.walked:
            message = f"Your folder has {self.bounds.walked:,} entries or more; only the first ones are looked at."
            self.notices.append(Notice(message))

    def _entries(self, prefix: str) -> list[os.DirEntry[str]]:
        entries = self._listed(prefix)
        if prefix and any(entry.name == ENVIRONMENT_MARKER for entry in entries):
            return []
        return [entry for entry in entries if not is_clutter(entry.name) and self._is_usable(prefix + entry.name)]

    def _listed(self, prefix: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.folder / prefix) as listing:
                entries = list(islice(listing, self.bounds.walked - self.seen))
        except OSError as error:
            self._unlisted(prefix, error)
            return []
        self.seen += len(entries)
        return sorted(entries, key=lambda entry: entry.name)

    def _unlisted(self, prefix: str, error: OSError) -> None:
        if not prefix:
            raise unreadable(self.folder, error) from error
        self.unread.append(prefix.rstrip("/"))
        reason = printable(error.strerror or "it can't be opened")
        self._notice(prefix.rstrip("/"), f"This folder can't be read ({reason}), so nothing in it is graded.")

    def _is_usable(self, path: str) -> bool:
        reason = refusal(path)
        if reason is not None:
            self._notice(path, f"This file {reason}, so it is left out. Rename it and hand in again.")
        return reason is None

    def _is_wanted(self, entry: os.DirEntry[str], path: str) -> bool:
        if entry.is_file(follow_symlinks=False):
            return True
        what = "a link, and links aren't followed" if entry.is_symlink() else "a special file, not a regular one"
        self._notice(path, f"This is {what}, so it is left out. Hand in the file itself.")
        return False

    def _notice(self, path: str, message: str) -> None:
        self.notices.append(Notice(message, printable(path) or None))


@dataclass(slots=True)
class _FolderIntake:
    """Reads files one by one until the submission is as large as the bounds allow."""

    folder: Path
    bounds: Bounds
    notices: list[Notice]
    files: list[SubmittedFile] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    total: int = 0
    left_out: list[str] = field(default_factory=list)

    def take(self, path: str) -> None:
        """Read one file, or note why it is left out."""
        if len(self.files) >= self.bounds.files:
            self.left_out.append(path)
            return
        try:
            content = read_beneath(self.folder, path, self.bounds.file_bytes)
        except OSError as error:
            reason = printable(error.strerror or "it can't be opened")
            self._notice(path, f"This file can't be read ({reason}), so it is left out.")
            self.unread += [path] if is_source(path) else []
            return
        self._keep(path, content)

    def _keep(self, path: str, content: bytes | None) -> None:
        if content is None:
            self._notice(path, oversize(path, self.bounds))
        elif self.total + len(content) > self.bounds.total_bytes:
            self.left_out.append(path)
        else:
            self.total += len(content)
            self.files.append(SubmittedFile(path, content))

    def finish(self) -> tuple[Notice, ...]:
        """Return all notices, with one for the files that no longer fitted."""
        if self.left_out:
            limits = f"{self.bounds.files:,} files and {size_text(self.bounds.total_bytes)}"
            names = enumerated([quoted(path) for path in self.left_out], 3)
            self.notices.append(Notice(f"Your submission is larger than {limits}; {names} are left out."))
        return tuple(self.notices)

    def _notice(self, path: str, message: str) -> None:
        self.notices.append(Notice(message, printable(path)))


def oversize(path: str, bounds: Bounds) -> str:
    """Say that a file is larger than the bounds allow, and what to do about it."""
    remedy = "Clear its outputs, save it and hand in again." if path.lower().endswith(".ipynb") else ""
    return f"This file is larger than {size_text(bounds.file_bytes)}, so it is left out. {remedy}".strip()
