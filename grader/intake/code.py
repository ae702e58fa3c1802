"""Python code read from one file: what to execute, what it binds, and what could not be read."""

from __future__ import annotations

import ast
import re
import threading
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from grader.intake.bindings import Bindings, bindings, relative_level
from grader.intake.text import printable
from grader.model.submission import CodeUnit, FileKind, Notice

MOST_PARTS = 100
"""Of a dotted name. The parser keeps every beginning of one in an import: of 16,000 parts 260 MB, of 125,000 16 GB."""

_TRIES = (ast.Try, ast.TryStar)
_SPACE = r"(?:[ \t\f]|\\\n)*+"
_DOTTED = re.compile(rf"(?<!\w)(?:[^\W\d]\w*+{_SPACE}\.{_SPACE}){{{MOST_PARTS}}}")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a piece of code can't be read, and where."""

    reason: str
    """The rest of a sentence that begins with what can't be read: `isn't valid Python: …`."""

    line: int | None = None
    """Line in the piece of code, counted from 1, if known."""


@dataclass(frozen=True, slots=True)
class Code:
    """The readable code of one script or notebook."""

    path: str
    """Path inside the submission."""

    kind: FileKind
    """Script or notebook."""

    units: tuple[CodeUnit, ...]
    """What to execute, in order; empty where nothing could be read."""

    bindings: Bindings
    """Names bound at the top level."""

    relative_level: int
    """Greatest number of leading dots in a relative import."""

    notices: tuple[Notice, ...]
    """What could not be read."""


def code(
    path: str, kind: FileKind, units: Iterable[CodeUnit], trees: Iterable[ast.Module], notices: Iterable[Notice]
) -> Code:
    """Put a file's code together and look through its syntax trees."""
    parsed_trees = tuple(trees)
    return Code(path, kind, tuple(units), bindings(parsed_trees), relative_level(parsed_trees), tuple(notices))


def no_code(path: str, kind: FileKind, *notices: Notice) -> Code:
    """Describe a file of which nothing can be executed."""
    return Code(path, kind, (), Bindings(), 0, notices)


PARSING = threading.Lock()
"""Held while code is parsed: CPython 3.11 counts how deeply it is nested for all threads together (gh-106905), and what
is done with warnings concerns all threads too."""


def parsed(source: str) -> ast.Module | Fault:
    """Parse code, and compile it to find what only the compiler refuses; nothing is executed."""
    fault = unparsable(source)
    if fault is not None:
        return fault
    with PARSING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source)
            _compile(tree)
        except SyntaxError as error:
            return Fault(f"isn't valid Python: {printable(error.msg or 'invalid syntax')}", error.lineno or None)
        except (RecursionError, MemoryError):
            return Fault("is nested too deeply to be read")
        except ValueError as error:
            return Fault(f"can't be read by Python: {printable(str(error))}")
    return tree


def unparsable(source: str) -> Fault | None:
    """Why code must not be given to the parser, or None where it may."""
    at = source.find("\0")
    if at >= 0:
        return Fault("has a NUL character, which Python can't read", source.count("\n", 0, at) + 1)
    try:
        source.encode()
    except UnicodeEncodeError as error:
        return Fault("has half of a surrogate pair, which isn't a character", source.count("\n", 0, error.start) + 1)
    dotted = _DOTTED.search(source)
    if dotted is not None:
        line = source.count("\n", 0, dotted.start()) + 1
        return Fault(f"has a name of more than {MOST_PARTS} parts joined by dots, which is more than is read", line)
    return None


def _compile(tree: ast.Module) -> None:
    """Compile without the bodies of `finally`.

    The compiler writes such a body out at every way into it: twenty nested ones would be a million copies.
    """
    bodies = [(node, node.finalbody) for node in ast.walk(tree) if isinstance(node, _TRIES) and node.finalbody]
    for node, body in bodies:
        node.finalbody = [ast.copy_location(ast.Pass(), body[0])]
    try:
        compile(tree, "<submission>", "exec", dont_inherit=True)
    finally:
        for node, body in bodies:
            node.finalbody = body
