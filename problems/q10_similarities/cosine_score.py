"""Cosine similarity looks at directions alone: it is the dot product divided by the lengths of both vectors, the cosine
of the angle between them, between −1 and 1. A key that is ten times as long is no better a match.

A vector of zeros has no direction, so the divisor is kept away from 0: the *product* of the two lengths is clamped
below at ε, the positive argument `eps`, as max(‖q‖ ‖k‖, ε). Where it is larger, ε changes nothing; it is not added.
(`torch.nn.functional.cosine_similarity` clamps each length by itself. That is another function where a vector is
short.)

`queries` and `keys` may have any number of batch dimensions, the same for both. The result holds one row for each query
and one column for each key: (..., L_q, L_k). Both `queries` and `keys` are differentiated; a vector of zeros has the
score 0, and gradients are finite there too, those of q · k / ε.

The result has the inputs' dtype and device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.notation import maximum, sqrt
from reference.similarity import cosine_score


def _dot_products(queries, keys):
    return queries @ keys.transpose(-2, -1)


def _lengths(queries, keys):
    return queries.norm(dim=-1)[..., :, None] * keys.norm(dim=-1)[..., None, :]


def not_normalised(queries, keys, eps):
    """You return the plain dot product. Divide it by the lengths of both vectors: only directions are to count."""
    return _dot_products(queries, keys)


def divided_by_the_lengths_of_the_queries(queries, keys, eps):
    """You divide by the length of the query alone. Then a long key still looks like a good match: divide by the product
    of both lengths.
    """
    return _dot_products(queries, keys) / queries.norm(dim=-1, keepdim=True).clamp(min=eps)


def divided_by_the_squared_lengths(queries, keys, eps):
    """You divide by the squared lengths, ‖q‖² ‖k‖². A vector's length is the *root* of the sum of its squares; a vector
    compared with itself has cosine 1.
    """
    return _dot_products(queries, keys) / _lengths(queries, keys).square().clamp(min=eps)


def eps_added(queries, keys, eps):
    """You add ε to the product of the lengths, which makes every cosine a little too small. It is a lower bound: take
    max(‖q‖ ‖k‖, ε).
    """
    return _dot_products(queries, keys) / (_lengths(queries, keys) + eps)


def eps_ignored(queries, keys, eps):
    """You leave ε out. Then a vector of zeros gives 0 / 0, which is NaN; divide by max(‖q‖ ‖k‖, ε)."""
    return _dot_products(queries, keys) / _lengths(queries, keys)


def each_length_clamped_alone(queries, keys, eps):
    """You clamp each length by itself, as `torch.nn.functional.cosine_similarity` does. Here it is their *product* that
    is kept at ε or above: max(‖q‖ ‖k‖, ε).
    """
    lengths_q, lengths_k = queries.norm(dim=-1).clamp(min=eps), keys.norm(dim=-1).clamp(min=eps)
    return _dot_products(queries, keys) / (lengths_q[..., :, None] * lengths_k[..., None, :])


def transposed(queries, keys, eps):
    """You have queries and keys the wrong way round: your result has one row for each key. It is Q Kᵀ over the lengths,
    one row for each query.
    """
    return cosine_score(keys, queries, eps)


def root_of_the_sum_of_squares(queries, keys, eps):
    """You compute lengths as the root of a sum of squares. That is right as a value, but the derivative of √ at 0 is
    infinite, and the gradient of a vector of zeros becomes 0 · ∞ = NaN. `torch.linalg.vector_norm` takes 0 for it.
    """
    lengths_q, lengths_k = queries.square().sum(dim=-1).sqrt(), keys.square().sum(dim=-1).sqrt()
    return _dot_products(queries, keys) / (lengths_q[..., :, None] * lengths_k[..., None, :]).clamp(min=eps)


def _twice_and_four_times_as_long(vectors):
    factors = 2.0 ** (1 + torch.arange(vectors.shape[-2], dtype=vectors.dtype) % 2)
    return vectors * factors[:, None]


def formula(queries, keys, eps):
    """score_ij = q_i · k_j / max(‖q_i‖ ‖k_j‖, ε)."""

    def length(vector):
        return sqrt((vector**2).sum())

    return [[(q * k).sum() / maximum(length(q) * length(k), eps) for k in keys] for q in queries]


PROBLEM = Problem(
    title="Cosine score",
    source="Assignment question 10; Graves et al. 2014, eq. 6",
    statement=__doc__,
    formula=Formula(
        r"\mathrm{score}(Q, K)_{ij} = \frac{q_i \cdot k_j}{\max(\|q_i\| \, \|k_j\|, \; \varepsilon)}",
        formula,
        (
            Instance({"L_q": 1, "L_k": 2, "d": 2}, {"eps": 2.0}),
            Instance({"L_q": 3, "L_k": 1, "d": 2}, {"eps": 1e-8}),
            Instance({"L_q": 2, "L_k": 3, "d": 1}, {"eps": 2.0}, batch=(2,)),
        ),
    ),
    signature=Signature(
        {
            "queries": Tensor("... L_q d", "one query for each row of the result", gradient=Gradient.GRADED),
            "keys": Tensor("... L_k d", "one key for each column of it", gradient=Gradient.GRADED),
            "eps": Number("least product of the two lengths, positive", (1e-8, 1e-6, 1e-7), 0.5),
        },
        returns="... L_q L_k",
        usual_batch=1,
    ),
    speed=Speed(
        gpu=Scale({"L_q": 1024, "L_k": 1024, "d": 64}, (16,)),
        cpu=Scale({"L_q": 256, "L_k": 256, "d": 64}, (8,)),
        operations=lambda n: n["L_q"] * n["L_k"] * n["d"],
    ),
    reference=cosine_score,
    examples=(
        Example("vectors of dimension 64", {"L_q": 5, "L_k": 7, "d": 64}),
        Example("keys a thousand times as long", {"d": 5}, {"keys": Normal(0.0, 1000.0)}, batch=(2,)),
    ),
    edges=(
        Example("a query of zeros", values={"queries": [[0.0, 0.0, 0.0], [1.0, -2.0, 0.5]], "eps": 1e-6}),
        Example("a key of zeros", values={"keys": [[0.0, 0.0], [1.0, 2.0], [-3.0, 0.5]], "eps": 1e-6}),
        Example(
            "lengths with a product below ε",
            values={"queries": [[0.3, 0.4], [3.0, 4.0]], "keys": [[-0.3, 0.4], [0.4, 0.3], [8.0, 6.0]], "eps": 0.375},
        ),
        Example(
            "one of the lengths below ε, their product above it",
            values={"queries": [[0.03, 0.04], [3.0, 4.0]], "keys": [[-30.0, 40.0], [0.6, -0.8]], "eps": 0.25},
        ),
        Example("parallel and opposite vectors", values={"queries": [[1.0, 2.0]], "keys": [[3.0, 6.0], [-2.0, -4.0]]}),
        Example("a single query and a single key", {"L_q": 1, "L_k": 1, "d": 5}),
        Example("vectors of dimension 1", {"d": 1}, gradient=False),  # the sign of a number: flat, and all is rounding
        Example("a hundred positions", {"L_q": 101, "L_k": 103, "d": 8}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(1),
        Edges(1),
        Invariance(
            "lengths_do_not_count",
            1,
            "queries and keys that are twice and four times as long have the same scores",
            change=lambda inputs: {name: _twice_and_four_times_as_long(inputs[name]) for name in ("queries", "keys")},
        ),
        Contract(1),
    ),
    misconceptions=(
        not_normalised,
        divided_by_the_lengths_of_the_queries,
        divided_by_the_squared_lengths,
        eps_added,
        eps_ignored,
        each_length_clamped_alone,
        transposed,
        root_of_the_sum_of_squares,
    ),
    numerical=(root_of_the_sum_of_squares,),
)
