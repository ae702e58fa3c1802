"""A score may be taken apart into what is *said* at two positions and how they *lie* to each other. With R_ij, the
encoding of position j as seen from position i, four terms are added:

- q_i · k_j: does the content of the key answer the query?
- q_i · R_ij: does the query look for something at that place?
- u · k_j: is the key worth looking at, whoever asks?
- v · R_ij: is the place worth looking at, whoever asks?

`queries` and `keys` have shape (..., L, d_k), with any number of batch dimensions, the same for both. `relative` holds
R_ij at [i, j], in shape (L, L, d_k), and `u` and `v` have shape (d_k,); these three are shared by the whole batch. The
sum of all four terms is divided by √d_k. The result holds one row for each query i and one column for each key j:
(..., L, L). It is the score itself, before any softmax. All five inputs are differentiated.

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
from reference.relative import decomposed_relative_scores


def _terms(queries, keys, relative, u, v):
    """The four terms as they are printed, each in a shape that broadcasts to that of the result."""
    content = queries @ keys.transpose(-2, -1)
    position = torch.einsum("...id,ijd->...ij", queries, relative)
    return content, position, (keys @ u)[..., None, :], relative @ v


def u_and_v_swapped(queries, keys, relative, u, v):
    """You multiply the keys by v and the relative encodings by u. It is u that goes with the content, u · k_j, and v
    that goes with the position, v · R_ij.
    """
    return decomposed_relative_scores(queries, keys, relative, v, u)


def content_left_out(queries, keys, relative, u, v):
    """You leave out q_i · k_j. Without it no query can ask for what stands at a key: it is the score of attention
    without positions, and the other three terms are added to it.
    """
    _, position, key_bias, position_bias = _terms(queries, keys, relative, u, v)
    return (position + key_bias + position_bias) / math.sqrt(keys.shape[-1])


def query_position_term_left_out(queries, keys, relative, u, v):
    """You leave out q_i · R_ij. Without it all queries prefer the same places: no query can ask for what lies, say, two
    positions back.
    """
    content, _, key_bias, position_bias = _terms(queries, keys, relative, u, v)
    return (content + key_bias + position_bias) / math.sqrt(keys.shape[-1])


def key_bias_left_out(queries, keys, relative, u, v):
    """You leave out u · k_j, the bias that depends on the key alone. Add it to each column of the scores."""
    content, position, _, position_bias = _terms(queries, keys, relative, u, v)
    return (content + position + position_bias) / math.sqrt(keys.shape[-1])


def position_bias_left_out(queries, keys, relative, u, v):
    """You leave out v · R_ij, the bias that depends on the relative position alone. Add it to each pair."""
    content, position, key_bias, _ = _terms(queries, keys, relative, u, v)
    return (content + position + key_bias) / math.sqrt(keys.shape[-1])


def query_in_the_bias_terms(queries, keys, relative, u, v):
    """You multiply u and v by the query. The biases don't ask who is looking: they are u · k_j and v · R_ij. (What
    depends on the query alone, a softmax over the keys would forget anyway.)
    """
    content, position, _, _ = _terms(queries, keys, relative, u, v)
    return (content + position + (queries @ (u + v))[..., :, None]) / math.sqrt(keys.shape[-1])


def not_scaled(queries, keys, relative, u, v):
    """You leave out the scale. The sum of all four terms is divided by √d_k."""
    return sum(_terms(queries, keys, relative, u, v))


def content_scaled_alone(queries, keys, relative, u, v):
    """You divide the content term alone by √d_k. The fraction bar goes under all four terms: add them up first, and
    divide then.
    """
    content, *others = _terms(queries, keys, relative, u, v)
    return content / math.sqrt(keys.shape[-1]) + sum(others)


def relative_transposed(queries, keys, relative, u, v):
    """You use R_ji. The first index of `relative` is the position of the query, the second one that of the key:
    `relative[i, j]`.
    """
    return decomposed_relative_scores(queries, keys, relative.transpose(0, 1), u, v)


def transposed(queries, keys, relative, u, v):
    """Your result has one row for each key. It is to have one row for each query i and one column for each key j."""
    return decomposed_relative_scores(queries, keys, relative, u, v).transpose(-2, -1)


def _bias_moved_into_the_queries(inputs):
    vector = torch.arange(1, inputs["u"].shape[-1] + 1, dtype=inputs["u"].dtype)
    return {"queries": inputs["queries"] + vector, "u": inputs["u"] - vector, "v": inputs["v"] - vector}


def formula(queries, keys, relative, u, v):
    """e_ij = (q_i · k_j + q_i · R_ij + u · k_j + v · R_ij) / √d_k."""
    d_k = keys.shape[-1]
    return [
        [(q @ k + q @ relative[i, j] + u @ k + v @ relative[i, j]) / sqrt(d_k) for j, k in enumerate(keys)]
        for i, q in enumerate(queries)
    ]


PROBLEM = Problem(
    title="Decomposed relative scores",
    source="Assignment question 11; Dai et al. 2019, §3.3",
    statement=__doc__,
    formula=Formula(
        r"e_{ij} = \frac{q_i \cdot k_j + q_i \cdot R_{ij} + u \cdot k_j + v \cdot R_{ij}}{\sqrt{d_k}}",
        formula,
        (Instance({"L": 3, "d_k": 1}, batch=(2,)), Instance({"L": 2, "d_k": 4})),
    ),
    signature=Signature(
        {
            "queries": Tensor("... L d_k", "one query for each row of the result", gradient=Gradient.GRADED),
            "keys": Tensor("... L d_k", "one key for each column of it", gradient=Gradient.GRADED),
            "relative": Tensor("L L d_k", "R_ij: how position j lies to position i", gradient=Gradient.GRADED),
            "u": Tensor("d_k", "bias of the content", gradient=Gradient.GRADED),
            "v": Tensor("d_k", "bias of the position", gradient=Gradient.GRADED),
        },
        returns="... L L",
        usual_batch=1,
    ),
    reference=decomposed_relative_scores,
    examples=(
        Example("as many positions as features", {"L": 5, "d_k": 5}, batch=(2,)),
        Example("vectors of dimension 64", {"L": 5, "d_k": 64}),
        Example("large biases", {"L": 3, "d_k": 5}, {"u": Normal(0.0, 10.0), "v": Normal(0.0, 10.0)}, batch=(2,)),
    ),
    edges=(
        Example("a single position", {"L": 1, "d_k": 3}),
        Example("vectors of dimension 1", {"L": 3, "d_k": 1}),
        Example("queries that are 0", values={"queries": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]}),
        Example("no biases", {"L": 3}, {"u": [0.0, 0.0], "v": [0.0, 0.0]}, batch=(2,)),
        Example("sixty positions", {"L": 61, "d_k": 8}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        Invariance(
            "biases_belong_to_the_query",
            1,
            "a vector that is taken away from both biases and added to every query changes nothing",
            change=_bias_moved_into_the_queries,
        ),
        Contract(1),
    ),
    misconceptions=(
        u_and_v_swapped,
        content_left_out,
        query_position_term_left_out,
        key_bias_left_out,
        position_bias_left_out,
        query_in_the_bias_terms,
        not_scaled,
        content_scaled_alone,
        relative_transposed,
        transposed,
    ),
)
