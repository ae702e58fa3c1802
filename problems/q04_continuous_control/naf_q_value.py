"""Q-learning needs the action with the highest value, and with continuous actions looking for it is an optimisation of
its own. A normalised advantage function avoids that: it makes Q quadratic in the action, with its maximum where the
network says, Q(s, a) = V(s) − ½ (a − μ)ᵀ P (a − μ). The matrix P = L Lᵀ is positive definite by construction, so that μ
is the best action and V its value.

For each of N states a network puts out `value`, which is V; `mean`, which is μ; and `entries`, a matrix of D × D
unrestricted numbers, of which L is made: below the diagonal L has the entries as they are, on the diagonal it has their
exponential, and above the diagonal it is 0, whatever stands there in `entries`. `actions` holds one action for each
state. The gradient is asked for with respect to all four.

The result has one value for each state, in the inputs' dtype and on their device. Leave the inputs as they are.
"""

import numpy as np
import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Near, Normal
from grader.model.signature import Gradient, Signature, Tensor
from problems.notation import exp
from reference.continuous import naf_q_value


def _below_the_diagonal(entries):
    return torch.tril(entries, diagonal=-1)


def _on_the_diagonal(entries):
    return torch.diag_embed(torch.diagonal(entries, dim1=-2, dim2=-1))


def _of_its_exponential(entries):
    return torch.diag_embed(torch.diagonal(entries, dim1=-2, dim2=-1).exp())


def _lower(entries):
    return _below_the_diagonal(entries) + _of_its_exponential(entries)


def _quadratic(precision, offset):
    return torch.einsum("ni,nij,nj->n", offset, precision, offset)


def transposed_product(value, mean, entries, actions):
    """You use P = Lᵀ L. Asked for is the Cholesky form P = L Lᵀ, which is another matrix: (a − μ)ᵀ L Lᵀ (a − μ) is the
    squared length of Lᵀ (a − μ).
    """
    lower = _lower(entries)
    return value - 0.5 * _quadratic(lower.mT @ lower, actions - mean)


def diagonal_without_the_exponential(value, mean, entries, actions):
    """You put the diagonal of `entries` into L as it is. It may be 0 there, and P is no longer positive definite: take
    its exponential.
    """
    lower = torch.tril(entries)
    return value - 0.5 * _quadratic(lower @ lower.mT, actions - mean)


def quadratic_added(value, mean, entries, actions):
    """You add the quadratic term. Then μ would be the *worst* action: the advantage is −½ (a − μ)ᵀ P (a − μ), never
    positive.
    """
    return 2 * value - naf_q_value(value, mean, entries, actions)


def half_left_out(value, mean, entries, actions):
    """You leave out the factor ½ of the quadratic term: Q = V − ½ (a − μ)ᵀ P (a − μ)."""
    return 2 * naf_q_value(value, mean, entries, actions) - value


def entries_above_the_diagonal_kept(value, mean, entries, actions):
    """You build L from all of `entries`. It is a lower triangular matrix: above the diagonal it is 0 (`torch.tril`), so
    that each P has exactly one L with a positive diagonal.
    """
    lower = entries - _on_the_diagonal(entries) + _of_its_exponential(entries)
    return value - 0.5 * _quadratic(lower @ lower.mT, actions - mean)


def exponential_of_every_entry(value, mean, entries, actions):
    """You take the exponential of every entry of L. It only belongs to the diagonal, which has to be positive; below
    the diagonal the entries stay as they are, and may be negative.
    """
    lower = torch.tril(entries.exp())
    return value - 0.5 * _quadratic(lower @ lower.mT, actions - mean)


def entries_below_the_diagonal_left_out(value, mean, entries, actions):
    """You use the diagonal alone, so that each dimension of the action has a curvature of its own. L also has the
    entries below the diagonal, which let dimensions depend on each other.
    """
    diagonal = _of_its_exponential(entries)
    return value - 0.5 * _quadratic(diagonal @ diagonal, actions - mean)


