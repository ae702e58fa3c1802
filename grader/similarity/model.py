"""Two answers that are alike, as data: where, how much, and what both hold that hardly anybody else wrote."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Likeness(Enum):
    """In what two answers are alike."""

    WORDING = "wording"
    """In names and comments as they were written."""

    STRUCTURE = "structure"
    """In what they do step by step, whatever names, comments and layout."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One definition: the answer itself, or something in the same file that it uses."""

    place: str
    """File inside the submission, and the cell of a notebook: `solution.ipynb, cell 3`."""

    source: str
    """Its lines, with its decorators."""

    first_line: int
    """Line of that file, or cell, where it begins; counted from 1."""

    shared: tuple[tuple[int, int], ...] = ()
    """First and last line of each stretch that the other answer has too, and hardly anybody else."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two answers."""

    student: str
    """Key of the student."""

    folder: str | None
    """The earlier year's folder that it is from; None for this class."""

    pieces: tuple[Piece, ...]
    """The answer first, then what it uses."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one problem that a person should look at."""

    problem: str
    one: Side
    """Of this class."""

    other: Side
    likeness: Likeness
    score: float
    """Bits: how rare together the fragments are that both have. It has no upper bound, and is no probability."""

    share: float
    """From 0 to 1: how much of the smaller answer's rare fragments the other one has too."""
