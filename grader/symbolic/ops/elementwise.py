"""Arithmetic and smooth functions of single entries."""

from __future__ import annotations

from typing import Any

import sympy

from grader.model.formula import Expressions
from grader.symbolic import conditions, scalars
from grader.symbolic.ops.arrays import as_entry, each
from grader.symbolic.ops.registry import Handler, operation
from grader.symbolic.scalars import HALF, ONE, ZERO, Scalar, add, divide, logarithm, multiply, negative, power


def both(overloaded: str) -> tuple[str, str]:
    """The overloads for a tensor and for a number on the right."""
    return f"{overloaded}.Tensor", f"{overloaded}.Scalar"


def scaled(alpha: Any, other: Any) -> Any:
    """alpha · other"""
    return other if alpha == 1 else each(multiply, alpha, other)


def sum_or_either(left: Scalar, right: Scalar) -> Scalar:
    """The sum; of two bools PyTorch makes one."""
    logical = conditions.is_condition(left) and conditions.is_condition(right)
    return conditions.disjunction(left, right) if logical else add(left, right)


def product_or_both(left: Scalar, right: Scalar) -> Scalar:
    """The product; of two bools PyTorch makes one."""
    logical = conditions.is_condition(left) and conditions.is_condition(right)
    return conditions.conjunction(left, right) if logical else multiply(left, right)


@operation(*both("aten.add"), "prims.add.default", meaning="a + αb")
def addition(left: Any, right: Any, alpha: Any = 1) -> Expressions:
    return each(sum_or_either, left, scaled(alpha, right))


@operation(*both("aten.sub"), "prims.sub.default", meaning="a − αb")
def subtraction(left: Any, right: Any, alpha: Any = 1) -> Expressions:
    return each(scalars.subtract, left, scaled(alpha, right))


@operation(*both("aten.rsub"), meaning="b − αa")
def reversed_subtraction(left: Any, right: Any, alpha: Any = 1) -> Expressions:
    return each(scalars.subtract, right, scaled(alpha, left))


@operation(*both("aten.mul"), "prims.mul.default", meaning="a · b")
def multiplication(left: Any, right: Any) -> Expressions:
    return each(product_or_both, left, right)


@operation(*both("aten.div"), *both("aten.true_divide"), "prims.div.default", meaning="a / b")
def division(left: Any, right: Any) -> Expressions:
    return each(divide, left, right)


@operation(
    "aten.pow.Tensor_Tensor",
    "aten.pow.Tensor_Scalar",
    "aten.pow.Scalar",
    "prims.pow.default",
    meaning="a to the power of b",
)
def raised(base: Any, exponent: Any) -> Expressions:
    return each(power, base, exponent)


@operation("aten.addcmul.default", meaning="a + value · b · c")
def addcmul(start: Any, left: Any, right: Any, *, value: Any = 1) -> Expressions:
    return each(add, start, each(multiply, as_entry(value), left, right))


@operation("aten.addcdiv.default", meaning="a + value · b / c")
def addcdiv(start: Any, left: Any, right: Any, *, value: Any = 1) -> Expressions:
    return each(add, start, scaled(value, each(divide, left, right)))


@operation("aten.lerp.Scalar", "aten.lerp.Tensor", meaning="a + weight · (b − a)")
def interpolation(start: Any, end: Any, weight: Any) -> Expressions:
    return each(add, start, each(multiply, weight, each(scalars.subtract, end, start)))


def log_to_base(base: int) -> Handler:
    return lambda x: divide(logarithm(x), sympy.log(base))


def softened_log(x: Scalar) -> Scalar:
    return logarithm(add(ONE, x))


def hyperbolic(sign: int) -> Handler:
    return lambda x: multiply(HALF, add(scalars.exponential(x), multiply(as_entry(sign), scalars.exponential(-x))))


def inverse_hyperbolic_tangent(x: Scalar) -> Scalar:
    return multiply(HALF, logarithm(divide(add(ONE, x), scalars.subtract(ONE, x))))


