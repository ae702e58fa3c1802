"""Rounding, remainders and bits: exact for numbers, and without a useful expression for symbolic values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from grader.model.formula import Expressions
from grader.symbolic import conditions, scalars
from grader.symbolic.ops.arrays import each
from grader.symbolic.ops.elementwise import both, division
from grader.symbolic.ops.registry import Handler, operation
from grader.symbolic.refusals import only_for_numbers
from grader.symbolic.scalars import Scalar, is_special, number


def of_numbers(operation_name: str, function: Callable[..., Any]) -> Callable[..., Scalar]:
    """`function`, refused for what is no number."""

    def checked(*entries: Scalar) -> Scalar:
        numbers = [number(entry) for entry in entries]
        if not all(entry.is_number and not is_special(entry) for entry in numbers):
            raise only_for_numbers(operation_name)
        return sympy.sympify(function(*numbers))

    return checked


def truncated(x: Scalar) -> Scalar:
    """Towards zero."""
    return sympy.floor(x) if x >= 0 else sympy.ceiling(x)


def rounded(x: Scalar) -> Scalar:
    """To the nearest integer, halves to the even one."""
    return sympy.Integer(round(sympy.Rational(x)) if x.is_Rational else sympy.floor(x + sympy.S.Half))


def remainder(left: Scalar, right: Scalar) -> Scalar:
    """With the sign of the divisor."""
    return left - right * sympy.floor(left / right)


def truncated_remainder(left: Scalar, right: Scalar) -> Scalar:
    """With the sign of the dividend."""
    return left - right * truncated(left / right)


ROUNDINGS: dict[str, tuple[Callable[..., Any], str]] = {
    "floor": (sympy.floor, "⌊a⌋, of numbers"),
    "ceil": (sympy.ceiling, "⌈a⌉, of numbers"),
    "trunc": (truncated, "a without its fraction, of numbers"),
    "round": (rounded, "the integer next to a, of numbers"),
    "frac": (lambda x: x - truncated(x), "the fraction of a, of numbers"),
}


def rounding(name: str, of_number: Callable[..., Any]) -> Handler:
    """A handler for one way to round."""
    rule = of_numbers(name, of_number)
    return lambda x: each(rule, x)


for name, (of_number, meaning) in ROUNDINGS.items():
    operation(f"aten.{name}.default", meaning=meaning)(rounding(name, of_number))


@operation("aten.floor_divide.default", "aten.floor_divide.Scalar", meaning="⌊a / b⌋, of numbers")
def floor_divide(left: Any, right: Any) -> Expressions:
    return each(of_numbers("floor_divide", lambda a, b: sympy.floor(a / b)), left, right)


@operation("aten.div.Tensor_mode", "aten.div.Scalar_mode", meaning="a / b, and where it is rounded, of numbers")
def rounded_division(left: Any, right: Any, *, rounding_mode: str | None = None) -> Expressions:
    if rounding_mode is None:
        return division(left, right)
    rule = {"floor": sympy.floor, "trunc": truncated}[rounding_mode]
    return each(of_numbers(f"div({rounding_mode})", lambda a, b: rule(a / b)), left, right)


@operation(*both("aten.remainder"), "aten.remainder.Scalar_Tensor", meaning="a − b⌊a / b⌋, of numbers")
def floored_remainder(left: Any, right: Any) -> Expressions:
    return each(of_numbers("remainder", remainder), left, right)


@operation(*both("aten.fmod"), meaning="a − b · trunc(a / b), of numbers")
def fmod(left: Any, right: Any) -> Expressions:
    return each(of_numbers("fmod", truncated_remainder), left, right)


def bitwise(name: str, of_integers: Callable[..., int], of_conditions: Callable[..., Scalar]) -> Callable[..., Scalar]:
    """The operation of bits for integers and of logic for conditions."""
    on_integers = of_numbers(name, lambda *numbers: sympy.Integer(of_integers(*(exact_integer(x) for x in numbers))))

    def mixed(*entries: Scalar) -> Scalar:
        logical = all(conditions.is_condition(entry) for entry in entries)
        return of_conditions(*entries) if logical else on_integers(*entries)

    return mixed


def exact_integer(x: Scalar) -> int:
    """A number that is an integer."""
    if not x.is_Integer:
        raise TypeError(f"no integer: {x}")
    return int(x)


@operation(*both("aten.bitwise_and"), "aten.__and__.Tensor", meaning="a and b; of the bits of integers")
def bitwise_and(left: Any, right: Any) -> Expressions:
    return each(bitwise("bitwise_and", int.__and__, conditions.conjunction), left, right)


@operation(*both("aten.bitwise_or"), "aten.__or__.Tensor", meaning="a or b; of the bits of integers")
def bitwise_or(left: Any, right: Any) -> Expressions:
    return each(bitwise("bitwise_or", int.__or__, conditions.disjunction), left, right)


@operation(*both("aten.bitwise_xor"), "aten.__xor__.Tensor", meaning="either a or b; of the bits of integers")
def bitwise_xor(left: Any, right: Any) -> Expressions:
    return each(bitwise("bitwise_xor", int.__xor__, conditions.exclusive), left, right)


@operation("aten.bitwise_not.default", meaning="not a; of the bits of integers")
def bitwise_not(entries: Any) -> Expressions:
    return each(bitwise("bitwise_not", int.__invert__, conditions.opposite), entries)


def cast(array: Expressions, dtype: str | None) -> Expressions:
    """The entries in another dtype, of which only the kind counts: floating, integer or bool."""
    if dtype is None:
        return array
    name = dtype.removeprefix("torch.")
    if name == "bool":
        return each(conditions.condition, array)
    if name.startswith(("int", "uint", "long", "short")):
        return each(of_numbers(f"to({name})", truncated), array)
    if name.startswith(("float", "bfloat", "double", "half")):
        return each(scalars.number, array)
    raise ValueError(f"no real dtype: {dtype}")
