"""A student's code as highlighted lines of HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, String, _TokenType

from grader.gradebook.model import Answer
from grader.model.visible import visible

MOST_LINES = 300
LONGEST_LINE = 400
"""Characters; the rest of a longer line is left out."""

_CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Keyword, "k"), (Name.Function, "f"), (Name.Class, "f"), (Name.Decorator, "d"), (Name.Builtin, "b"),
    (String, "s"), (Number, "n"), (Comment, "c"),
)  # fmt: skip
"""The kinds of tokens that are set off, with the class of the stylesheet."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of code."""

    number: int
    html: Markup
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines of one definition."""

    path: str
    lines: tuple[Line, ...]
    left_out: int
    """Lines after these that are not shown."""


def listing(answer: Answer) -> Listing:
    """The code of an answer, line by line; characters that can't be seen are written out."""
    every = answer.source.split("\n")
    shown = [visible(line.replace("\t", "    "), LONGEST_LINE) for line in every[:MOST_LINES]]
    lines = tuple(
        Line(number, html, number == answer.line_marked)
        for number, html in enumerate(_highlighted("\n".join(shown)), start=answer.first_line)
    )
    return Listing(answer.path, lines, max(0, len(every) - MOST_LINES))


def _highlighted(source: str) -> list[Markup]:
    lines = [Markup()]
    for kind, text in _tokens(source):
        first, *others = text.split("\n")
        lines[-1] += _span(kind, first)
        lines += [_span(kind, other) for other in others]
    return lines


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    """Pieces of code that look alike, with their class; the lexer adds a line end, which is taken away again."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    classified = ((_class_of(token), text) for token, text in lexer.get_tokens(source))
    for kind, group in groupby(classified, key=lambda piece: piece[0]):
        yield kind, "".join(text for _, text in group)


def _class_of(token: _TokenType) -> str:
    return next((name for kind, name in _CLASSES if token in kind), "")


def _span(kind: str, text: str) -> Markup:
    if not kind or not text:
        return escape(text)
    return Markup('<span class="{}">{}</span>').format(kind, text)
