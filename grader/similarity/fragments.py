"""Breaks answers into fragments: overlapping stretches of a few words, or of a few nodes of the syntax tree.

Such stretches are the "k-grams" of Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document
Fingerprinting", SIGMOD 2003. Answers are short, so all of them are kept instead of a sample.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pygments.lexers import PythonLexer
from pygments.token import Comment, Literal, Name, Number, Operator, String

from grader.similarity.answers import Answer, Definition
from grader.similarity.model import Likeness

LENGTH = 6
"""Words or nodes of a fragment."""

MOST_TOKENS = 20_000
"""Of one definition; what comes after them is left out."""

_LONGEST_TEXT = 200
_WORD = re.compile(r"\w+")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef)
_SKIPPED = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
_OWN = "own"

Fragment = tuple[str, ...]
Places = Mapping[Fragment, frozenset[tuple[int, int]]]
"""Where an answer has each of its fragments: the number of the definition, and a line of its file."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of the text or a node of the tree."""

    text: str
    line: int


def fragments(answer: Answer, likeness: Likeness) -> Places:
    """The fragments of an answer, in the order in which they come."""
    places: dict[Fragment, set[tuple[int, int]]] = {}
    own = _own_names(answer)
    for number, definition in enumerate(answer.definitions):
        tokens = _words(definition) if likeness is Likeness.WORDING else _nodes(definition, own, answer.imports)
        for stretch in _stretches(_first(tokens)):
            where = places.setdefault(tuple(token.text for token in stretch), set())
            where.update((number, token.line) for token in stretch)
    return {fragment: frozenset(lines) for fragment, lines in places.items()}


def _first(tokens: Iterable[_Token]) -> list[_Token]:
    return [token for _, token in zip(range(MOST_TOKENS), tokens, strict=False)]


def _stretches(tokens: Sequence[_Token]) -> Iterator[Sequence[_Token]]:
    """Every stretch of `LENGTH` tokens; all of them together where there are fewer."""
    if tokens:
        for start in range(max(1, len(tokens) - LENGTH + 1)):
            yield tokens[start : start + LENGTH]


def _words(definition: Definition) -> Iterator[_Token]:
    """Names, numbers, texts, operators and the words of comments, as they stand there."""
    line = definition.piece.first_line
    counted = 0
    source = definition.piece.source
    for at, kind, text in PythonLexer().get_tokens_unprocessed(source):
        line += source.count("\n", counted, at)
        counted = at
        if kind in Comment or kind in String:
            yield from _words_of_lines(text, line)
        elif kind in Name or kind in Number or kind in Literal or kind in Operator or _WORD.fullmatch(text):
            yield _Token(text[:_LONGEST_TEXT], line)


def _words_of_lines(text: str, first: int) -> Iterator[_Token]:
    for line, words in enumerate(text.split("\n"), start=first):
        yield from (_Token(word[:_LONGEST_TEXT], line) for word in _WORD.findall(words))


def _nodes(definition: Definition, own: frozenset[str], imports: Mapping[str, str]) -> Iterator[_Token]:
    """The syntax tree from the top: own names are all one, imported ones go by what they stand for."""
    # A stack, not recursion: a chain of a thousand `elif` is a thousand deep.
    waiting: list[tuple[ast.AST, int]] = [(definition.statement, definition.piece.first_line)]
    while waiting:
        node, line = waiting.pop()
        line = getattr(node, "lineno", line)
        text = _text(node, own, imports)
        if text:
            yield _Token(text, line)
        waiting.extend((inner, line) for inner in reversed(_inner(node)))


def _text(node: ast.AST, own: frozenset[str], imports: Mapping[str, str]) -> str:
    """What a node counts as; empty for what only holds others together."""
    match node:
        case ast.Name(id=name):
            return _OWN if name in own else imports.get(name, name)
        case ast.Attribute(attr=name):
            return f".{name}"
        case ast.keyword(arg=name):
            return f"{name or '**'}="
        case ast.Constant(value=value):
            return _constant(value)
        case ast.BinOp(op=operator) | ast.UnaryOp(op=operator) | ast.AugAssign(op=operator) | ast.BoolOp(op=operator):
            return f"{type(node).__name__} {type(operator).__name__}"
        case ast.Compare(ops=operators):
            return " ".join(["Compare", *(type(operator).__name__ for operator in operators)])
        case ast.AnnAssign():
            return "Assign"
        case ast.AsyncFunctionDef():
            return "FunctionDef"
        case ast.Expr() | ast.arguments() | ast.arg():
            return ""
        case _:
            return type(node).__name__


def _constant(value: object) -> str:
    """A number by its value, so that 1 and 1.0 are one; a whole number can be too long to be written out."""
    if isinstance(value, int | float | complex) and not isinstance(value, bool):
        return f"number {hash(value)}"
    return repr(value)[:_LONGEST_TEXT]


def _inner(node: ast.AST) -> list[ast.AST]:
    """The nodes inside one, without docstrings and annotations, which change nothing."""
    if isinstance(node, ast.AnnAssign):
        return [node.target, *([node.value] if node.value else [])]
    if isinstance(node, ast.arg):
        return []
    children = [child for child in ast.iter_child_nodes(node) if not isinstance(child, _SKIPPED)]
    if isinstance(node, _SCOPES) and node.returns is not None:
        children = [child for child in children if child is not node.returns]
    return [child for child in children if not _is_text_alone(child)]


def _is_text_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _own_names(answer: Answer) -> frozenset[str]:
    """Names that the student chose: of variables, arguments, functions and classes."""
    own: set[str] = set()
    for definition in answer.definitions:
        for node in ast.walk(definition.statement):
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                    own.add(name)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    own.add(name)
    return frozenset(own)
