"""Lists what lies in a folder of submissions: junk is passed over, links are not followed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.intake.paths import is_clutter
from grader.intake.text import enumerated, printable, quoted

OUTPUT_MARKER = ".grader-output"
"""A file of this name marks a folder that the grader itself wrote: it is no submission."""

MOST_ITEMS = 50_000
"""A class has no more files and folders than this; a home folder or a whole disk has."""

MOST_NAMED = 500
"""Names in one notice; what can't be matched is listed, and few classes are larger."""

_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"})
_DATABASE_SUFFIXES = (".sqlite", ".sqlite3", ".db", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Item:
    """A file or folder in the folder of submissions."""

    path: Path
    is_folder: bool

    @property
    def name(self) -> str:
        """The last part of its path, as the file system has it."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies directly in a folder."""

    folder: Path
    items: tuple[Item, ...]
    """By name."""

    notices: tuple[str, ...] = ()
    """What was passed over, unless it is junk that systems leave behind."""


def listing(folder: Path, ignored: Path | None = None) -> Listing:
    """List a folder.

    Args:
        folder: of submissions.
        ignored: a file that is no submission though it lies there, such as the roster.

    Raises:
        UsageError: it does not exist, is a file, can't be read, or holds far more than a class does.
    """
    entries = [entry for entry in _entries(folder) if not _is_junk(entry) and not _is_same(entry, ignored)]
    links = [entry.name for entry in entries if entry.is_symlink()]
    items = [_item(entry) for entry in entries if entry.is_dir(follow_symlinks=False) or _is_file(entry)]
    special = len(entries) - len(items) - len(links)
    notices = [f"Links are not followed: {named(links)} left out."] if links else []
    if special:
        notices.append(f"{special} special files (pipes, sockets, devices) are left out.")
    return Listing(folder, tuple(items), tuple(notices))


def named(names: list[str]) -> str:
    """Names in a sentence, each quoted, with the verb that follows: "`a` is", "`a` and `b` are"."""
    return f"{enumerated([quoted(name) for name in names], MOST_NAMED)} {'is' if len(names) == 1 else 'are'}"


def storable(name: str) -> str:
    r"""A name as text that every file and database can hold: bytes that are no UTF-8 are written out as `\xff`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    shown = printable(str(folder))
    try:
        with os.scandir(folder) as found:
            entries = [entry for entry, _ in zip(found, range(MOST_ITEMS + 1), strict=False)]
    except FileNotFoundError as error:
        raise UsageError(f"There is no folder {shown}. Name the folder that holds the submissions.") from error
    except NotADirectoryError as error:
        hint = "Unpack it first." if folder.suffix.lower() == ".zip" else "Use `grader check` for one submission."
        raise UsageError(f"{shown} is a file; expected the folder that holds the submissions. {hint}") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name can't be that of a folder"
        raise UsageError(f"{shown} can't be read: {reason}.") from error
    if len(entries) > MOST_ITEMS:
        raise UsageError(f"{shown} holds more than {MOST_ITEMS:,} files and folders. Is it the right folder?")
    return sorted(entries, key=lambda entry: entry.name)


def _item(entry: os.DirEntry[str]) -> Item:
    return Item(Path(entry.path), entry.is_dir(follow_symlinks=False))


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)


def _is_same(entry: os.DirEntry[str], ignored: Path | None) -> bool:
    return ignored is not None and ignored.exists() and not entry.is_symlink() and ignored.samefile(entry.path)


def _is_junk(entry: os.DirEntry[str]) -> bool:
    name = entry.name.lower()
    if is_clutter(entry.name) or name in _SYSTEM_FILES or name.startswith("~$"):
        return True
    if entry.is_dir(follow_symlinks=False):
        return Path(entry.path, OUTPUT_MARKER).exists()
    return name.endswith(_DATABASE_SUFFIXES)
