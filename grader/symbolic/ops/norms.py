"""Norms, distances, variances and normalisation."""

from __future__ import annotations

from typing import Any

import sympy

from grader.model.formula import Expressions
from grader.symbolic import conditions, scalars
from grader.symbolic.ops.arrays import as_entry, each, reduced, spend
from grader.symbolic.ops.integers import cast
from grader.symbolic.ops.reductions import average, largest, smallest, total
from grader.symbolic.ops.registry import Handler, operation
from grader.symbolic.refusals import Unsupported
from grader.symbolic.scalars import INFINITY, ONE, ZERO, Scalar, absolute, add, divide, multiply, power, subtract

TWO = sympy.Integer(2)


def norm_of(order: Scalar) -> Handler:
    """(∑ |x|^p)^(1/p), the greatest or least |x|, or how many aren't zero."""
    if order is INFINITY or order is -INFINITY:
        extreme = largest if order is INFINITY else smallest
        return lambda entries: extreme([absolute(entry) for entry in entries])
    if order == 0:
        return lambda entries: total([conditions.compare(sympy.Ne, entry, ZERO) for entry in entries])
    if order == 2:
        return lambda entries: scalars.square_root(total([power(entry, TWO) for entry in entries]))
    return lambda entries: power(total([power(absolute(entry), order) for entry in entries]), divide(ONE, order))


@operation("aten.linalg_vector_norm.default", meaning="(∑ |a|^p)^(1/p) along dimensions")
def vector_norm(
    x: Expressions, order: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: str | None = None
) -> Expressions:
    return reduced(norm_of(as_entry(order)), cast(x, dtype), dim, keepdim)


@operation("aten.norm.Scalar", "aten.norm.ScalarOpt_dim", meaning="(∑ |a|^p)^(1/p) along dimensions")
def norm(x: Expressions, order: Any = 2, dim: Any = None, keepdim: bool = False) -> Expressions:
    return vector_norm(x, 2 if order is None else order, dim, keepdim)


@operation("aten.dist.default", meaning="the norm of a − b")
def dist(left: Expressions, right: Expressions, p: Any = 2) -> Expressions:
    return vector_norm(each(subtract, left, right), p)


def differences(left: Expressions, right: Expressions) -> Expressions:
    """(…, n, d) and (…, m, d) to (…, n, m, d)."""
    return each(subtract, left[..., :, None, :], right[..., None, :, :])


@operation(
    "aten._cdist_forward.default", "aten.cdist.default", meaning="the distance of each row of a to each row of b"
)
def cdist(left: Expressions, right: Expressions, p: Any = 2, _compute_mode: int | None = None) -> Expressions:
    return vector_norm(differences(left, right), p, -1)


@operation("aten._euclidean_dist.default", meaning="the distance of each row of a to each row of b")
def euclidean_dist(left: Expressions, right: Expressions) -> Expressions:
    return cdist(left, right)


@operation("aten._cdist_backward.default", meaning="the gradient of the distances with respect to a")
def cdist_backward(
    gradient: Expressions, left: Expressions, right: Expressions, p: Any, distances: Expressions
) -> Expressions:
    if as_entry(p) != 2:
        raise Unsupported("it uses the gradient of `cdist` for a norm other than the Euclidean one")

    def direction(weight: Scalar, difference: Scalar, distance: Scalar) -> Scalar:
        apart = conditions.compare(sympy.Ne, distance, ZERO)
        return conditions.where(apart, divide(multiply(weight, difference), distance), ZERO)

    parts = each(direction, gradient[..., None], differences(left, right), distances[..., None])
    return reduced(total, parts, -2)


def deviation(correction: Scalar) -> Handler:
    """∑ (x − mean)² / (n − correction)"""

    def variance(entries: list[Scalar]) -> Scalar:
        mean = average(entries)
        squares = total([power(subtract(entry, mean), TWO) for entry in entries])
        return divide(squares, conditions.greatest(as_entry(len(entries)) - correction, ZERO))

    return variance


@operation("aten.var.correction", meaning="∑ (a − mean)² / (n − correction) along dimensions")
def variance(x: Expressions, dim: Any = None, *, correction: Any = None, keepdim: bool = False) -> Expressions:
    spend(x.size * 2)
    return reduced(deviation(ONE if correction is None else as_entry(correction)), x, dim, keepdim)


@operation("aten.var.default", "aten.var.dim", meaning="∑ (a − mean)² / (n − 1), or / n where biased")
def variance_by_flag(x: Expressions, *arguments: Any, **keywords: Any) -> Expressions:
    return variance(x, **by_flag(*arguments, **keywords))


