"""Which names inside a submission are read, passed over as clutter, or refused as unsafe."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePosixPath

SCRIPT_SUFFIX = ".py"
NOTEBOOK_SUFFIX = ".ipynb"
ARCHIVE_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
OTHER_ARCHIVE_SUFFIXES = (".rar", ".7z", ".gz", ".bz2", ".xz", ".zst")
ENVIRONMENT_MARKER = "pyvenv.cfg"
"""The file that every virtual environment has in its root folder."""

LONGEST_NAME = 255
LONGEST_PATH = 1024
"""In bytes of UTF-8: what common file systems can store, with room for the sandbox's own folder."""

_CLUTTER = frozenset({"__MACOSX", "__pycache__", "node_modules"})
_CLUTTER_SUFFIXES = (".pyc", ".pyo")
_DRIVE = re.compile(r"[A-Za-z]:")


def is_source(path: str) -> bool:
    """Say whether the file is Python code by its name: a script or a notebook."""
    return path.lower().endswith((SCRIPT_SUFFIX, NOTEBOOK_SUFFIX))


def is_archive(path: str) -> bool:
    """Say whether the file is an archive that a submission may be handed in as."""
    return path.lower().endswith(ARCHIVE_SUFFIXES)


def is_nested_archive(path: str) -> bool:
    """Say whether a file inside a submission may hide answers in an archive of its own."""
    return path.lower().endswith(ARCHIVE_SUFFIXES + OTHER_ARCHIVE_SUFFIXES)


def is_clutter(name: str) -> bool:
    """Say whether a file or folder of this name is left behind by tools: hidden, cached or downloaded."""
    return name.startswith(".") or name in _CLUTTER or name.endswith(_CLUTTER_SUFFIXES)


def refusal(name: str) -> str | None:
    """Return why a name can't be used inside a submission (`climbs out with ..`), or None where it can."""
    if name.startswith("/"):
        return "is an absolute path"
    if _DRIVE.match(name):
        return "starts with a drive letter"
    if "\\" in name:
        return "has a backslash in its name"
    if ".." in name.split("/"):
        return "climbs out of the submission with `..`"
    return _unstorable(name)


def _unstorable(name: str) -> str | None:
    if "\0" in name:
        return "has a NUL character in its name"
    try:
        parts = [part.encode() for part in name.split("/")]
    except UnicodeEncodeError:
        return "has a name that isn't valid UTF-8"
    if sum(map(len, parts)) + len(parts) > LONGEST_PATH or max(map(len, parts)) > LONGEST_NAME:
        return "has a name that is too long"
    return None


def tidy(name: str) -> str:
    """Drop the `.` and empty parts of a relative path: `./src//a.py` is `src/a.py`."""
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def parents(path: str) -> list[str]:
    """Return the folders that hold `path`, innermost first, without the root: `a/b/c.py` gives `a/b`, `a`."""
    return [str(parent) for parent in PurePosixPath(path).parents][:-1]


def environment_folders(paths: Collection[str]) -> frozenset[str]:
    """Return the folders that are virtual environments, unless everything lies in one."""
    folders = {path.rpartition("/")[0] for path in paths if path.endswith("/" + ENVIRONMENT_MARKER)}
    return frozenset(folder for folder in folders if not all(path.startswith(folder + "/") for path in paths))
