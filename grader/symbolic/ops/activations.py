"""Activation functions and softmax, where the decompositions leave them whole."""

# ruff: noqa: ARG001 — the names and the number of the arguments are PyTorch's
from __future__ import annotations

from typing import Any

import sympy

from grader.model.formula import Expressions
from grader.symbolic import conditions, scalars
from grader.symbolic.ops.arrays import along, as_entry, each
from grader.symbolic.ops.integers import cast
from grader.symbolic.ops.registry import Handler, operation
from grader.symbolic.refusals import DrawsRandomNumbers
from grader.symbolic.scalars import (
    HALF,
    INFINITY,
    ONE,
    ZERO,
    Scalar,
    add,
    divide,
    exponential,
    logarithm,
    multiply,
    negative,
    number,
    power,
    sigmoid,
    subtract,
)  # fmt: skip

DEFAULT_SLOPE = sympy.Rational(1, 100)
"""Of leaky_relu."""


def where_positive(x: Scalar, then: Scalar, otherwise: Scalar) -> Scalar:
    """`then` where x > 0."""
    return conditions.where(conditions.compare(sympy.Gt, x, ZERO), then, otherwise)


def relu_of(x: Scalar) -> Scalar:
    return conditions.greatest(x, ZERO)


def log_sigmoid_of(x: Scalar) -> Scalar:
    return negative(logarithm(add(ONE, exponential(negative(x)))))


def softplus_of(x: Scalar) -> Scalar:
    return logarithm(add(ONE, exponential(x)))


def swish_of(x: Scalar) -> Scalar:
    return ZERO if x is -INFINITY else multiply(x, sigmoid(x))


def hard_sigmoid_of(x: Scalar) -> Scalar:
    return divide(conditions.clamped(add(x, as_entry(3)), ZERO, as_entry(6)), as_entry(6))


def hard_swish_of(x: Scalar) -> Scalar:
    return multiply(x, hard_sigmoid_of(x))


def mish_of(x: Scalar) -> Scalar:
    return multiply(x, scalars.tanh(softplus_of(x)))


ACTIVATIONS: dict[str, tuple[Handler, str]] = {
    "relu": (relu_of, "max(a, 0)"),
    "relu6": (lambda x: conditions.clamped(x, ZERO, as_entry(6)), "min(max(a, 0), 6)"),
    "silu": (swish_of, "a / (1 + exp −a)"),
    "mish": (mish_of, "a tanh log(1 + exp a)"),
    "log_sigmoid": (log_sigmoid_of, "−log(1 + exp −a)"),
    "hardsigmoid": (hard_sigmoid_of, "min(max(a + 3, 0), 6) / 6"),
    "hardswish": (hard_swish_of, "a min(max(a + 3, 0), 6) / 6"),
}

for name, (activation, meaning) in ACTIVATIONS.items():
    operation(f"aten.{name}.default", meaning=meaning)(lambda x, activation=activation: each(activation, x))


@operation("aten.log_sigmoid_forward.default", meaning="−log(1 + exp −a), and nothing of use")
def log_sigmoid_forward(x: Expressions) -> tuple[Expressions, Expressions]:
    return each(log_sigmoid_of, x), each(number, x[..., :0] if x.ndim else x)


@operation("aten.softplus.default", meaning="log(1 + exp βa) / β, without the threshold beyond which PyTorch gives a")
def softplus(x: Expressions, beta: Any = 1, threshold: Any = 20) -> Expressions:
    slope = as_entry(beta)
    return each(lambda entry: divide(softplus_of(multiply(slope, entry)), slope), x)


def exponential_linear(x: Scalar, alpha: Scalar, scale: Scalar, input_scale: Scalar) -> Scalar:
    """scale · x for x > 0, else scale · α (exp(input_scale · x) − 1)."""
    below = multiply(alpha, subtract(exponential(multiply(x, input_scale)), ONE))
    return multiply(scale, where_positive(x, number(x), below))


@operation("aten.elu.default", "aten.celu.default", meaning="a where a > 0, else α (exp a − 1)")
def elu(x: Expressions, alpha: Any = 1, scale: Any = 1, input_scale: Any = 1) -> Expressions:
    fixed = [as_entry(alpha), as_entry(scale), as_entry(input_scale)]
    return each(lambda entry: exponential_linear(entry, *fixed), x)


