"""Determinants, inverses and systems of linear equations, without rounding.

Symbolic ones go by determinants (Cramer's rule): an elimination would have to know which pivots are zero.
"""

# ruff: noqa: ARG001 — the names and the number of the arguments are PyTorch's
from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from grader.model.formula import Expressions
from grader.symbolic import conditions, scalars
from grader.symbolic.ops.arrays import allow, blank, each, filled, spend
from grader.symbolic.ops.matmul import inner
from grader.symbolic.ops.registry import operation
from grader.symbolic.refusals import NotFinite, TooLarge
from grader.symbolic.scalars import ONE, ZERO, Scalar, add, divide, multiply, negative, subtract

LARGEST_SYSTEM = 7
"""A determinant by minors takes n · 2ⁿ products."""


@dataclass(frozen=True, slots=True)
class Factored:
    """Stands for the factors of a matrix, which are only good for solving with it again."""

    matrix: Expressions

    def copy(self) -> Factored:
        return self


def determinant(matrix: Expressions) -> Scalar:
    """By the minors of the first columns, each calculated once."""
    size = square(matrix)
    spend(size * 2**size)
    columns = matrix.T.tolist()

    @cache
    def minor(column: int, rows: tuple[int, ...]) -> Scalar:
        if column == size:
            return ONE
        terms = [
            multiply((-1) ** place * columns[column][row], minor(column + 1, rows[:place] + rows[place + 1 :]))
            for place, row in enumerate(rows)
            if columns[column][row] != 0
        ]
        return add(*terms)

    return minor(0, tuple(range(size)))


def square(matrix: Expressions) -> int:
    """The size of a square matrix that is small enough."""
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise ValueError(f"{matrix.shape} is not square")
    if matrix.shape[-1] > LARGEST_SYSTEM:
        raise TooLarge(f"it solves a system of more than {LARGEST_SYSTEM} equations")
    return int(matrix.shape[-1])


def regular(value: Scalar) -> Scalar:
    """A determinant that isn't zero for certain.

    Raises:
        NotFinite: if it is.
    """
    if value == 0:
        raise NotFinite("a matrix that it solves with is singular")
    return value


def solved(matrix: Expressions, right: Expressions) -> Expressions:
    """(n, n) and (n, m) to (n, m)."""
    size = square(matrix)
    whole = regular(determinant(matrix))
    solution = blank(right.shape)
    for place in range(size):
        for column in range(right.shape[1]):
            replaced = matrix.copy()
            replaced[:, place] = right[:, column]
            solution[place, column] = divide(determinant(replaced), whole)
    return solution


def inverse(matrix: Expressions) -> Expressions:
    """(n, n) to (n, n)."""
    size = square(matrix)
    return solved(matrix, filled((size, size), [ONE if i == j else ZERO for i in range(size) for j in range(size)]))


def batched(function: Any, *arrays: Expressions) -> Expressions:
    """`function` of the matrices in the last two dimensions of arrays whose others are broadcast."""
    batch = allow(np.broadcast_shapes(*(array.shape[:-2] for array in arrays)))
    spread = [np.broadcast_to(array, (*batch, *array.shape[-2:])) for array in arrays]
    given = [function(*(array[index] for array in spread)) for index in np.ndindex(*batch)]
    return np.array(given, dtype=object).reshape((*batch, *np.shape(given[0])))


def solve(matrix: Expressions, right: Expressions, left: bool = True) -> Expressions:
    """X with A X = B, or X A = B."""
    vector = right.ndim == 1 or (right.ndim == matrix.ndim - 1 and right.shape == matrix.shape[:-1])
    columns = right[..., None] if vector else right
    if left:
        given = batched(solved, matrix, columns)
    else:
        given = batched(solved, matrix.swapaxes(-1, -2), columns.swapaxes(-1, -2)).swapaxes(-1, -2)
    return given[..., 0] if vector else given


def no_error(matrix: Expressions) -> Expressions:
    """PyTorch's code for success, for each matrix."""
    return blank(matrix.shape[:-2], ZERO)


@operation("aten._linalg_solve_ex.default", meaning="X with A X = B; its factors only for solving again")
def linalg_solve_ex(matrix: Expressions, right: Expressions, *, left: bool = True, check_errors: bool = False) -> Any:
    return solve(matrix, right, left), Factored(matrix.copy()), None, no_error(matrix)