def by_flag(*arguments: Any, **keywords: Any) -> dict[str, Any]:
    """The arguments of the overloads that say `unbiased` as those of the one that says `correction`."""
    dim, *rest = arguments if arguments and not isinstance(arguments[0], bool) else (None, *arguments)
    unbiased = keywords.get("unbiased", rest[0] if rest else True)
    keepdim = keywords.get("keepdim", rest[1] if len(rest) > 1 else False)
    return {"dim": keywords.get("dim", dim), "correction": int(unbiased), "keepdim": keepdim}


@operation("aten.std.correction", meaning="the square root of the variance")
def standard_deviation(
    x: Expressions, dim: Any = None, *, correction: Any = None, keepdim: bool = False
) -> Expressions:
    return each(scalars.square_root, variance(x, dim, correction=correction, keepdim=keepdim))


@operation("aten.std.default", "aten.std.dim", meaning="the square root of the variance")
def standard_deviation_by_flag(x: Expressions, *arguments: Any, **keywords: Any) -> Expressions:
    return standard_deviation(x, **by_flag(*arguments, **keywords))


Pair = tuple[Expressions, Expressions]


@operation("aten.var_mean.correction", meaning="the variance and the mean")
def var_mean(x: Expressions, dim: Any = None, *, correction: Any = None, keepdim: bool = False) -> Pair:
    return variance(x, dim, correction=correction, keepdim=keepdim), reduced(average, x, dim, keepdim)


@operation("aten.std_mean.correction", meaning="the standard deviation and the mean")
def std_mean(x: Expressions, dim: Any = None, *, correction: Any = None, keepdim: bool = False) -> Pair:
    deviations, means = var_mean(x, dim, correction=correction, keepdim=keepdim)
    return each(scalars.square_root, deviations), means


def normalized(x: Expressions, axes: tuple[int, ...], eps: Any) -> tuple[Expressions, Expressions, Expressions]:
    """(a − mean) / √(variance + ε) along these axes, the mean, and what is multiplied by."""
    mean = reduced(average, x, axes, True)
    biased = variance(x, axes, correction=0, keepdim=True)
    factor = each(lambda entry: power(add(entry, as_entry(eps)), -sympy.S.Half), biased)
    return each(lambda a, m, f: multiply(subtract(a, m), f), x, mean, factor), mean, factor


def weighed(x: Expressions, weight: Expressions | None, bias: Expressions | None) -> Expressions:
    """weight · x + bias, as far as there are such."""
    scaled = x if weight is None else each(multiply, x, weight)
    return scaled if bias is None else each(add, scaled, bias)


Triple = tuple[Expressions, Expressions, Expressions]


@operation(
    "aten.native_layer_norm.default",
    meaning="b (a − mean) / √(variance + ε) + c over the last dimensions, the mean, 1/√(…)",
)
def layer_norm(x: Expressions, shape: Any, weight: Any, bias: Any, eps: Any) -> Triple:
    axes = tuple(range(x.ndim - len(shape), x.ndim))
    if x.shape[x.ndim - len(shape) :] != tuple(shape):
        raise ValueError(f"{x.shape} does not end in {shape}")
    result, mean, factor = normalized(x, axes, eps)
    return weighed(result, weight, bias), mean, factor


@operation("aten.native_group_norm.default", meaning="the same over groups of channels")
def group_norm(
    x: Expressions, weight: Any, bias: Any, batch: int, channels: int, rest: int, groups: int, eps: Any
) -> Triple:
    grouped = x.reshape(batch, groups, channels // groups * rest)
    result, mean, factor = normalized(grouped, (2,), eps)
    spread = (channels, *(1,) * (x.ndim - 2))
    per_channel = [None if part is None else part.reshape(spread) for part in (weight, bias)]
    return weighed(result.reshape(x.shape), *per_channel), mean[..., 0], factor[..., 0]


@operation(
    "aten.native_batch_norm.default",
    "aten._native_batch_norm_legit.no_stats",
    meaning="the same over the batch, with its own statistics",
)
def batch_norm(x: Expressions, weight: Any, bias: Any, *rest: Any) -> Triple:
    *statistics, training, _momentum, eps = rest
    if not training or any(statistic is not None for statistic in statistics):
        raise ValueError("running statistics")
    axes = (0, *range(2, x.ndim))
    result, mean, factor = normalized(x, axes, eps)
    spread = (-1, *(1,) * (x.ndim - 2))
    per_channel = [None if part is None else part.reshape(spread) for part in (weight, bias)]
    return weighed(result, *per_channel), mean.reshape(-1), factor.reshape(-1)
