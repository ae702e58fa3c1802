"""Removes a folder that a submission could write to, however deep it is and whatever permissions are in it.

`shutil.rmtree` calls itself for every level: a thousand folders inside each other end the process that removes them.
"""

from __future__ import annotations

import contextlib
import os

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def remove_tree(folder: str, *, itself: bool = True) -> None:
    """Remove the folder with everything in it, or what is in it alone; nothing may be at work in it any more.

    Raises:
        OSError: something can't be removed; everything else is.
    """
    here = _open(folder)
    try:
        names = [folder]
        to_enter = [_without_files(here)]
        while len(names) > 1 or to_enter[0]:
            if to_enter[-1]:
                names.append(to_enter[-1].pop())
                with contextlib.suppress(OSError):  # what can't be entered is removed if it is empty
                    here = _move(here, names[-1])
                    to_enter.append(_without_files(here))
                    continue
            else:
                to_enter.pop()
                here = _move(here, os.pardir)
            with contextlib.suppress(OSError):  # noticed at the end, by what is left
                os.rmdir(names[-1], dir_fd=here)
            names.pop()
        left = os.listdir(here)
    finally:
        os.close(here)
    if itself:
        os.rmdir(folder)
    elif left:
        raise OSError(f"{len(left)} entries of {folder} can't be removed")


def _open(name: str, beside: int | None = None) -> int:
    try:
        descriptor = os.open(name, _OPEN, dir_fd=beside)
    except PermissionError:  # no link, which would be another error: the next line would follow it
        os.chmod(name, 0o700, dir_fd=beside)
        descriptor = os.open(name, _OPEN, dir_fd=beside)
    os.fchmod(descriptor, 0o700)
    return descriptor


def _move(here: int, name: str) -> int:
    """The descriptor of the folder of that name, in place of `here`."""
    there = os.open(name, _OPEN, dir_fd=here) if name == os.pardir else _open(name, here)
    os.close(here)
    return there


def _without_files(here: int) -> list[str]:
    """Remove everything in a folder but the folders in it, whose names are returned."""
    names = []
    with os.scandir(here) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                names.append(entry.name)
                continue
            with contextlib.suppress(OSError):  # noticed at the end, by what is left
                os.unlink(entry.name, dir_fd=here)
    return names