@operation("aten.linalg_solve_ex.default", meaning="X with A X = B")
def solve_with_code(matrix: Expressions, right: Expressions, *, left: bool = True, check_errors: bool = False) -> Any:
    return solve(matrix, right, left), no_error(matrix)


@operation("aten.linalg_lu_factor_ex.default", meaning="the factors of a matrix, only for solving")
def linalg_lu_factor_ex(matrix: Expressions, *, pivot: bool = True, check_errors: bool = False) -> Any:
    square(matrix)
    return Factored(matrix.copy()), None, no_error(matrix)


@operation("aten.linalg_lu_solve.default", meaning="X with A X = B for a matrix whose factors were taken")
def linalg_lu_solve(
    factors: Factored, _pivots: Any, right: Expressions, *, left: bool = True, adjoint: bool = False
) -> Expressions:
    matrix = factors.matrix.swapaxes(-1, -2) if adjoint else factors.matrix
    columns = batched(solved, matrix, right) if left else None
    return columns if columns is not None else solve(matrix, right, left=False)


@operation("aten.linalg_inv_ex.default", meaning="the inverse")
def linalg_inv_ex(matrix: Expressions, *, check_errors: bool = False) -> tuple[Expressions, Expressions]:
    return batched(inverse, matrix), no_error(matrix)


@operation("aten._linalg_det.default", meaning="the determinant; its factors only for solving")
def linalg_det(matrix: Expressions) -> Any:
    return batched(determinant, matrix), Factored(matrix.copy()), None


@operation(
    "aten._linalg_slogdet.default",
    meaning="the sign and the logarithm of the determinant; its factors only for solving",
)
def linalg_slogdet(matrix: Expressions) -> Any:
    values = batched(determinant, matrix)
    logarithms = each(lambda value: scalars.logarithm(scalars.absolute(value)), values)
    return each(conditions.sign, values), logarithms, Factored(matrix.copy()), None


def cholesky(matrix: Expressions) -> Expressions:
    """The lower triangle L with L Lᵀ = A, for a positive definite A."""
    size = square(matrix)
    spend(size**3)
    lower = blank(matrix.shape, ZERO)
    for i in range(size):
        for j in range(i + 1):
            rest = subtract(matrix[i, j], inner(lower[i, :j].tolist(), lower[j, :j].tolist()))
            lower[i, j] = scalars.square_root(rest) if i == j else divide(rest, lower[j, j])
    return lower


@operation("aten.linalg_cholesky_ex.default", meaning="the lower triangle L with L Lᵀ = A")
def linalg_cholesky_ex(
    matrix: Expressions, *, upper: bool = False, check_errors: bool = False
) -> tuple[Expressions, Expressions]:
    lower = batched(cholesky, matrix)
    return lower.swapaxes(-1, -2) if upper else lower, no_error(matrix)


def substituted(matrix: Expressions, right: Expressions, upper: bool, unitriangular: bool) -> Expressions:
    """X with A X = B for a triangle A, row by row."""
    size = square(matrix)
    spend(size**2 * right.shape[1])
    solution = blank(right.shape, ZERO)
    for i in reversed(range(size)) if upper else range(size):
        known = range(i + 1, size) if upper else range(i)
        for column in range(right.shape[1]):
            found = add(*(multiply(matrix[i, j], solution[j, column]) for j in known))
            rest = add(right[i, column], negative(found))
            solution[i, column] = rest if unitriangular else divide(rest, matrix[i, i])
    return solution


@operation("aten.linalg_solve_triangular.default", meaning="X with A X = B, or X A = B, for a triangle A")
def linalg_solve_triangular(
    matrix: Expressions, right: Expressions, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Expressions:
    if left:
        return batched(lambda a, b: substituted(a, b, upper, unitriangular), matrix, right)
    turned = (matrix.swapaxes(-1, -2), right.swapaxes(-1, -2))
    return batched(lambda a, b: substituted(a, b, not upper, unitriangular), *turned).swapaxes(-1, -2)


@operation("aten.cholesky_solve.default", meaning="X with L Lᵀ X = B")
def cholesky_solve(right: Expressions, factor: Expressions, upper: bool = False) -> Expressions:
    lower = factor.swapaxes(-1, -2) if upper else factor
    half = batched(lambda a, b: substituted(a, b, False, False), lower, right)
    return batched(lambda a, b: substituted(a, b, True, False), lower.swapaxes(-1, -2), half)
