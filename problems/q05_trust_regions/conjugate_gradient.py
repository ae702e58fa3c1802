"""TRPO needs the solution x of F x = g, for a Fisher information F that is too large to be inverted or even written
down. Conjugate gradients get close to it with a few products F p. Each step moves along a direction p that is conjugate
to all earlier ones (pᵀ F p' = 0), so that no step spoils what another one has gained, and after n steps the solution
would be exact but for rounding.

`matrix` is A, symmetric and positive definite, `vector` is b. Start from x = 0, with the residual r = b as the first
direction, and take exactly `iterations` steps (a Python int):

- α = rᵀr / pᵀA p, then x ← x + α p, and r' = r − α A p;
- β = r'ᵀr' / rᵀr, then p ← r' + β p.

Two things can go wrong at the end. Once the residual is zero to rounding there is nothing left to be done, and the next
quotient would be 0 / 0: stop early there, or go on without changing x, but give no NaN. And don't stop before: what
counts as zero is a matter of the length of b, which may be as small as 10⁻⁶, and of the precision of its dtype. There
may be more iterations than dimensions. With 0 iterations the result is 0.

No gradient is asked of the result. It has the inputs' dtype and device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal, PositiveDefinite
from grader.model.signature import Number, Signature, Tensor
from reference.optimisation import conjugate_gradient


def _quotient(numerator, denominator):
    return torch.nan_to_num(numerator / denominator, nan=0.0, posinf=0.0)


def _share(residual, before):
    """β = r'ᵀr' / rᵀr."""
    return _quotient(residual @ residual, before @ before)


def _iterate(matrix, vector, iterations, beta=_share, curvature_along=lambda _, direction: direction):
    """Conjugate gradients with a β of one's own, and a step that is as long as is best along another vector."""
    x, residual, direction = torch.zeros_like(vector), vector, vector
    for _ in range(iterations):
        along = curvature_along(residual, direction)
        alpha = _quotient(residual @ residual, along @ (matrix @ along))
        x = x + alpha * direction
        before, residual = residual, residual - alpha * (matrix @ direction)
        direction = residual + beta(residual, before) * direction
    return x


def steepest_descent(matrix, vector, iterations):
    """You go along the residual in every step. That is steepest descent, which zigzags: a step undoes part of the
    steps before. The new direction keeps a share β of the old one, p ← r' + β p.
    """
    return _iterate(matrix, vector, iterations, beta=lambda *_: 0.0)


def beta_not_squared(matrix, vector, iterations):
    """You take β = ‖r'‖ / ‖r‖. Only with the squares, r'ᵀr' / rᵀr, is the new direction conjugate to the old one."""
    return _iterate(matrix, vector, iterations, beta=lambda residual, before: _quotient(residual.norm(), before.norm()))


def beta_inverted(matrix, vector, iterations):
    """You divide the old residual by the new one. β = r'ᵀr' / rᵀr has the *new* one on top: it becomes small as the
    residual does.
    """
    return _iterate(matrix, vector, iterations, beta=lambda residual, before: _share(before, residual))


def curvature_along_the_residual(matrix, vector, iterations):
    """You divide by rᵀA r. The step goes along p, and how far is best depends on the curvature along *p*: divide by
    pᵀA p. (In the first step the two are the same.)
    """
    return _iterate(matrix, vector, iterations, curvature_along=lambda residual, _: residual)


def one_step_too_many(matrix, vector, iterations):
    """You take one step more than `iterations`. Count how often x is updated: `for _ in range(iterations)`."""
    return conjugate_gradient(matrix, vector, iterations + 1)


def one_step_too_few(matrix, vector, iterations):
    """You take one step less than `iterations`. The first step, along b itself, counts as one: `for _ in
    range(iterations)`.
    """
    return conjugate_gradient(matrix, vector, max(iterations - 1, 0))


def solved_exactly(matrix, vector, iterations):
    """You solve the system exactly, whatever `iterations` says. For a real network the matrix is far too large for
    that. Asked for is what conjugate gradients have reached after that many steps.
    """
    return torch.linalg.solve(matrix, vector)


def divides_by_zero_when_solved(matrix, vector, iterations):
    """You divide 0 by 0 once the system is solved: the residual and with it the direction have become 0, and the result
    is NaN. Stop when the residual is zero to rounding.
    """
    x, residual, direction = torch.zeros_like(vector), vector, vector
    for _ in range(iterations):
        alpha = (residual @ residual) / (direction @ (matrix @ direction))
        x = x + alpha * direction
        before, residual = residual, residual - alpha * (matrix @ direction)
        direction = residual + (residual @ residual) / (before @ before) * direction
    return x


