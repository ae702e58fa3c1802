"""Where results go: a file that is known to be writable before any work is done, or stdout."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from rich.console import Console

from grader.commands.streams import give_up
from grader.errors import UsageError


def require_writable(path: Path) -> None:
    """Refuse a file that can't be written, before grading and not after.

    Raises:
        UsageError: its folder does not exist, it is a folder, or it may not be written.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it.")
    if not path.parent.is_dir():
        raise UsageError(f"{path} can't be written: there is no folder {path.parent}. Create it first.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"{path} can't be written: permission denied.")


def require_folder(path: Path) -> None:
    """Refuse a folder that can't be made or written to, before grading and not after.

    Raises:
        UsageError: there is a file of that name, or it may not be written.
    """
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file; name a folder.")
    around = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not os.access(around, os.W_OK):
        raise UsageError(f"{path} can't be written: permission denied.")


def write_file(path: Path, text: str) -> None:
    """Write a whole file as UTF-8, or leave what is there as it is.

    Raises:
        UsageError: the system refuses.
    """
    try:
        _replace(path, text) if _may_be_replaced(path) else path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from error


def _may_be_replaced(path: Path) -> bool:
    """Not a device, a pipe, or a file that others know by a link; nor where a file may be written but none be made."""
    if not os.access(path.parent, os.W_OK):
        return False
    return not path.is_symlink() and (not path.exists() or (path.is_file() and path.stat().st_nlink == 1))


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        if path.exists():
            shutil.copymode(path, partial)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_stdout(text: str) -> None:
    """Print a result; a reader that has gone away (`| head`) is no error.

    Raises:
        UsageError: the system refuses, as where a disk is full.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        give_up(sys.stdout.fileno())
    except OSError as error:
        give_up(sys.stdout.fileno())
        raise UsageError(f"The result can't be printed: {error.strerror}.") from error


def stdout_look() -> tuple[int, bool]:
    """Columns of the terminal behind stdout, and whether to use colour there (`NO_COLOR` is respected)."""
    console = Console()
    return console.width, console.is_terminal and not console.no_color