def negative_entropy(x: Scalar) -> Scalar:
    return negative(weighted_log(x, x))


def weighted_log(weight: Scalar, x: Scalar) -> Scalar:
    """weight · log x, and 0 where the weight is 0."""
    weight = scalars.number(weight)
    return ZERO if weight is ZERO else multiply(weight, logarithm(x))


def logits(x: Scalar) -> Scalar:
    return logarithm(divide(x, scalars.subtract(ONE, x)))


def log_add_exp(left: Scalar, right: Scalar) -> Scalar:
    return scalars.log_sum_exp([left, right])


def length(left: Scalar, right: Scalar) -> Scalar:
    return scalars.square_root(add(power(left, as_entry(2)), power(right, as_entry(2))))


FUNCTIONS: dict[str, tuple[Handler, str]] = {
    "neg": (negative, "−a"),
    "positive": (scalars.number, "a"),
    "real": (scalars.number, "a, which is real"),
    "reciprocal": (lambda x: divide(ONE, x), "1 / a"),
    "square": (lambda x: power(x, as_entry(2)), "a²"),
    "sqrt": (scalars.square_root, "√a"),
    "rsqrt": (lambda x: divide(ONE, scalars.square_root(x)), "1 / √a"),
    "abs": (scalars.absolute, "|a|"),
    "sign": (conditions.sign, "1, 0 or −1, as a is positive, zero or negative"),
    "sgn": (conditions.sign, "the sign of a"),
    "exp": (scalars.exponential, "exp a"),
    "exp2": (lambda x: power(as_entry(2), x), "2 to the power of a"),
    "expm1": (lambda x: add(scalars.exponential(x), -ONE), "exp(a) − 1"),
    "log": (logarithm, "log a"),
    "log2": (log_to_base(2), "log a / log 2"),
    "log10": (log_to_base(10), "log a / log 10"),
    "log1p": (softened_log, "log(1 + a)"),
    "sin": (scalars.sine, "sin a"),
    "cos": (scalars.cosine, "cos a"),
    "tan": (lambda x: divide(scalars.sine(x), scalars.cosine(x)), "sin a / cos a"),
    "atan": (scalars.arctangent, "arctan a"),
    "sinh": (hyperbolic(-1), "(exp a − exp −a) / 2"),
    "cosh": (hyperbolic(1), "(exp a + exp −a) / 2"),
    "tanh": (scalars.tanh, "tanh a"),
    "atanh": (inverse_hyperbolic_tangent, "log((1 + a) / (1 − a)) / 2"),
    "sigmoid": (scalars.sigmoid, "1 / (1 + exp −a)"),
    "special_expit": (scalars.sigmoid, "1 / (1 + exp −a)"),
    "erf": (scalars.erf, "erf a"),
    "erfc": (lambda x: scalars.subtract(ONE, scalars.erf(x)), "1 − erf a"),
    "special_entr": (negative_entropy, "−a log a, and 0 at 0"),
}

for name, (of_entry, meaning) in FUNCTIONS.items():
    operation(f"aten.{name}.default", meaning=meaning)(lambda x, of_entry=of_entry: each(of_entry, x))


@operation(
    "aten.xlogy.Tensor", "aten.xlogy.Scalar_Other", "aten.xlogy.Scalar_Self", meaning="a log b, and 0 where a is 0"
)
def xlogy(weight: Any, x: Any) -> Expressions:
    return each(weighted_log, weight, x)


@operation("aten.logaddexp.default", meaning="log(exp a + exp b)")
def logaddexp(left: Any, right: Any) -> Expressions:
    return each(log_add_exp, left, right)


@operation("aten.hypot.default", meaning="√(a² + b²)")
def hypotenuse(left: Any, right: Any) -> Expressions:
    return each(length, left, right)


@operation("aten.logit.default", meaning="log(a / (1 − a))")
def logit(x: Any, eps: Any = None) -> Expressions:
    return each(logits, x if eps is None else each(lambda a: conditions.clamped(a, eps, ONE - eps), x))