def stops_at_an_absolute_tolerance(matrix, vector, iterations):
    """You stop as soon as rᵀr falls below 10⁻¹⁰. A short b is that small from the start, and then you return 0; for
    other ones you give away half of the digits of float64. Compare with what rounding leaves of *b*: stop where
    rᵀr ≤ eps² · bᵀb.
    """
    x, residual, direction = torch.zeros_like(vector), vector, vector
    for _ in range(iterations):
        going_on = (residual @ residual >= 1e-10).to(vector.dtype)
        alpha = going_on * _quotient(residual @ residual, direction @ (matrix @ direction))
        x = x + alpha * direction
        before, residual = residual, residual - alpha * (matrix @ direction)
        direction = residual + _share(residual, before) * direction
    return x


def _twice_the_identity(inputs):
    return {"matrix": 2 * torch.eye(len(inputs["vector"]), dtype=torch.float64)}


def formula(matrix, vector, iterations):
    """x_0 = 0, p_0 = r_0 = b; α = rᵀr / pᵀAp, x ← x + α p, r' = r − α A p, β = r'ᵀr' / rᵀr, p ← r' + β p."""
    x, r, p = 0 * vector, vector, vector
    for _ in range(iterations):
        alpha = (r @ r) / (p @ matrix @ p)
        x = x + alpha * p
        following = r - alpha * (matrix @ p)
        beta = (following @ following) / (r @ r)
        r, p = following, following + beta * p
    return x


PROBLEM = Problem(
    title="Conjugate gradients",
    source="Assignment question 5; Hestenes & Stiefel 1952; Schulman et al. 2015, appendix C",
    statement=__doc__,
    formula=Formula(
        r"x_{k+1} = x_k + \alpha_k p_k, \quad r_{k+1} = r_k - \alpha_k A p_k, \quad "
        r"p_{k+1} = r_{k+1} + \beta_k p_k, \quad \alpha_k = \frac{r_k^T r_k}{p_k^T A p_k}, \quad "
        r"\beta_k = \frac{r_{k+1}^T r_{k+1}}{r_k^T r_k}, \quad x_0 = 0, \; r_0 = p_0 = b",
        formula,
        (
            Instance({"n": 3}, {"matrix": [[1.0, 0.5, 0.0], [0.5, 2.0, 0.25], [0.0, 0.25, 3.0]], "iterations": 1}),
            Instance({"n": 2}, {"matrix": [[2.0, 0.5], [0.5, 1.0]], "iterations": 2}),
            Instance({"n": 2}, {"matrix": [[2.0, 0.5], [0.5, 1.0]], "vector": [1e-6, 2e-6], "iterations": 1}),
        ),
    ),
    signature=Signature(
        {
            "matrix": Tensor("n n", "A, symmetric and positive definite", PositiveDefinite()),
            "vector": Tensor("n", "b, the right-hand side"),
            "iterations": Number("how many steps to take", (2, 3, 4), 2),
        },
        returns="n",
    ),
    reference=conjugate_gradient,
    examples=(
        Example("a single step", {"n": 7}, {"iterations": 1}),
        Example("ten steps, of eleven that would solve it", {"n": 11}, {"iterations": 10}),
        Example("six steps in thirty-one dimensions", {"n": 31}, {"iterations": 6}),
    ),
    edges=(
        Example("no step at all", {"n": 3}, {"iterations": 0}),
        Example("a single dimension", {"n": 1}, {"iterations": 1}),
        Example("as many steps as dimensions", {"n": 3}, {"iterations": 3}),
        Example("thirty steps in three dimensions", {"n": 3}, {"iterations": 30}),
        Example(
            "forty steps with eigenvalues of 0.001",  # here pᵀA p rounds to 0 before rᵀr does
            values={
                "matrix": [[0.001, 0.0, 0.0], [0.0, 0.002, 0.0], [0.0, 0.0, 0.003]],
                "vector": [1.0, -2.0, 0.5],
                "iterations": 40,
            },
        ),
        Example(
            "solved by the first step",
            values={"matrix": [[2.0, 0.0], [0.0, 2.0]], "vector": [3.0, -1.0], "iterations": 5},
        ),
        Example("a right-hand side of 0", values={"vector": [0.0, 0.0, 0.0], "iterations": 3}),
        Example("a right-hand side of length 10⁻⁶", {"n": 5}, {"vector": Normal(0.0, 1e-6), "iterations": 3}),
        Example("a hundred dimensions", {"n": 101}, {"iterations": 10}),
    ),
    checks=(
        Agreement(4),
        Symbolic(1),
        full_precision(1),
        Edges(2),
        Invariance(
            "solved_at_once",
            1,
            "where the first step solves the system, further steps leave its solution as it is",
            change=_twice_the_identity,
            expected=lambda _, changed: torch.linalg.solve(changed["matrix"], changed["vector"]),
        ),
        Contract(1),
    ),
    misconceptions=(
        steepest_descent,
        beta_not_squared,
        beta_inverted,
        curvature_along_the_residual,
        one_step_too_many,
        one_step_too_few,
        solved_exactly,
        divides_by_zero_when_solved,
        stops_at_an_absolute_tolerance,
    ),
    numerical=(divides_by_zero_when_solved,),
)
