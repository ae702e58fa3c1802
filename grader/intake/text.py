"""Writes strings that come from a submission so that a message can quote them safely."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 160


def printable(text: str, longest: int = LONGEST) -> str:
    r"""Return `text` on one line, with control, invisible and undecodable characters escaped, cut to a length.

    >>> printable("a\nb")
    'a\\nb'
    """
    escaped = "".join(_printable_character(character) for character in text[: longest + 1])
    return escaped if len(escaped) <= longest else escaped[: longest - 1] + "…"


def _printable_character(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


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
