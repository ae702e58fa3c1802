"""Attention begins with a similarity: how well does each key fit each query? The dot product of two random vectors
grows like √d_k with their dimension; dividing by √d_k keeps the scores in a range where the softmax that follows has a
useful gradient.

`queries` and `keys` may have any number of batch dimensions, the same for both. The result holds one row for each query
and one column for each key: (..., L_q, L_k). It is the score itself, before any softmax. Both `queries` and `keys` are
differentiated.

The result has the inputs' dtype and device. Leave the inputs as they are.
"""

import math

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Signature, Tensor
from problems.notation import sqrt
from reference.attention import scaled_dot_product_score


def _dot_products(queries, keys):
    return queries @ keys.transpose(-2, -1)


def scaled_by_the_dimension(queries, keys):
    """You divide by d_k. The dot product of random vectors grows like √d_k, so that is what it is divided by."""
    return _dot_products(queries, keys) / keys.shape[-1]


def scaled_by_the_length(queries, keys):
    """You divide by the square root of the number of keys. What makes dot products large is the dimension of the
    vectors: take the size of the *last* axis, d_k.
    """
    return _dot_products(queries, keys) / math.sqrt(keys.shape[-2])


def not_scaled(queries, keys):
    """You leave the scale out: that is the plain dot-product score. Divide by √d_k."""
    return _dot_products(queries, keys)


def multiplied_by_the_root(queries, keys):
    """You multiply by √d_k. The scale is to make large scores smaller: divide by it."""
    return _dot_products(queries, keys) * math.sqrt(keys.shape[-1])


def transposed(queries, keys):
    """You have queries and keys the wrong way round: your result has one row for each key. It is Q Kᵀ, one row for each
    query.
    """
    return scaled_dot_product_score(keys, queries)


def softmax_already_applied(queries, keys):
    """You return attention weights: the softmax is already applied. The score is what goes into it."""
    return torch.softmax(scaled_dot_product_score(queries, keys), dim=-1)


def cosine_instead(queries, keys):
    """You divide by the lengths of the vectors. That is cosine similarity, a score of its own; here all pairs are
    divided by the same √d_k.
    """
    lengths = queries.norm(dim=-1)[..., :, None] * keys.norm(dim=-1)[..., None, :]
    return _dot_products(queries, keys) / lengths


def divided_by_the_lengths_of_the_queries(queries, keys):
    """You divide each row by the length of its query. The scale depends on the dimension alone: divide by √d_k, the
    same number everywhere.
    """
    return _dot_products(queries, keys) / queries.norm(dim=-1, keepdim=True)


def formula(queries, keys):
    """score_ij = q_i · k_j / √d_k."""
    d_k = queries.shape[-1]
    return [[(q * k).sum() / sqrt(d_k) for k in keys] for q in queries]


PROBLEM = Problem(
    title="Scaled dot-product score",
    source="Assignment question 10; Vaswani et al. 2017, eq. 1",
    statement=__doc__,
    formula=Formula(
        r"\mathrm{score}(Q, K)_{ij} = \frac{q_i \cdot k_j}{\sqrt{d_k}}",
        formula,
        (Instance({"L_q": 2, "L_k": 3, "d_k": 4}, batch=(2,)), Instance({"L_q": 3, "L_k": 2, "d_k": 1})),
    ),
    signature=Signature(
        {
            "queries": Tensor("... L_q d_k", "one query for each row of the result", gradient=Gradient.GRADED),
            "keys": Tensor("... L_k d_k", "one key for each column of it", gradient=Gradient.GRADED),
        },
        returns="... L_q L_k",
        usual_batch=1,
    ),
    reference=scaled_dot_product_score,
    examples=(
        Example("vectors of dimension 64", {"L_q": 5, "L_k": 7, "d_k": 64}),
        Example("one sequence with itself", {"L_q": 5, "L_k": 5, "d_k": 3}),
    ),
    edges=(
        Example("a single query and a single key", {"L_q": 1, "L_k": 1, "d_k": 5}),
        Example("vectors of dimension 1", {"d_k": 1}),
        Example("queries that are 0", values={"queries": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]}),
        Example("very different sizes", {"d_k": 7}, {"queries": Normal(0.0, 1000.0), "keys": Normal(0.0, 0.001)}),
        Example("a hundred positions", {"L_q": 101, "L_k": 103, "d_k": 8}),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        Invariance(
            "linearity",
            1,
            "twice the queries give twice the scores",
            change=lambda inputs: {"queries": 2 * inputs["queries"]},
            expected=lambda result, _: 2 * result,
        ),
        Contract(1),
    ),
    misconceptions=(
        scaled_by_the_dimension,
        scaled_by_the_length,
        not_scaled,
        multiplied_by_the_root,
        transposed,
        softmax_already_applied,
        cosine_instead,
        divided_by_the_lengths_of_the_queries,
    ),
)
