"""Losses, where the decompositions leave them whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from grader.model.formula import Expressions
from grader.symbolic import conditions
from grader.symbolic.ops.arrays import as_array, as_entry, blank, each, integers, reduced
from grader.symbolic.ops.reductions import average, total
from grader.symbolic.ops.registry import operation
from grader.symbolic.scalars import HALF, ONE, ZERO, Scalar, absolute, add, divide, multiply, negative, power, subtract

NONE, MEAN, SUM = range(3)
"""How PyTorch numbers reductions."""

TWO = sympy.Integer(2)


def combined(losses: Expressions, reduction: int) -> Expressions:
    """The losses of all samples, their mean or their sum."""
    return losses if reduction == NONE else reduced({MEAN: average, SUM: total}[reduction], losses)


@operation("aten.mse_loss.default", meaning="(a − b)², its mean or its sum")
def mse_loss(x: Expressions, target: Expressions, reduction: int = MEAN) -> Expressions:
    return combined(each(lambda a, b: power(subtract(a, b), TWO), x, target), reduction)


def smooth(a: Scalar, b: Scalar, beta: Scalar) -> Scalar:
    """(a − b)² / 2β where |a − b| < β, else |a − b| − β/2."""
    distance = absolute(subtract(a, b))
    near = divide(multiply(HALF, power(subtract(a, b), TWO)), beta)
    close = conditions.compare(sympy.Lt, distance, beta)
    return conditions.where(close, near, subtract(distance, multiply(HALF, beta)))


@operation("aten.smooth_l1_loss.default", meaning="(a − b)² / 2β where |a − b| < β, else |a − b| − β/2")
def smooth_l1_loss(x: Expressions, target: Expressions, reduction: int = MEAN, beta: Any = 1) -> Expressions:
    return combined(each(lambda a, b: smooth(a, b, as_entry(beta)), x, target), reduction)


@operation("aten.huber_loss.default", meaning="(a − b)² / 2 where |a − b| < δ, else δ (|a − b| − δ/2)")
def huber_loss(x: Expressions, target: Expressions, reduction: int = MEAN, delta: Any = 1) -> Expressions:
    scale = as_entry(delta)
    return combined(each(lambda a, b: multiply(scale, smooth(a, b, scale)), x, target), reduction)


def smooth_slope(a: Scalar, b: Scalar, beta: Scalar) -> Scalar:
    """The derivative of `smooth` with respect to a."""
    return conditions.clamped(divide(subtract(a, b), beta), -ONE, ONE)


@operation("aten.smooth_l1_loss_backward.default", meaning="g min(max((a − b) / β, −1), 1), divided for a mean")
def smooth_l1_loss_backward(
    gradient: Expressions, x: Expressions, target: Expressions, reduction: int, beta: Any
) -> Expressions:
    share = divide(ONE, as_entry(x.size if reduction == MEAN else 1))
    return each(lambda g, a, b: multiply(share, g, smooth_slope(a, b, as_entry(beta))), gradient, x, target)


@operation("aten.huber_loss_backward.default", meaning="g min(max(a − b, −δ), δ), divided for a mean")
def huber_loss_backward(
    gradient: Expressions, x: Expressions, target: Expressions, reduction: int, delta: Any
) -> Expressions:
    scale = as_entry(delta)
    share = divide(scale, as_entry(x.size if reduction == MEAN else 1))
    return each(lambda g, a, b: multiply(share, g, smooth_slope(a, b, scale)), gradient, x, target)


@operation(
    "aten.nll_loss_forward.default", meaning="−∑ w a[target], its mean by weight or its sum, and the total weight"
)
def nll_loss(
    x: Expressions, target: Expressions, weight: Any, reduction: int, ignore_index: int
) -> tuple[Expressions, Expressions]:
    scores = x if x.ndim == 2 else x[None]
    classes = integers(target.reshape(-1))
    weights = [sample_weight(weight, int(c), ignore_index) for c in classes]
    losses = blank((len(classes),), ZERO)
    for row, c in enumerate(classes):
        losses[row] = ZERO if c == ignore_index else negative(multiply(weights[row], scores[row, c]))
    sum_of_weights = add(*weights)
    if reduction == NONE:
        return losses.reshape(target.shape), as_array(ZERO)
    summed = total(losses.tolist())
    return as_array(summed if reduction == SUM else divide(summed, sum_of_weights)), as_array(sum_of_weights)


def sample_weight(weight: Expressions | None, label: int, ignore_index: int) -> Scalar:
    """The weight of a sample's class."""
    if label == ignore_index:
        return ZERO
    return ONE if weight is None else weight[label]


@operation("aten.nll_loss_backward.default", meaning="the gradient of the negative log-likelihood")
def nll_loss_backward(
    gradient: Expressions,
    x: Expressions,
    target: Expressions,
    weight: Any,
    reduction: int,
    ignore_index: int,
    total_weight: Any,
) -> Expressions:
    given = blank(x.shape, ZERO)
    rows = given.reshape(-1, x.shape[-1])
    incoming = np.broadcast_to(gradient, target.shape).reshape(-1).tolist()
    for row, c in enumerate(integers(target.reshape(-1))):
        slope = negative(multiply(sample_weight(weight, int(c), ignore_index), incoming[row]))
        if c != ignore_index:
            rows[row, c] = divide(slope, total_weight[()]) if reduction == MEAN else slope
    return given
