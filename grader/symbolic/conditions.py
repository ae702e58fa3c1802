"""Comparisons, choices and extreme values of single entries.

Everything is decided where both sides are numbers, and otherwise kept as it stands (`evaluate=False`): SymPy's attempts
to decide a relation between expressions are slow and rarely succeed.
"""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

import sympy

from grader.symbolic.evaluate import Evaluation, UnclearError, UndefinedError, precision
from grader.symbolic.evaluate import sign as sign_of_value
from grader.symbolic.refusals import NotFinite, order_dependent
from grader.symbolic.scalars import INFINITY, NAN, UNKNOWN, ZERO, Scalar, choice, is_special, number, sign_by_structure

TRUE, FALSE = sympy.true, sympy.false
BITS = 160
"""Of the calculation that tells constants apart; it gives up where these don't suffice."""

HOLDS_AT = {
    sympy.Lt: (-1,),
    sympy.Le: (-1, 0),
    sympy.Gt: (1,),
    sympy.Ge: (0, 1),
    sympy.Eq: (0,),
    sympy.Ne: (-1, 1),
}
"""For which signs of left − right a relation is true."""

NEGATED = {
    sympy.StrictLessThan: sympy.Ge,
    sympy.LessThan: sympy.Gt,
    sympy.StrictGreaterThan: sympy.Le,
    sympy.GreaterThan: sympy.Lt,
    sympy.Equality: sympy.Ne,
    sympy.Unequality: sympy.Eq,
}


def is_condition(entry: Scalar) -> bool:
    """Whether it is an entry of a bool tensor; a symbol is a Boolean too for SymPy."""
    return not isinstance(entry, sympy.Expr)


def condition(entry: Scalar) -> Scalar:
    """An entry as a condition: a number is true where it isn't zero."""
    return entry if is_condition(entry) else compare(sympy.Ne, entry, ZERO)


def order(left: Scalar, right: Scalar) -> int | None:
    """The sign of left − right where both are numbers or ±∞, else None."""
    if left is right or left == right:
        return 0
    if left.is_Rational and right.is_Rational:
        return 1 if left > right else -1
    if is_special(left) or is_special(right):
        return 1 if left is INFINITY or right is -INFINITY else -1
    if right is ZERO and (known := sign_by_structure(left)) is not None:
        return known
    if not (left.is_number and right.is_number):
        return None
    try:
        with precision(BITS):
            return sign_of_value(Evaluation({}).value(left - right))
    except (UnclearError, UndefinedError):
        return None


def compare(relation: Any, left: Scalar, right: Scalar) -> Scalar:
    """left < right and the like.

    Raises:
        NotFinite: if a side is unknown.
    """
    left, right = number(left), number(right)
    if UNKNOWN in (left, right):
        raise NotFinite("it compares a quotient by zero, or an infinity of unknown sign, with a number")
    if NAN in (left, right):
        return TRUE if relation is sympy.Ne else FALSE
    sign = order(left, right)
    if sign is None:
        return relation(left, right, evaluate=False)
    return TRUE if sign in HOLDS_AT[relation] else FALSE


def opposite(entry: Scalar) -> Scalar:
    """not c"""
    stated = condition(entry)
    if stated in (TRUE, FALSE):
        return FALSE if stated is TRUE else TRUE
    if type(stated) in NEGATED:
        return NEGATED[type(stated)](*stated.args, evaluate=False)
    return stated.args[0] if isinstance(stated, sympy.Not) else sympy.Not(stated, evaluate=False)


def conjunction(*entries: Scalar) -> Scalar:
    """c and d"""
    return lattice(sympy.And, FALSE, TRUE, entries)


def disjunction(*entries: Scalar) -> Scalar:
    """c or d"""
    return lattice(sympy.Or, TRUE, FALSE, entries)


def lattice(connective: Any, absorbing: Scalar, neutral: Scalar, entries: tuple[Scalar, ...]) -> Scalar:
    """And, Or; `sympy.And(…, evaluate=False)` still brings each relation into canonical form, in 150 µs apiece."""
    stated = [condition(entry) for entry in entries]
    if absorbing in stated:
        return absorbing
    kept = [part for part in dict.fromkeys(stated) if part is not neutral]
    flat = list(dict.fromkeys(inner for part in kept for inner in (part.args if part.func is connective else (part,))))
    if len(flat) <= 1:
        return flat[0] if flat else neutral
    joined = sympy.Basic.__new__(connective, *sorted(flat, key=cmp_to_key(sympy.Basic.compare)))
    joined._argset = frozenset(flat)
    return joined


def exclusive(left: Scalar, right: Scalar) -> Scalar:
    """Either c or d."""
    return disjunction(conjunction(left, opposite(right)), conjunction(opposite(left), right))


def where(chosen: Scalar, then: Scalar, otherwise: Scalar) -> Scalar:
    """`then` where the condition holds, else `otherwise`; of conditions as of numbers."""
    chosen = condition(chosen)
    if chosen is TRUE or then == otherwise:
        return then
    if chosen is FALSE:
        return otherwise
    if is_condition(then) and is_condition(otherwise):
        return disjunction(conjunction(chosen, then), conjunction(opposite(chosen), otherwise))
    branches = number(then), number(otherwise)
    return UNKNOWN if any(is_special(branch) for branch in branches) else choice(chosen, *branches)


def greatest(*entries: Scalar) -> Scalar:
    """max(x, y, …)"""
    return extreme(sympy.Max, 1, entries)


def least(*entries: Scalar) -> Scalar:
    """min(x, y, …)"""
    return extreme(sympy.Min, -1, entries)


def extreme(of: Any, sign: int, entries: tuple[Scalar, ...]) -> Scalar:
    """Max or Min, with the numbers among the entries reduced to one."""
    candidates = list(dict.fromkeys(number(entry) for entry in entries))
    for poison in (UNKNOWN, NAN):
        if poison in candidates:
            return poison
    numbers = [entry for entry in candidates if entry.is_Rational or is_special(entry)]
    rest = [entry for entry in candidates if not (entry.is_Rational or is_special(entry))]
    if numbers:
        best = max(numbers) if sign > 0 else min(numbers)
        if not rest or best is sign * INFINITY:
            return best
        rest += [best] if best is not -sign * INFINITY else []
    if len(rest) == 2 and (known := order(*rest)) is not None:
        return rest[0] if known == sign else rest[1]
    return rest[0] if len(rest) == 1 else of(*rest, evaluate=False)


def clamped(entry: Scalar, low: Scalar | None, high: Scalar | None) -> Scalar:
    """min(max(x, low), high)"""
    raised = number(entry) if low is None else greatest(entry, low)
    return raised if high is None else least(raised, high)


def sign(entry: Scalar) -> Scalar:
    """1 where x > 0, −1 where x < 0, else 0."""
    below = where(compare(sympy.Lt, entry, ZERO), sympy.S.NegativeOne, ZERO)
    return where(compare(sympy.Gt, entry, ZERO), sympy.S.One, below)


def ranks(entries: list[Scalar], operation: str, *, descending: bool = False) -> list[int]:
    """The positions of the entries in order, equal ones as they come.

    Raises:
        Unsupported: if an entry is symbolic.
    """
    numbers = [number(entry) for entry in entries]

    def before(left: int, right: int) -> int:
        known = order(numbers[left], numbers[right])
        if known is None or NAN in (numbers[left], numbers[right]):
            raise order_dependent(operation)
        return -known if descending else known

    return sorted(range(len(numbers)), key=cmp_to_key(before))
