"""Gathers the files of a submission, whatever it was handed in as, before any of it is read as Python."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from grader.errors import InaccessibleSubmission, UnreadableSubmission
from grader.intake.archive import read_archive, stem
from grader.intake.bounds import Bounds, size_text
from grader.intake.folder import oversize, read_folder
from grader.intake.gathered import Gathered, read_at_most, unreadable
from grader.intake.layout import DEFAULT_ROOT
from grader.intake.paths import is_archive, is_source, parents, refusal, tidy
from grader.intake.text import enumerated, printable, quoted
from grader.model.submission import Notice, SubmittedFile

ACCEPTED = "a folder, a .py file, a notebook (.ipynb), or a .zip, .tar, .tar.gz or .tgz of these"


def gather(path: Path, bounds: Bounds, name: str | None = None) -> Gathered:
    """Gather the files of a folder, `.py` file, notebook or archive.

    Args:
        path: where it lies.
        bounds: how much of it is read.
        name: what the student called it, where that is not the last part of `path`.

    Raises:
        UnreadableSubmission: the path doesn't exist, can't be opened, or is damaged, unsafe or of another type.
    """
    called = path.name if name is None else name
    mode = _mode(path)
    if stat.S_ISDIR(mode):
        return read_folder(path, bounds)
    if not stat.S_ISREG(mode):
        raise UnreadableSubmission(f"{quoted(called)} is not a regular file. Hand in {ACCEPTED}.")
    if is_archive(called):
        return read_archive(path, bounds, called)
    if is_source(called):
        return _single_file(path, called, bounds)
    raise UnreadableSubmission(f"{quoted(called)} can't be graded: expected {ACCEPTED}. Hand in one of these.")


def gather_together(files: Sequence[tuple[str, Path]], bounds: Bounds) -> Gathered:
    """Gather several files that were handed in together, each with the name that the student gave it.

    What is in an archive or folder goes into a folder of its name. One that can't be read is named in a notice, and the
    rest is still gathered.

    Raises:
        UnreadableSubmission: there is only one, and it can't be read.
    """
    if len(files) == 1:
        name, path = files[0]
        return gather(path, bounds, name)
    together = _Together(bounds)
    for name, path in files:
        together.add(name, path)
    gathered = tuple(sorted(together.files, key=lambda file: file.path))
    return Gathered(DEFAULT_ROOT, gathered, together.finish(), tuple(together.unread))


@dataclass(slots=True)
class _Together:
    """Takes one file after the other until there is as much as the bounds allow."""

    bounds: Bounds
    files: list[SubmittedFile] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    """Paths of files and folders, which no other may have."""

    total: int = 0
    left_out: list[str] = field(default_factory=list)

    def add(self, name: str, path: Path) -> None:
        """Take a file, or note why it is left out."""
        try:
            mode = _mode(path)
            if stat.S_ISREG(mode) and not is_archive(name):
                self._add_file(name, path)
            else:
                self._add_folder(name, gather(path, self._room(), name))
        except UnreadableSubmission as error:
            self.notices.append(Notice(str(error), printable(name)))
            self.unread += [name] if isinstance(error, InaccessibleSubmission) else []

    def finish(self) -> tuple[Notice, ...]:
        """All notices, with one for the files that no longer fitted."""
        if self.left_out:
            limits = f"{self.bounds.files:,} files and {size_text(self.bounds.total_bytes)}"
            names = enumerated([quoted(path) for path in self.left_out], 3)
            self.notices.append(Notice(f"Your submission is larger than {limits}; {names} are left out."))
        return tuple(self.notices)

    def _room(self) -> Bounds:
        """What is left of the bounds; at least one file and byte, since a bound of zero would make no sense."""
        files = max(1, self.bounds.files - len(self.files))
        return replace(self.bounds, files=files, total_bytes=max(1, self.bounds.total_bytes - self.total))

    def _add_file(self, name: str, path: Path) -> None:
        try:
            content = read_at_most(path, self.bounds.file_bytes)
        except OSError as error:
            raise unreadable(path, error) from error
        if content is None:
            self.notices.append(Notice(oversize(name, self.bounds), printable(name)))
        else:
            self._keep(self._free(_usable(name)), content)

    def _add_folder(self, name: str, gathered: Gathered) -> None:
        if not gathered.files and not gathered.notices:
            self.notices.append(Notice("There is nothing in it.", printable(name)))
            return
        self.unread += [f"{name}/{path}" for path in gathered.unread]
        folder = self._free(_usable(stem(name)))
        shown = printable(folder)
        for notice in gathered.notices:
            self.notices.append(replace(notice, path=f"{shown}/{notice.path}" if notice.path else shown))
        for file in gathered.files:
            self._keep(f"{folder}/{file.path}", file.content)

    def _keep(self, path: str, content: bytes) -> None:
        if len(self.files) >= self.bounds.files or self.total + len(content) > self.bounds.total_bytes:
            self.left_out.append(path)
            return
        self.total += len(content)
        self.files.append(SubmittedFile(path, content))
        self.taken.update((path, *parents(path)))

    def _free(self, path: str) -> str:
        """The path itself, or with `_2`, `_3`, … before its suffix where another file or folder has it."""
        if not self._clashes(path):
            return path
        number = 2
        while self._clashes(free := _numbered(path, number)):
            number += 1
        message = f"You handed in more than one file called {quoted(path)}; this one is read as {quoted(free)}."
        self.notices.append(Notice(message, printable(free)))
        return free

    def _clashes(self, path: str) -> bool:
        own = {file.path for file in self.files}
        return path in self.taken or any(parent in own for parent in parents(path))


def _usable(name: str) -> str:
    """The name as a path inside the submission, or another with the same suffix where it can't be one."""
    path = tidy(name)
    return path if path and refusal(path) is None else DEFAULT_ROOT + PurePosixPath(name).suffix[:16]


def _numbered(path: str, number: int) -> str:
    pure = PurePosixPath(path)
    numbered = str(pure.with_name(f"{pure.stem}_{number}{pure.suffix}"))
    return numbered if refusal(numbered) is None else f"{DEFAULT_ROOT}_{number}{pure.suffix[:16]}"


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError as error:
        raise InaccessibleSubmission(
            f"{quoted(str(path))} does not exist; expected {ACCEPTED}. Check the path and try again."
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:
        raise UnreadableSubmission(f"{quoted(str(path))} can't be the name of a file. Check the path.") from error


def _single_file(path: Path, name: str, bounds: Bounds) -> Gathered:
    try:
        content = read_at_most(path, bounds.file_bytes)
    except OSError as error:
        raise unreadable(path, error) from error
    if content is None:
        raise UnreadableSubmission(f"{quoted(name)}: {oversize(name, bounds)}")
    return Gathered(DEFAULT_ROOT, (SubmittedFile(_usable(name), content),), ())
