"""What a traced function computes, beside its formula, as mathematics that people read.

Where entries are long, what they share is given a name first: a mean, a sum of exponentials.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import sympy
import sympy.abc

from grader.model.explanation import Entry, Explanation, Notation
from grader.model.formula import Expressions
from grader.model.graph import Graph
from grader.symbolic.constants import Constants
from grader.symbolic.counterexample import size
from grader.symbolic.depth import deep_recursion
from grader.symbolic.interpret import interpret
from grader.symbolic.refusals import TooLarge

MOST_ENTRIES = 6
"""Elements of the result that are shown."""

MOST_LONG_ENTRIES = 3
"""As many where they are long."""

LONGEST = 600
"""Characters of one expression; a longer one is cut."""

LONGEST_LATEX = 100
"""Nodes of an expression in LaTeX, of which no part can be cut off."""

LARGEST = 30
"""Nodes of an expression that is shown in one piece."""

SMALLEST = 8
"""Nodes of a part that is given a name."""

MOST_DEFINITIONS = 40

TOO_LARGE = 5_000
"""Nodes, shared ones counted once, of all entries together that are still looked through for what they share."""

WIDEST = 72
"""Columns of an expression that is drawn in two dimensions: as fractions and roots."""


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

Definitions = list[tuple[sympy.Symbol, sympy.Basic]]
Results = tuple[Any, ...]
"""Arrays; None where there is no gradient."""
Place = tuple[int, tuple[int, ...]]


def explain(
    graph: Graph, inputs: Mapping[str, Expressions], wanted: tuple[Expressions, ...], notation: Notation
) -> Explanation:
    """Both sides of each result.

    Raises:
        InterpretationError: the graph can't be read as mathematics, or is too large for that.
    """
    try:
        with deep_recursion():
            given = interpret(graph, inputs, Constants())
            return _explained(given, wanted, notation)
    except RecursionError as error:
        raise TooLarge("an expression in it is nested too deeply") from error


def _explained(given: Results, wanted: Results, notation: Notation) -> Explanation:
    if [_shape(result) for result in given] != [_shape(result) for result in wanted]:
        return Explanation(tuple(_differently_shaped(given, wanted, notation)))
    places = _places(wanted)
    is_long = any(size(side[number][index]) > LARGEST for side in (given, wanted) for number, index in places)
    shown = places[: MOST_LONG_ENTRIES if is_long else MOST_ENTRIES]
    sides = [side[number][index] for side in (given, wanted) for number, index in shown]
    shared, sides = _shared(sides) if is_long else ([], sides)
    write = _Writer(notation).written
    entries = zip(shown, sides[: len(shown)], sides[len(shown) :], strict=True)
    return Explanation(
        tuple(Entry(i, write(a), write(b), _numbered(number, wanted)) for (number, i), a, b in entries),
        tuple((write(name), write(part)) for name, part in shared),
        len(places) - len(shown),
    )


def _shape(result: Any) -> tuple[int, ...] | None:
    return None if result is None else tuple(result.shape)


def _places(results: Results) -> list[Place]:
    """Number and index of every element of every result."""
    return [(k, index) for k, each in enumerate(results) if each is not None for index in np.ndindex(*each.shape)]


def _numbered(number: int, wanted: Results) -> int | None:
    return number if len(wanted) > 1 else None


def _differently_shaped(given: Results, wanted: Results, notation: Notation) -> Iterator[Entry]:
    """The elements that either side has, an empty text where the other has none."""
    places = [_places(side) for side in (given, wanted)]
    write = _Writer(notation).written
    for place in dict.fromkeys(places[0] + places[1]):
        number, index = place
        got, expected = (
            write(side[number][index]) if place in has else ""
            for side, has in zip((given, wanted), places, strict=True)
        )
        yield Entry(index, got, expected, _numbered(number, wanted))


def _shared(sides: list[sympy.Basic]) -> tuple[Definitions, list[sympy.Basic]]:
    """Names for what the entries share, and the entries in terms of them.

    Small parts are not worth a name, and an entry as a whole is better seen than named.
    """
    if len({part for side in sides for part in sympy.preorder_traversal(side)}) > TOO_LARGE:
        return [], sides
    shared, named = sympy.cse(sides, (sympy.Symbol(f"a part {number}") for number in count()), order="none")
    kept: Definitions = []
    meaning: dict[sympy.Symbol, sympy.Basic] = {}
    for symbol, part in shared:
        whole = part.xreplace(meaning)
        meaning[symbol] = whole
        if size(whole) >= SMALLEST and symbol not in named and len(kept) < MOST_DEFINITIONS:
            meaning[symbol] = sympy.Symbol(f"u{len(kept) + 1}".translate(SUBSCRIPTS))
            kept.append((meaning[symbol], whole))
    return kept, [side.xreplace(meaning) for side in named]


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes expressions with the inputs' entries as a program names them (`x[0,1]`), or as LaTeX does."""

    notation: Notation

    def written(self, expression: sympy.Basic) -> str:
        """The expression as text; only its size where it is too large."""
        told = f"an expression of {size(expression):,} terms"
        if self.notation is Notation.LATEX:
            return _latex(expression) if size(expression) <= LONGEST_LATEX else rf"\text{{{told}}}"
        if size(expression) > LONGEST:
            return told
        text = _unicode(expression)
        return text if len(text) <= LONGEST or "\n" in text else text[: LONGEST - 1] + "…"


def _latex(expression: sympy.Basic) -> str:
    names = {symbol: _latex_name(symbol.name) for symbol in expression.free_symbols}
    return str(sympy.latex(expression, symbol_names=names))


def _unicode(expression: sympy.Basic) -> str:
    """In two dimensions where that is narrow enough, else on one line as in Python."""
    plain = expression.xreplace({symbol: sympy.Symbol(_indexed(symbol.name)) for symbol in expression.free_symbols})
    drawn: str = sympy.pretty(plain, use_unicode=True, wrap_line=False)
    lines = [line.rstrip() for line in drawn.split("\n")]
    if max(map(len, lines)) <= WIDEST:
        return "\n".join(lines)
    return str(sympy.sstr(plain))


def _indexed(name: str) -> str:
    return re.sub(r"_\{([\d,]+)\}$", r"[\1]", name)


def _latex_name(name: str) -> str:
    r"""`x_{0,1}` as it is, `gamma_{0}` as `\gamma_{0}`; words are set upright, with their underscores."""
    base, _, index = name.translate(DIGITS).partition("_{")
    if name != name.translate(DIGITS):
        return f"{base[0]}_{{{base[1:]}}}"
    if len(base) > 1 and hasattr(sympy.abc, base):
        base = rf"\{base}"
    elif len(base) > 1 and base[0].isalpha():
        base = rf"\mathrm{{{base}}}".replace("_", r"\_")
    return f"{base}_{{{index}" if index else base
