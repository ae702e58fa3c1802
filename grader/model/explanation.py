"""What a function computes as mathematics, beside its formula: plain text, made where the graph was read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Notation(Enum):
    """How mathematics is written."""

    UNICODE = "unicode"
    LATEX = "latex"


@dataclass(frozen=True, slots=True)
class Entry:
    """One element of the result."""

    index: tuple[int, ...]
    got: str
    """In Unicode it may take several lines, as fractions do."""

    expected: str
    result: int | None = None
    """Which of several results, counted from 0."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A function beside its formula."""

    entries: tuple[Entry, ...]
    definitions: tuple[tuple[str, str], ...] = ()
    """Names that stand for a part in several entries, each with what it is."""

    left_out: int = 0
    """Elements that are not shown."""
