"""The simplest similarity of a query and a key is their dot product: large where both point the same way, 0 where they
are at right angles, negative where they point in opposite directions. Nothing is learnt and nothing is divided, so the
lengths of the vectors count as much as their directions.

`queries` and `keys` may have any number of batch dimensions, the same for both. The result holds one row for each query
and one column for each key: (..., L_q, L_k). It is the score itself, before any softmax and without a scale. Both
`queries` and `keys` are differentiated.

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
from reference.similarity import dot_product_score


def scaled_by_the_root_of_the_dimension(queries, keys):
    """You divide by √d. That is the *scaled* dot product, a score of its own; here the plain one is asked for: leave
    the division out.
    """
    return dot_product_score(queries, keys) / math.sqrt(keys.shape[-1])


def scaled_by_the_dimension(queries, keys):
    """You divide by d, so you take the mean of the products of the features. The dot product is their sum."""
    return dot_product_score(queries, keys) / keys.shape[-1]


def scaled_by_the_length(queries, keys):
    """You divide by the square root of the number of keys. A score is about one query and one key: how many other keys
    there are doesn't enter it, and nothing is divided here.
    """
    return dot_product_score(queries, keys) / math.sqrt(keys.shape[-2])


def divided_by_the_lengths_of_the_queries(queries, keys):
    """You divide each row by the length of its query. In a dot product the lengths count: a query that is twice as long
    has scores that are twice as large. Leave the division out.
    """
    return dot_product_score(queries, keys) / queries.norm(dim=-1, keepdim=True)


def cosine_instead(queries, keys):
    """You divide by the lengths of both vectors. That is cosine similarity, a score of its own; here nothing is
    divided: the lengths are to count.
    """
    lengths = queries.norm(dim=-1)[..., :, None] * keys.norm(dim=-1)[..., None, :]
    return dot_product_score(queries, keys) / lengths


def transposed(queries, keys):
    """You have queries and keys the wrong way round: your result has one row for each key. It is Q Kᵀ, one row for each
    query.
    """
    return dot_product_score(keys, queries)


def softmax_already_applied(queries, keys):
    """You return attention weights: the softmax is already applied. The score is what goes into it."""
    return torch.softmax(dot_product_score(queries, keys), dim=-1)


def formula(queries, keys):
    """score_ij = q_i · k_j."""
    return [[(q * k).sum() for k in keys] for q in queries]


PROBLEM = Problem(
    title="Dot-product score",
    source="Assignment question 10; Luong et al. 2015, §3.1 (dot)",
    statement=__doc__,
    formula=Formula(
        r"\mathrm{score}(Q, K)_{ij} = q_i \cdot k_j",
        formula,
        (Instance({"L_q": 2, "L_k": 3, "d": 4}, batch=(2,)), Instance({"L_q": 3, "L_k": 2, "d": 1})),
    ),
    signature=Signature(
        {
            "queries": Tensor("... L_q d", "one query for each row of the result", gradient=Gradient.GRADED),
            "keys": Tensor("... L_k d", "one key for each column of it", gradient=Gradient.GRADED),
        },
        returns="... L_q L_k",
        usual_batch=1,
    ),
    reference=dot_product_score,
    examples=(
        Example("vectors of dimension 64", {"L_q": 5, "L_k": 7, "d": 64}),
        Example("one sequence with itself", {"L_q": 5, "L_k": 5, "d": 3}),
    ),
    edges=(
        Example("a single query and a single key", {"L_q": 1, "L_k": 1, "d": 5}),
        Example("vectors of dimension 1", {"d": 1}),
        Example("queries that are 0", values={"queries": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]}),
        Example("vectors at right angles", values={"queries": [[1.0, 2.0]], "keys": [[-2.0, 1.0], [4.0, -2.0]]}),
        Example("very different sizes", {"d": 7}, {"queries": Normal(0.0, 1000.0), "keys": Normal(0.0, 0.001)}),
        Example("a hundred positions", {"L_q": 101, "L_k": 103, "d": 8}),
    ),
    checks=(Agreement(1), Symbolic(1), full_precision(1), Gradients(1), Edges(1), Contract(1)),
    misconceptions=(
        scaled_by_the_root_of_the_dimension,
        scaled_by_the_dimension,
        scaled_by_the_length,
        divided_by_the_lengths_of_the_queries,
        cosine_instead,
        transposed,
        softmax_already_applied,
    ),
)