def factor_for_the_matrix(value, mean, entries, actions):
    """You put L itself between (a − μ)ᵀ and (a − μ). The matrix there is P = L Lᵀ: multiply L with its transpose."""
    return value - 0.5 * _quadratic(_lower(entries), actions - mean)


def _other_numbers_above_the_diagonal(inputs):
    return {"entries": inputs["entries"] + 8 * torch.triu(torch.ones_like(inputs["entries"]), diagonal=1)}


def formula(value, mean, entries, actions):
    """Q = V − ½ Σ_ij (a − μ)_i P_ij (a − μ)_j, with P_ij = Σ_k L_ik L_jk."""
    size = mean.shape[-1]

    def factor(n, i, k):
        if i < k:
            return 0
        return exp(entries[n, i, i]) if i == k else entries[n, i, k]

    def q_value(n):
        offset = actions[n] - mean[n]
        lower = np.array([[factor(n, i, k) for k in range(size)] for i in range(size)], dtype=object)
        return value[n] - offset @ (lower @ lower.T) @ offset / 2

    return [q_value(n) for n in range(len(value))]


PROBLEM = Problem(
    title="Normalised advantage function",
    source="Assignment question 4 (NAF); Gu et al. 2016, §4",
    statement=__doc__,
    formula=Formula(
        r"Q(s, a) = V(s) - \frac{1}{2} \, (a - \mu(s))^{\top} P(s) \, (a - \mu(s)), \quad P = L L^{\top}, \quad"
        r" L_{ij} = \begin{cases} x_{ij} & i > j \\ e^{x_{ii}} & i = j \\ 0 & i < j \end{cases}",
        formula,
        (Instance({"N": 2, "D": 3}), Instance({"N": 3, "D": 1})),
    ),
    signature=Signature(
        {
            "value": Tensor("N", "V, the value of the best action", gradient=Gradient.GRADED),
            "mean": Tensor("N D", "μ, the best action", gradient=Gradient.GRADED),
            "entries": Tensor("N D D", "what L is made of", Normal(0.0, 0.7), Gradient.GRADED),
            "actions": Tensor("N D", "the actions to be valued", Near("mean", 1.0), Gradient.GRADED),
        },
        returns="N",
    ),
    reference=naf_q_value,
    examples=(
        Example("two dimensions", {"N": 7, "D": 2}),
        Example("actions near the best ones", {"N": 7, "D": 3}, {"actions": Near("mean", 0.1)}),
    ),
    edges=(
        Example("a single state", {"N": 1, "D": 3}),
        Example("one dimension", {"N": 5, "D": 1}),
        Example("the actions are the best ones", {"N": 3, "D": 3}, {"actions": Near("mean", 0.0)}),
        Example("all entries are 0", {"N": 3, "D": 2}, {"entries": [[[0.0, 0.0], [0.0, 0.0]]] * 3}),
        Example("flat and steep directions", {"N": 2, "D": 2}, {"entries": [[[-20.0, 3.0], [0.5, 5.0]]] * 2}),
        Example("thirty-two dimensions", {"N": 3, "D": 32}),
        Example("ten thousand states", {"N": 10_000, "D": 2}),
    ),
    checks=(
        Agreement(2),
        Symbolic(2),
        full_precision(1),
        Gradients(2),
        Edges(1),
        Invariance(
            "upper_triangle",
            1,
            "the entries above the diagonal count for nothing",
            change=_other_numbers_above_the_diagonal,
        ),
        Contract(1),
    ),
    misconceptions=(
        transposed_product,
        diagonal_without_the_exponential,
        quadratic_added,
        half_left_out,
        entries_above_the_diagonal_kept,
        exponential_of_every_entry,
        entries_below_the_diagonal_left_out,
        factor_for_the_matrix,
    ),
)
