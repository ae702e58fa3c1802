"""The pairs as a table for people."""

from __future__ import annotations

from collections.abc import Iterable

from grader.exports.cells import guarded, number, table
from grader.similarity.model import Pair, Side

COLUMNS = (
    "problem", "student", "other_student", "other_folder", "alike_in", "score", "share", "lines", "other_lines",
)  # fmt: skip


def similarity_csv(pairs: Iterable[Pair]) -> str:
    """All pairs as CSV, in their order; students by their keys, and no cell acts in a spreadsheet."""
    return table([COLUMNS, *(_row(pair) for pair in pairs)])


def _row(pair: Pair) -> tuple[str, ...]:
    return (
        guarded(pair.problem),
        guarded(pair.one.student),
        guarded(pair.other.student),
        guarded(pair.other.folder or ""),
        pair.likeness.value,
        number(round(pair.score, 1)),
        number(round(pair.share, 2)),
        guarded(lines_of(pair.one)),
        guarded(lines_of(pair.other)),
    )


def lines_of(side: Side) -> str:
    """Where the shared lines are: `q07.py: 3-9, 12; common.py: 1-4`."""
    ranges: dict[str, list[str]] = {}
    for piece in side.pieces:
        for first, last in piece.shared:
            ranges.setdefault(piece.place, []).append(str(first) if first == last else f"{first}-{last}")
    return "; ".join(f"{place}: {', '.join(lines)}" for place, lines in ranges.items())
