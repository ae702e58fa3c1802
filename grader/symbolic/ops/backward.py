"""The gradients that PyTorch has as operations of their own."""

from __future__ import annotations

from typing import Any

import sympy

from grader.model.formula import Expressions
from grader.symbolic import conditions, scalars
from grader.symbolic.ops.activations import where_positive
from grader.symbolic.ops.arrays import as_entry, axis_of, each, reduced
from grader.symbolic.ops.reductions import total
from grader.symbolic.ops.registry import operation
from grader.symbolic.scalars import (
    HALF,
    ONE,
    ZERO,
    Scalar,
    add,
    divide,
    exponential,
    multiply,
    power,
    sigmoid,
    subtract,
)

TWO = sympy.Integer(2)


@operation("aten._softmax_backward_data.default", meaning="s (g − ∑ g s), for the softmax s and the gradient g")
def softmax_backward(gradient: Expressions, output: Expressions, dim: int, _dtype: str) -> Expressions:
    weighted = each(multiply, gradient, output)
    summed = reduced(total, weighted, axis_of(dim, output.ndim), True)
    return each(subtract, weighted, each(multiply, output, summed))


@operation(
    "aten._log_softmax_backward_data.default", meaning="g − exp(l) ∑ g, for the log-softmax l and the gradient g"
)
def log_softmax_backward(gradient: Expressions, output: Expressions, dim: int, _dtype: str) -> Expressions:
    summed = reduced(total, gradient, axis_of(dim, output.ndim), True)
    return each(lambda g, log_p, s: subtract(g, multiply(exponential(log_p), s)), gradient, output, summed)


@operation("aten.tanh_backward.default", meaning="g (1 − t²), for t = tanh a")
def tanh_backward(gradient: Expressions, output: Expressions) -> Expressions:
    return each(lambda g, t: multiply(g, subtract(ONE, power(t, TWO))), gradient, output)


@operation("aten.sigmoid_backward.default", meaning="g s (1 − s), for the sigmoid s")
def sigmoid_backward(gradient: Expressions, output: Expressions) -> Expressions:
    return each(lambda g, s: multiply(g, s, subtract(ONE, s)), gradient, output)


@operation("aten.threshold_backward.default", meaning="g where a > threshold, else 0")
def threshold_backward(gradient: Expressions, x: Expressions, bound: Any) -> Expressions:
    limit = as_entry(bound)
    return each(lambda g, a: conditions.where(conditions.compare(sympy.Gt, a, limit), g, ZERO), gradient, x)


@operation("aten.leaky_relu_backward.default", meaning="g where a > 0, else slope · g")
def leaky_relu_backward(gradient: Expressions, x: Expressions, slope: Any, _is_result: bool) -> Expressions:
    return each(lambda g, a: where_positive(a, g, multiply(slope, g)), gradient, x)


@operation("aten.hardtanh_backward.default", meaning="g where low < a < high, else 0")
def hardtanh_backward(gradient: Expressions, x: Expressions, low: Any, high: Any) -> Expressions:
    def inside(a: Scalar) -> Scalar:
        above = conditions.compare(sympy.Gt, a, as_entry(low))
        return conditions.conjunction(above, conditions.compare(sympy.Lt, a, as_entry(high)))

    return each(lambda g, a: conditions.where(inside(a), g, ZERO), gradient, x)


@operation("aten.elu_backward.default", meaning="the gradient of elu, from its argument or its result")
def elu_backward(
    gradient: Expressions, alpha: Any, scale: Any, input_scale: Any, is_result: bool, given: Expressions
) -> Expressions:
    height, slope, steepness = as_entry(alpha), as_entry(scale), as_entry(input_scale)

    def below(a: Scalar) -> Scalar:
        if is_result:
            return multiply(steepness, add(a, multiply(height, slope)))
        return multiply(steepness, height, slope, exponential(multiply(a, steepness)))

    return each(lambda g, a: multiply(g, where_positive(a, slope, below(a))), gradient, given)


@operation("aten.silu_backward.default", meaning="g s (1 + a (1 − s)), for the sigmoid s")
def silu_backward(gradient: Expressions, x: Expressions) -> Expressions:
    def slope(a: Scalar) -> Scalar:
        s = sigmoid(a)
        return multiply(s, add(ONE, multiply(a, subtract(ONE, s))))

    return each(lambda g, a: multiply(g, slope(a)), gradient, x)


@operation("aten.softplus_backward.default", meaning="g / (1 + exp −βa), without PyTorch's threshold")
def softplus_backward(gradient: Expressions, x: Expressions, beta: Any, _threshold: Any) -> Expressions:
    steepness = as_entry(beta)
    return each(lambda g, a: multiply(g, sigmoid(multiply(steepness, a))), gradient, x)


@operation("aten.log_sigmoid_backward.default", meaning="g / (1 + exp a)")
def log_sigmoid_backward(gradient: Expressions, x: Expressions, _buffer: Any) -> Expressions:
    return each(lambda g, a: divide(g, add(ONE, exponential(a))), gradient, x)


def gelu_slope(a: Scalar) -> Scalar:
    """Φ(a) + a φ(a)"""
    density = divide(exponential(multiply(-HALF, power(a, TWO))), sympy.sqrt(2 * sympy.pi))
    return add(multiply(HALF, add(ONE, scalars.erf(divide(a, sympy.sqrt(2))))), multiply(a, density))


def gelu_slope_by_tanh(a: Scalar) -> Scalar:
    """The derivative of gelu's approximation by tanh."""
    root, cubic = sympy.sqrt(2 / sympy.pi), sympy.Rational(44715, 1_000_000)
    bent = scalars.tanh(multiply(root, add(a, multiply(cubic, power(a, sympy.Integer(3))))))
    inner = multiply(root, add(ONE, multiply(3 * cubic, power(a, TWO))))
    outer = multiply(HALF, a, subtract(ONE, power(bent, TWO)), inner)
    return add(multiply(HALF, add(ONE, bent)), outer)


@operation("aten.gelu_backward.default", meaning="the gradient of gelu")
def gelu_backward(gradient: Expressions, x: Expressions, *, approximate: str = "none") -> Expressions:
    slope = {"none": gelu_slope, "tanh": gelu_slope_by_tanh}[approximate]
    return each(lambda g, a: multiply(g, slope(a)), gradient, x)


@operation("aten.mse_loss_backward.default", meaning="2 g (a − b), divided by the number of entries for a mean")
def mse_loss_backward(gradient: Expressions, x: Expressions, target: Expressions, reduction: int) -> Expressions:
    factor = divide(TWO, as_entry(x.size)) if reduction == 1 else TWO
    return each(lambda g, a, b: multiply(factor, g, subtract(a, b)), gradient, x, target)
