"""Lays out longer text of a submission, line by line, so that it is safe to show."""

from __future__ import annotations

from grader.model.visible import LONGEST, visible

MOST_LINES = 40
"""Lines of a block of printed output; of a longer one the first are shown."""


def visible_lines(text: str, most: int = MOST_LINES, longest: int = LONGEST) -> list[str]:
    r"""The lines of a text, each made visible; what is over the limit is counted in a last line.

    >>> visible_lines("a\nb\nc", most=2)
    ['a', 'b', '… 1 more line']
    """
    lines = text.removesuffix("\n").split("\n") if text else []
    shown = [visible(line.replace("\t", "    ").removesuffix("\r"), longest) for line in lines[:most]]
    more = len(lines) - most
    if more > 0:
        shown.append(f"… {more} more line{'s' if more > 1 else ''}")
    return shown


def paragraphs(text: str, longest: int = LONGEST) -> list[str]:
    """The paragraphs of a message (one per line), each made visible."""
    return [line for line in visible_lines(text, longest=longest) if line.strip()]
