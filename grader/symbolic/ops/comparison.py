"""Comparisons, logic, choices, and what is made of them: clamp, minimum, maximum."""

from __future__ import annotations

from typing import Any

import sympy

from grader.model.formula import Expressions
from grader.symbolic import conditions
from grader.symbolic.ops.arrays import each
from grader.symbolic.ops.elementwise import both
from grader.symbolic.ops.registry import Handler, operation
from grader.symbolic.refusals import NotFinite
from grader.symbolic.scalars import INFINITY, NAN, UNKNOWN, ZERO, Scalar, absolute, is_special, negative, number

LARGEST_DOUBLE = (2**53 - 1) * 2**971

RELATIONS = {
    "eq": (sympy.Eq, "a = b"),
    "ne": (sympy.Ne, "a ≠ b"),
    "lt": (sympy.Lt, "a < b"),
    "le": (sympy.Le, "a ≤ b"),
    "gt": (sympy.Gt, "a > b"),
    "ge": (sympy.Ge, "a ≥ b"),
}

for name, (relation, meaning) in RELATIONS.items():
    operation(*both(f"aten.{name}"), meaning=meaning)(
        lambda left, right, relation=relation: each(lambda a, b: conditions.compare(relation, a, b), left, right)
    )

CONNECTIVES: dict[str, tuple[Handler, str]] = {
    "logical_and": (conditions.conjunction, "a and b"),
    "logical_or": (conditions.disjunction, "a or b"),
    "logical_xor": (conditions.exclusive, "either a or b"),
}

for name, (connective, meaning) in CONNECTIVES.items():
    operation(f"aten.{name}.default", meaning=meaning)(
        lambda left, right, connective=connective: each(connective, left, right)
    )


@operation("aten.logical_not.default", meaning="not a")
def logical_not(entries: Any) -> Expressions:
    return each(conditions.opposite, entries)


@operation(
    "aten.where.self",
    "aten.where.ScalarSelf",
    "aten.where.ScalarOther",
    "aten.where.Scalar",
    meaning="b where a, else c",
)
def where(chosen: Any, then: Any, otherwise: Any) -> Expressions:
    return each(conditions.where, chosen, then, otherwise)


@operation("aten.masked_fill.Scalar", "aten.masked_fill.Tensor", meaning="value where the mask, else a")
def masked_fill(x: Expressions, mask: Expressions, value: Any) -> Expressions:
    return each(conditions.where, mask, value, x)


@operation("aten.clamp.default", "aten.clamp.Tensor", meaning="min(max(a, low), high)")
def clamp(x: Expressions, low: Any = None, high: Any = None, **named: Any) -> Expressions:
    low, high = named.get("min", low), named.get("max", high)
    raised = x if low is None else each(conditions.greatest, x, low)
    return raised if high is None else each(conditions.least, raised, high)


@operation(
    "aten.clamp_min.default",
    "aten.clamp_min.Tensor",
    "aten.maximum.default",
    "aten.fmax.default",
    "aten.max.other",
    meaning="max(a, b)",
)
def maximum(left: Expressions, right: Any) -> Expressions:
    return each(conditions.greatest, left, right)


@operation(
    "aten.clamp_max.default",
    "aten.clamp_max.Tensor",
    "aten.minimum.default",
    "aten.fmin.default",
    "aten.min.other",
    meaning="min(a, b)",
)
def minimum(left: Expressions, right: Any) -> Expressions:
    return each(conditions.least, left, right)


@operation("aten.heaviside.default", meaning="0 where a < 0, 1 where a > 0, else b")
def heaviside(x: Expressions, at_zero: Expressions) -> Expressions:
    def step(entry: Scalar, value: Scalar) -> Scalar:
        above = conditions.where(conditions.compare(sympy.Gt, entry, ZERO), sympy.S.One, value)
        return conditions.where(conditions.compare(sympy.Lt, entry, ZERO), ZERO, above)

    return each(step, x, at_zero)


@operation(*both("aten.copysign"), meaning="|a| with the sign of b")
def copysign(size: Any, signed: Any) -> Expressions:
    def carried(entry: Scalar, sign: Scalar) -> Scalar:
        positive = absolute(entry)
        return conditions.where(conditions.compare(sympy.Lt, sign, ZERO), negative(positive), positive)

    return each(carried, size, signed)


def known(entry: Scalar) -> Scalar:
    """An entry of which it is certain whether it is a number.

    Raises:
        NotFinite: if not.
    """
    if entry is UNKNOWN:
        raise NotFinite("it asks whether a quotient by zero, or an infinity of unknown sign, is finite")
    return number(entry)


def truth(holds: bool) -> Scalar:
    return sympy.true if holds else sympy.false


@operation("aten.isnan.default", meaning="whether a is NaN")
def isnan(x: Expressions) -> Expressions:
    return each(lambda entry: truth(known(entry) is NAN), x)


@operation("aten.isinf.default", meaning="whether a is ±∞")
def isinf(x: Expressions) -> Expressions:
    return each(lambda entry: truth(is_special(known(entry)) and entry is not NAN), x)


@operation("aten.isfinite.default", meaning="whether a is a number")
def isfinite(x: Expressions) -> Expressions:
    return each(lambda entry: truth(not is_special(known(entry))), x)


@operation("aten.isposinf.default", meaning="whether a is ∞")
def isposinf(x: Expressions) -> Expressions:
    return each(lambda entry: truth(known(entry) is INFINITY), x)


@operation("aten.isneginf.default", meaning="whether a is −∞")
def isneginf(x: Expressions) -> Expressions:
    return each(lambda entry: truth(known(entry) is -INFINITY), x)


@operation("aten.nan_to_num.default", meaning="a with other numbers for NaN and ±∞")
def nan_to_num(x: Expressions, nan: Any = None, posinf: Any = None, neginf: Any = None) -> Expressions:
    greatest = sympy.Integer(LARGEST_DOUBLE)
    instead = {
        NAN: ZERO if nan is None else nan,
        INFINITY: greatest if posinf is None else posinf,
        -INFINITY: -greatest if neginf is None else neginf,
    }
    return each(lambda entry: instead.get(known(entry), entry), x)
