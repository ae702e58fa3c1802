"""Decides whether expressions are equal: a cheap search for a counterexample first, then proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy
from flint import arb

from grader.model.proof import Decision, Method, Proved, Undecided
from grader.symbolic.arithmetic import NoNormalFormError
from grader.symbolic.cases import DifferentError, Pair, prove
from grader.symbolic.counterexample import refuted
from grader.symbolic.normal import InfiniteError
from grader.symbolic.polynomials import TooLargeError
from grader.symbolic.refute import Search, points

FIRST_POINTS = 8
"""Enough to refute almost everything that is wrong."""

MORE_POINTS = 60
"""Where no proof was found."""

POINTS_IN_CASE = 300


def decide(
    pairs: Sequence[Pair],
    symbols: Sequence[sympy.Symbol],
    *,
    uncertain: Mapping[sympy.Symbol, arb] | None = None,
    almost_everywhere: bool = False,
) -> tuple[Decision, int]:
    """Decide whether given equals wanted in all pairs, for all real values of the symbols.

    Args:
        pairs: (given, wanted).
        symbols: the inputs; those that SymPy knows to be positive are.
        uncertain: other symbols, of which only a range is known.
        almost_everywhere: what happens right where a condition changes doesn't matter (a subgradient).

    Returns:
        The decision, and the number of the pair that a counterexample is about.
    """
    search = Search(pairs, symbols, uncertain or {}, ties=not almost_everywhere)
    found = search.among(points(symbols, FIRST_POINTS, "first"))
    if found is not None:
        return refuted(pairs[found.pair], found), found.pair
    try:
        method = prove([pair for pair in pairs if pair[0] != pair[1]], almost_everywhere=almost_everywhere)
        return _proved(search, symbols, method), 0
    except DifferentError as different:
        found = search.in_case(different.field, different.case, different.bindings, POINTS_IN_CASE)
        reason = "the two have different normal forms, but no inputs were found for which they differ"
    except (TooLargeError, NoNormalFormError, InfiniteError, RecursionError) as error:
        found = search.among(points(symbols, MORE_POINTS, "more"))
        reason = _told(error)
    return (Undecided(reason), 0) if found is None else (refuted(pairs[found.pair], found), found.pair)


def _proved(search: Search, symbols: Sequence[sympy.Symbol], method: Method) -> Decision:
    """A proof is about inputs for which both sides are defined: there have to be some."""
    if search.never_met():
        search.among(points(symbols, MORE_POINTS, "more"))
    if search.never_met():
        return Undecided("no inputs were found for which it has a value")
    return Proved(method)


def _told(error: Exception) -> str:
    match error:
        case TooLargeError():
            return f"the expressions are too large to be compared ({error})"
        case RecursionError():
            return "the expressions are nested too deeply to be compared"
        case InfiniteError():
            return "an infinity is part of the result"
        case _:
            return str(error)
