"""Writes strings that come from a submission so that a message can quote them safely."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model.visible import visible

LONGEST = 160


def printable(text: str, longest: int = LONGEST) -> str:
    """Return `text` on one line, safe to show and short enough to be part of a sentence."""
    return visible(text, longest)


def quoted(text: str) -> str:
    """Return `text` as a name in backquotes, safe to put in a message."""
    return f"`{printable(text)}`"


def enumerated(items: Sequence[str], longest: int = 5) -> str:
    """Join items as a sentence does: `a`, `a and b`, `a, b and c`; what is over the limit is counted."""
    shown = list(items[:longest])
    if len(items) > longest:
        shown.append(f"{len(items) - longest} more")
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
