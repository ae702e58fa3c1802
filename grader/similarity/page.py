"""The pairs as a page: a list, and each pair side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from grader.gradebook.model import Answer
from grader.model.words import number
from grader.pages.code import Listing, listing
from grader.pages.prose import prose
from grader.pages.rendering import TEMPLATES as PAGES
from grader.pages.rendering import environment
from grader.similarity.model import Likeness, Pair, Piece, Side

MOST_SHOWN = 200
"""Pairs of one page; the table has them all."""

OPEN = 5
"""Pairs that are unfolded from the start."""

TEMPLATES = Path(__file__).parent / "templates"

_LIKENESSES = {
    Likeness.WORDING: "the same wording",
    Likeness.STRUCTURE: "the same structure, under names and comments that differ",
}


@dataclass(frozen=True, slots=True)
class _Column:
    """One side of a pair."""

    name: str
    folder: str
    listings: tuple[tuple[Listing, frozenset[int]], ...]
    """With the numbers of the lines that are shared."""


def similarity_page(
    pairs: Sequence[Pair],
    names: Mapping[str, str],
    notes: Sequence[str] = (),
    compared: Mapping[str, int] | None = None,
) -> str:
    """The pairs as one HTML document.

    Args:
        pairs: the one to look at first comes first.
        names: of the students of this class, by key; others are shown by their keys.
        notes: what was left out, in sentences.
        compared: by problem, how many answers were compared.
    """
    together = Counter(_students(pair) for pair in pairs)
    return (
        _environment()
        .get_template("similarity.html.j2")
        .render(
            shown=[(pair, _column(pair.one, names), _column(pair.other, names)) for pair in pairs[:MOST_SHOWN]],
            more=max(0, len(pairs) - MOST_SHOWN),
            open=OPEN,
            count=len(pairs),
            in_common=[together[_students(pair)] for pair in pairs],
            likenesses=_LIKENESSES,
            score=lambda pair: number(round(pair.score)),
            notes=[prose(note) for note in notes],
            compared=compared or {},
        )
    )


@cache
def _environment() -> Environment:
    """That of all pages, with a template more."""
    return environment().overlay(loader=FileSystemLoader([TEMPLATES, PAGES]))


def _students(pair: Pair) -> tuple[str, str | None, str]:
    """Who is alike, whichever of the two comes first."""
    if pair.other.folder is None:
        first, second = sorted((pair.one.student, pair.other.student))
        return first, None, second
    return pair.one.student, pair.other.folder, pair.other.student


def _column(side: Side, names: Mapping[str, str]) -> _Column:
    name = names.get(side.student, side.student) if side.folder is None else side.student
    shown = name if name == side.student or side.folder is not None else f"{name} ({side.student})"
    return _Column(shown, side.folder or "", tuple(_listed(piece) for piece in side.pieces))


def _listed(piece: Piece) -> tuple[Listing, frozenset[int]]:
    lines = frozenset(line for first, last in piece.shared for line in range(first, last + 1))
    return listing(Answer(piece.place, piece.source, piece.first_line)), lines
