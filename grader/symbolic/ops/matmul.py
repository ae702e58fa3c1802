"""Products of matrices and vectors."""

# ruff: noqa: ARG001 — the names and the number of the arguments are PyTorch's
from __future__ import annotations

from typing import Any

import numpy as np

from grader.model.formula import Expressions
from grader.symbolic.ops.arrays import allow, each, filled, reduced, spend
from grader.symbolic.ops.elementwise import scaled
from grader.symbolic.ops.reductions import total
from grader.symbolic.ops.registry import operation
from grader.symbolic.scalars import Scalar, add, multiply


def inner(left: list[Scalar], right: list[Scalar]) -> Scalar:
    """∑ x y"""
    return add(*(multiply(a, b) for a, b in zip(left, right, strict=True)))


def matrix_product(left: Expressions, right: Expressions) -> Expressions:
    """(n, k) and (k, m) to (n, m)."""
    (n, k), (inner_size, m) = left.shape, right.shape
    if k != inner_size:
        raise ValueError(f"({n}, {k}) times ({inner_size}, {m})")
    spend(n * k * m)
    rows, columns = left.tolist(), right.T.tolist()
    return filled((n, m), [inner(row, column) for row in rows for column in columns])


def plus(start: Any, product: Expressions, beta: Any, alpha: Any) -> Expressions:
    """β · start + α · product, where a β of zero drops even NaN."""
    weighted = scaled(alpha, product)
    total = weighted if beta == 0 else each(add, scaled(beta, start), weighted)
    if total.shape != product.shape:
        raise ValueError(f"{np.shape(start)} is added to {product.shape}")
    return total


@operation("aten.mm.default", meaning="the product of two matrices")
def mm(left: Expressions, right: Expressions) -> Expressions:
    return matrix_product(left, right)


@operation("aten.bmm.default", meaning="the products of two batches of matrices")
def bmm(left: Expressions, right: Expressions) -> Expressions:
    if left.ndim != 3 or right.ndim != 3 or len(left) != len(right):
        raise ValueError(f"{left.shape} times {right.shape}")
    products = [matrix_product(a, b) for a, b in zip(left, right, strict=True)]
    shape = (len(left), left.shape[1], right.shape[2])
    return filled(shape, [entry for product in products for entry in product.reshape(-1).tolist()])


@operation("aten.mv.default", meaning="a matrix times a vector")
def mv(matrix: Expressions, vector: Expressions) -> Expressions:
    return matrix_product(matrix, vector[:, None])[:, 0]


@operation("aten.dot.default", "aten.vdot.default", meaning="∑ a b")
def dot(left: Expressions, right: Expressions) -> Expressions:
    if left.ndim != 1:
        raise ValueError(f"{left.shape} is no vector")
    return matrix_product(left[None], right[:, None])[0, 0, ...]


@operation("aten.outer.default", "aten.ger.default", meaning="aᵢ bⱼ")
def outer(left: Expressions, right: Expressions) -> Expressions:
    return matrix_product(left[:, None], right[None])


@operation("aten.addmm.default", meaning="β a + α times the product of two matrices")
def addmm(start: Expressions, left: Expressions, right: Expressions, *, beta: Any = 1, alpha: Any = 1) -> Expressions:
    return plus(start, mm(left, right), beta, alpha)


@operation("aten.baddbmm.default", meaning="β a + α times the products of two batches of matrices")
def baddbmm(start: Expressions, left: Expressions, right: Expressions, *, beta: Any = 1, alpha: Any = 1) -> Expressions:
    return plus(start, bmm(left, right), beta, alpha)


@operation("aten.addmv.default", meaning="β a + α times a matrix times a vector")
def addmv(
    start: Expressions, matrix: Expressions, vector: Expressions, *, beta: Any = 1, alpha: Any = 1
) -> Expressions:
    return plus(start, mv(matrix, vector), beta, alpha)


@operation("aten.addbmm.default", meaning="β a + α times the sum of the products of two batches of matrices")
def addbmm(start: Expressions, left: Expressions, right: Expressions, *, beta: Any = 1, alpha: Any = 1) -> Expressions:
    products = bmm(left, right)
    return plus(start, each(add, *products) if len(products) else products.sum(0), beta, alpha)


@operation("aten.matmul.default", meaning="the matrix product of the last two dimensions")
def matmul(left: Expressions, right: Expressions) -> Expressions:
    rows = left[None] if left.ndim == 1 else left
    columns = right[:, None] if right.ndim == 1 else right
    batch = allow(np.broadcast_shapes(rows.shape[:-2], columns.shape[:-2]))
    lefts = np.broadcast_to(rows, (*batch, *rows.shape[-2:]))
    rights = np.broadcast_to(columns, (*batch, *columns.shape[-2:]))
    products = [matrix_product(lefts[index], rights[index]) for index in np.ndindex(*batch)]
    shape = (*batch, rows.shape[-2], columns.shape[-1])
    result = filled(shape, [entry for product in products for entry in product.reshape(-1).tolist()])
    result = result[..., 0] if right.ndim == 1 else result
    return result if left.ndim > 1 else (result[..., 0, :] if right.ndim > 1 else result[..., 0])


@operation("aten._trilinear.default", meaning="the sum of products of three tensors along dimensions")
def trilinear(
    first: Expressions,
    second: Expressions,
    third: Expressions,
    expand1: Any,
    expand2: Any,
    expand3: Any,
    sumdim: Any,
    unroll_dim: int = 1,
) -> Expressions:
    spread = [spread_out(x, dims) for x, dims in ((first, expand1), (second, expand2), (third, expand3))]
    products = each(multiply, *spread)
    return reduced(total, products, tuple(sumdim)) if sumdim else products


def spread_out(x: Expressions, dims: Any) -> Expressions:
    """With new dimensions of size 1 in these places of the result."""
    for dim in sorted(dims):
        x = np.expand_dims(x, dim)
    return x
