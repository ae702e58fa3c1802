"""Makes text that comes from a submission safe to show: it can move no cursor, reverse no line and fill no screen.

Only what would act on its reader without being seen is changed. The syntax of a sink (XML, JSON, Markdown) is escaped
where that sink is written.
"""

from __future__ import annotations

LONGEST = 1000
"""Characters of one message; a longer one is cut."""


def visible(text: str, longest: int = LONGEST) -> str:
    r"""The text on one line: control, invisible, bidirectional and unpaired characters as escapes, cut to a length.

    >>> visible("\x1b[31mred\nname")
    '\\x1b[31mred\\nname'
    """
    shown = "".join(_visible_character(character) for character in text[: longest + 1])
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _visible_character(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