@operation("aten.leaky_relu.default", meaning="a where a > 0, else slope · a")
def leaky_relu(x: Expressions, negative_slope: Any = DEFAULT_SLOPE) -> Expressions:
    return each(lambda entry: where_positive(entry, entry, multiply(negative_slope, entry)), x)


@operation("aten._prelu_kernel.default", meaning="a where a > 0, else b · a")
def prelu(x: Expressions, weight: Expressions) -> Expressions:
    return each(lambda entry, slope: where_positive(entry, entry, multiply(slope, entry)), x, weight)


@operation("aten.hardtanh.default", meaning="min(max(a, low), high)")
def hardtanh(x: Expressions, min_val: Any = -1, max_val: Any = 1) -> Expressions:
    low, high = as_entry(min_val), as_entry(max_val)
    return each(lambda entry: conditions.clamped(entry, low, high), x)


@operation("aten.threshold.default", meaning="a where a > threshold, else value")
def threshold(x: Expressions, bound: Any, value: Any) -> Expressions:
    limit, low = as_entry(bound), as_entry(value)
    return each(lambda entry: conditions.where(conditions.compare(sympy.Gt, entry, limit), entry, low), x)


def gelu_of(x: Scalar) -> Scalar:
    return multiply(HALF, x, add(ONE, scalars.erf(divide(x, sympy.sqrt(2)))))


def gelu_by_tanh(x: Scalar) -> Scalar:
    cubic = add(x, multiply(sympy.Rational(44715, 1_000_000), power(x, as_entry(3))))
    return multiply(HALF, x, add(ONE, scalars.tanh(multiply(sympy.sqrt(2 / sympy.pi), cubic))))


@operation("aten.gelu.default", meaning="a (1 + erf(a / √2)) / 2, or its approximation by tanh")
def gelu(x: Expressions, *, approximate: str = "none") -> Expressions:
    return each({"none": gelu_of, "tanh": gelu_by_tanh}[approximate], x)


@operation("aten.glu.default", meaning="the first half times the sigmoid of the second")
def glu(x: Expressions, dim: int = -1) -> Expressions:
    half = x.shape[dim] // 2
    parts = x.swapaxes(0, dim)
    gated = each(lambda entry, gate: multiply(entry, sigmoid(gate)), parts[:half], parts[half:])
    return gated.swapaxes(0, dim)


def softmax_of(entries: list[Scalar]) -> list[Scalar]:
    """exp xᵢ / ∑ exp xⱼ"""
    weights = [exponential(entry) for entry in entries]
    total = add(*weights)
    return [divide(weight, total) for weight in weights]


def log_softmax_of(entries: list[Scalar]) -> list[Scalar]:
    """xᵢ − log ∑ exp xⱼ"""
    normalizer = scalars.log_sum_exp(entries)
    return [subtract(entry, normalizer) for entry in entries]


@operation("aten._softmax.default", "aten._safe_softmax.default", meaning="exp aᵢ / ∑ exp aⱼ along a dimension")
def softmax(x: Expressions, dim: int, half_to_float: bool = False, **_: Any) -> Expressions:
    return along(softmax_of, x, dim)


@operation("aten.softmax.int", meaning="exp aᵢ / ∑ exp aⱼ along a dimension")
def softmax_in(x: Expressions, dim: int, dtype: str | None = None) -> Expressions:
    return along(softmax_of, cast(x, dtype), dim)


@operation("aten._log_softmax.default", meaning="aᵢ − log ∑ exp aⱼ along a dimension")
def log_softmax(x: Expressions, dim: int, half_to_float: bool = False) -> Expressions:
    return along(log_softmax_of, x, dim)


@operation("aten.log_softmax.int", meaning="aᵢ − log ∑ exp aⱼ along a dimension")
def log_softmax_in(x: Expressions, dim: int, dtype: str | None = None) -> Expressions:
    return along(log_softmax_of, cast(x, dtype), dim)


@operation("aten.dropout.default", meaning="a; refused where entries are dropped")
def dropout(x: Expressions, p: Any, train: bool) -> Expressions:
    if train and p != 0:
        raise DrawsRandomNumbers("it draws random numbers (`dropout`)")
    return x


@operation("aten.native_dropout.default", meaning="a and a mask of ones; refused where entries are dropped")
def native_dropout(x: Expressions, p: Any, train: bool | None) -> tuple[Expressions, Expressions]:
    return each(number, dropout(x, p, train is not False)), each(lambda _: sympy.true, x)
