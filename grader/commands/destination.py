"""Where results go: a file that is known to be writable before any work is done, or stdout."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rich.console import Console

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
    """Write a whole file as UTF-8.

    Raises:
        UsageError: the system refuses.
    """
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from error


def write_stdout(text: str) -> None:
    """Print a result; a reader that has gone away (`| head`) is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more when it exits, which would complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def stdout_look() -> tuple[int, bool]:
    """Columns of the terminal behind stdout, and whether to use colour there (`NO_COLOR` is respected)."""
    console = Console()
    return console.width, console.is_terminal and not console.no_color
