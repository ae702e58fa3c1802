"""Multiplicative attention puts a learnt matrix between query and key, so that what counts as similar is learnt: W may
weigh features, or compare one feature of the query with another one of the key. With W = 1 it is the plain dot product.

`queries` and `keys` may have any number of batch dimensions, the same for both; `w` is a square matrix of shape (d, d),
in general not a symmetric one, that the whole batch shares. The result holds one row for each query and one column for
each key: (..., L_q, L_k). It is the score itself, before any softmax and without a scale. All three inputs are
differentiated.

The result has the inputs' dtype and device. Leave the inputs as they are.
"""

import math

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Signature, Tensor
from grader.model.speed import Scale, Speed
from reference.similarity import multiplicative_score


def w_transposed(queries, keys, w):
    """You use the transpose of W: qᵀ Wᵀ k, which is kᵀ W q. Rows of W belong to the query and columns to the key:
    `queries @ w @ keys.mT`.
    """
    return multiplicative_score(queries, keys, w.T)


def w_left_out(queries, keys, w):
    """You don't use W: that is the plain dot product. Multiply the queries by W first, `queries @ w`."""
    return queries @ keys.transpose(-2, -1)


def diagonal_of_w_alone(queries, keys, w):
    """You multiply feature by feature, with the diagonal of W. The other elements of W compare *different* features of
    query and key: take the product of matrices, `@`.
    """
    return (queries * w.diagonal()) @ keys.transpose(-2, -1)


def keys_multiplied_too(queries, keys, w):
    """You multiply both queries and keys by W. It stands once between the two: qᵀ W k."""
    return (queries @ w) @ (keys @ w).transpose(-2, -1)


def scaled_by_the_root_of_the_dimension(queries, keys, w):
    """You divide by √d. That belongs to the scaled dot product; here W is learnt, and its scale with it: leave the
    division out.
    """
    return multiplicative_score(queries, keys, w) / math.sqrt(keys.shape[-1])


def transposed(queries, keys, w):
    """Your result has one row for each key. It is to have one row for each query and one column for each key: qᵀ W k
    begins with the query.
    """
    return multiplicative_score(queries, keys, w).transpose(-2, -1)


def softmax_already_applied(queries, keys, w):
    """You return attention weights: the softmax is already applied. The score is what goes into it."""
    return torch.softmax(multiplicative_score(queries, keys, w), dim=-1)


def formula(queries, keys, w):
    """score_ij = q_iᵀ W k_j."""
    return [[q @ w @ k for k in keys] for q in queries]


PROBLEM = Problem(
    title="Multiplicative score",
    source="Assignment question 10; Luong et al. 2015, §3.1 (general)",
    statement=__doc__,
    formula=Formula(
        r"\mathrm{score}(Q, K)_{ij} = q_i^T W k_j",
        formula,
        (Instance({"L_q": 2, "L_k": 3, "d": 4}, batch=(2,)), Instance({"L_q": 3, "L_k": 1, "d": 2})),
    ),
    signature=Signature(
        {
            "queries": Tensor("... L_q d", "one query for each row of the result", gradient=Gradient.GRADED),
            "keys": Tensor("... L_k d", "one key for each column of it", gradient=Gradient.GRADED),
            "w": Tensor("d d", "the learnt matrix: rows for the query, columns for the key", gradient=Gradient.GRADED),
        },
        returns="... L_q L_k",
        usual_batch=1,
    ),
    speed=Speed(
        gpu=Scale({"L_q": 1024, "L_k": 1024, "d": 64}, (16,)),
        cpu=Scale({"L_q": 256, "L_k": 256, "d": 64}, (8,)),
        operations=lambda n: n["L_q"] * n["L_k"] * n["d"] + min(n["L_q"], n["L_k"]) * n["d"] ** 2,
    ),
    reference=multiplicative_score,
    examples=(
        Example("vectors of dimension 64", {"L_q": 5, "L_k": 7, "d": 64}),
        Example("one sequence with itself", {"L_q": 5, "L_k": 5, "d": 3}),
        Example(
            "W compares the first feature with the second", {"L_q": 3}, {"w": [[0.0, 1.0], [0.0, 0.0]]}, batch=(2,)
        ),
    ),
    edges=(
        Example("W = 1", {"L_q": 2, "L_k": 5}, {"w": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]}),
        Example("a single query and a single key", {"L_q": 1, "L_k": 1, "d": 5}),
        Example("vectors of dimension 1", {"d": 1}),
        Example("very different sizes", {"d": 7}, {"queries": Normal(0.0, 1000.0), "keys": Normal(0.0, 0.001)}),
        Example("a hundred positions", {"L_q": 101, "L_k": 103, "d": 8}),
    ),
    checks=(Agreement(2), Symbolic(1), full_precision(1), Gradients(1), Edges(1), Contract(1)),
    misconceptions=(
        w_transposed,
        w_left_out,
        diagonal_of_w_alone,
        keys_multiplied_too,
        scaled_by_the_root_of_the_dimension,
        transposed,
        softmax_already_applied,
    ),
)
