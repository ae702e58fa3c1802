"""How much of a submission is read: the limits that keep archives, folders and parsers within reason."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits on one submission; sizes are in bytes."""

    files: int = 2_000
    """Files that are kept."""

    walked: int = 50_000
    """Entries that are looked at, clutter such as `.git` included, before giving up."""

    file_bytes: int = 16 * MIB
    """Size of one file."""

    total_bytes: int = 64 * MIB
    """Size of all files together, and of the archive they come in."""

    ratio: int = 200
    """Greatest ratio of unpacked to packed size, once `ratio_floor` bytes have been unpacked."""

    ratio_floor: int = MIB
    """Unpacked size up to which any ratio is accepted."""

    code_bytes: int = 256 * KIB
    """Python code in one file or notebook: a parser needs about a thousand times the memory of what it parses."""

    total_code_bytes: int = 4 * MIB
    """Python code in all files together."""

    notices: int = 100
    """Notices that are reported one by one."""


DEFAULT_BOUNDS = Bounds()


def size_text(size: int) -> str:
    """Write a number of bytes as a person would: `16 MiB`, `1.5 MiB`, `256 KiB`."""
    if size >= MIB:
        return f"{size / MIB:.3g} MiB"
    if size >= KIB:
        return f"{size / KIB:.3g} KiB"
    return f"{size} bytes"
