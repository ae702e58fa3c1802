"""The three standard streams: they are there, take any character, and losing one never changes how a command went."""

from __future__ import annotations

import contextlib
import os
import sys


def prepare_streams() -> None:
    """Open what is closed on the null device, and have characters escaped that a stream can't encode.

    A descriptor that is closed would be given to the next file that is opened, be it a gradebook, and whatever a
    library prints would go into that.
    """
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if not _is_open(descriptor):
            _to_null(descriptor)
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 -- stays open
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # text streams of a process


def say(text: str) -> None:
    """Print on stderr, if anybody can hear it: the exit code says the same."""
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:
        give_up(sys.stderr.fileno())


def settle_stdout() -> None:
    """Have stdout take what it was given, or forget it: the interpreter, at its end, would fail for it."""
    try:
        sys.stdout.flush()
    except OSError:
        give_up(sys.stdout.fileno())


def give_up(descriptor: int) -> None:
    """Have the rest of a stream go nowhere: the interpreter flushes it once more at its end, and would complain."""
    with contextlib.suppress(OSError):
        _to_null(descriptor)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _to_null(descriptor: int) -> None:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != descriptor:
        os.dup2(opened, descriptor)
        os.close(opened)
