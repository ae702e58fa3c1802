"""Attention with relative positions: how much a position reads from another one depends on what stands there and on how
far away it is. An embedding of the distance is added to each key, and what follows is attention as ever: a scale, a
softmax over the keys, and the average of the values by these weights.

`queries`, `keys` and `values` have the shapes (..., L, d_k), (..., L, d_k) and (..., L, d_v), with any number of batch
dimensions, the same for all three. `embeddings` has shape (2L − 1, d_k) and is shared by the whole batch: R_{i−j}, for
a query i and a key j, is row i − j + L − 1. The scores are q_i · (k_j + R_{i−j}) / √d_k. The values get no embeddings,
and there is no mask.

All four inputs are differentiated. Scores may be as large as ±10,000, and values and gradients stay finite. The result
has shape (..., L, d_v), the inputs' dtype and their device. Leave the inputs as they are.

**Where the assignment's text and the field differ:** question 11 writes R_{i−j}; Shaw et al. index by j − i and clip
it to a largest distance, and add embeddings to the values as well. Here it is i − j, as printed, without clipping.
"""

import math

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.signature import Gradient, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.notation import softmax, sqrt
from reference.relative import relative_attention, relative_attention_scores


def _relative(embeddings):
    """R_{i−j} at [i, j]."""
    length = (len(embeddings) + 1) // 2
    positions = torch.arange(length)
    return embeddings[positions[:, None] - positions + length - 1]


def _content_weights(queries, keys):
    return torch.softmax(queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1]), dim=-1)


def softmax_over_the_queries(queries, keys, values, embeddings):
    """You take the softmax over the queries. Each query distributes its attention over the keys: the last axis of the
    scores, `dim=-1`.
    """
    return torch.softmax(relative_attention_scores(queries, keys, embeddings), dim=-2) @ values


def relative_term_after_the_softmax(queries, keys, values, embeddings):
    """You add the relative term to the weights, after the softmax. Then they no longer add up to 1. It is a part of the
    scores: add it before the softmax.
    """
    position = torch.einsum("...id,ijd->...ij", queries, _relative(embeddings)) / math.sqrt(keys.shape[-1])
    return (_content_weights(queries, keys) + position) @ values


def weights_multiplied_after_the_softmax(queries, keys, values, embeddings):
    """You take a softmax of the content and one of the positions, and multiply the weights. Such products don't add up
    to 1. Add the two scores, and take one softmax of the sum.
    """
    position = torch.einsum("...id,ijd->...ij", queries, _relative(embeddings)) / math.sqrt(keys.shape[-1])
    return (_content_weights(queries, keys) * torch.softmax(position, dim=-1)) @ values


def relative_term_left_out(queries, keys, values, embeddings):
    """You don't use the embeddings: that is attention without positions. Add R_{i−j} to each key before you compute the
    scores.
    """
    return _content_weights(queries, keys) @ values


def distance_from_key_to_query(queries, keys, values, embeddings):
    """You index by j − i, as Shaw et al. do. Here it is i − j, the position of the query minus that of the key: row
    i − j + L − 1.
    """
    return relative_attention(queries, keys, values, embeddings.flip(0))


def not_scaled(queries, keys, values, embeddings):
    """You leave out the scale. Divide the whole score, q_i · (k_j + R_{i−j}), by √d_k, before the softmax."""
    scores = relative_attention_scores(queries, keys, embeddings) * math.sqrt(keys.shape[-1])
    return torch.softmax(scores, dim=-1) @ values


def without_softmax(queries, keys, values, embeddings):
    """You use the scores themselves as weights. The weights of a query are to be positive and to add up to 1: take the
    softmax over the keys first.
    """
    return relative_attention_scores(queries, keys, embeddings) @ values


def exponentials_without_the_maximum(queries, keys, values, embeddings):
    """You compute exp(score) and divide by the sum. For large scores that overflows to ∞ / ∞. `torch.softmax` subtracts
    the largest score of each row first, which changes nothing else.
    """
    exponentials = torch.exp(relative_attention_scores(queries, keys, embeddings))
    return exponentials / exponentials.sum(dim=-1, keepdim=True) @ values


def formula(queries, keys, values, embeddings):
    """softmax(e) V, with e_ij = q_i · (k_j + R_{i−j}) / √d_k."""
    d_k, length = keys.shape[-1], len(keys)
    relative = embeddings[[[i - j + length - 1 for j in range(length)] for i in range(length)]]
    scores = (queries[:, None] * (keys + relative)).sum(axis=-1) / sqrt(d_k)
    return softmax(scores) @ values


PROBLEM = Problem(
    title="Attention with relative positions",
    source="Assignment question 11; after Shaw et al. 2018, eq. 1 and 4",
    statement=__doc__,
    formula=Formula(
        r"\mathrm{Attention}(Q, K, V, R)_i = \sum_j \alpha_{ij} v_j, \quad "
        r"\alpha_{ij} = \underset{j}{\mathrm{softmax}} \, \frac{q_i \cdot (k_j + R_{i-j})}{\sqrt{d_k}}",
        formula,
        (Instance({"L": 2, "d_k": 4, "d_v": 1}, batch=(2,)), Instance({"L": 3, "d_k": 1, "d_v": 1})),
    ),
    signature=Signature(
        {
            "queries": Tensor("... L d_k", "one query for each row of the result", gradient=Gradient.GRADED),
            "keys": Tensor("... L d_k", "one key for each position", gradient=Gradient.GRADED),
            "values": Tensor("... L d_v", "what is read at that position", gradient=Gradient.GRADED),
            "embeddings": Tensor(
                "2L-1 d_k", "R of each distance i − j, in row i − j + L − 1", gradient=Gradient.GRADED
            ),
        },
        returns="... L d_v",
        usual_batch=1,
    ),
    speed=Speed(
        gpu=Scale({"L": 1024, "d_k": 64, "d_v": 64}, (2, 8)),
        cpu=Scale({"L": 128, "d_k": 32, "d_v": 32}, (4,)),
        operations=lambda n: n["L"] ** 2 * (n["d_k"] + n["d_v"]),  # q · (k + R) is one product for each pair
    ),
    reference=relative_attention,
    examples=(
        Example("as many positions as features", {"L": 5, "d_k": 5, "d_v": 5}, batch=(2,)),
        Example("queries and keys of dimension 64", {"L": 5, "d_k": 64, "d_v": 3}),
    ),
    edges=(
        Example("a single position", {"L": 1, "d_k": 3, "d_v": 2}),
        Example("vectors of dimension 1", {"L": 3, "d_k": 1, "d_v": 1}),
        Example("equal keys, so that distance alone decides", values={"keys": [[1.0, -0.5], [1.0, -0.5], [1.0, -0.5]]}),
        Example(
            "scores of ±10,000",
            # the second query is small: where all weights are 0 or 1 every gradient is rounding alone
            values={
                "queries": [[100.0, -50.0], [0.01, 0.02], [-80.0, 60.0]],
                "keys": [[90.0, -120.0], [-60.0, 80.0], [110.0, 70.0]],
            },
        ),
        Example("two batch dimensions", {"L": 5, "d_k": 3, "d_v": 2}, batch=(2, 3)),
        Example("sixty positions", {"L": 61, "d_k": 8, "d_v": 3}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        Invariance(
            "rows_sum_to_one",
            1,
            "the weights of a query add up to 1, so that values which are all 1 come out as 1",
            change=lambda inputs: {"values": torch.ones_like(inputs["values"])},
            expected=lambda result, _: torch.ones_like(result),
        ),
        Contract(1),
    ),
    misconceptions=(
        softmax_over_the_queries,
        relative_term_after_the_softmax,
        weights_multiplied_after_the_softmax,
        relative_term_left_out,
        distance_from_key_to_query,
        not_scaled,
        without_softmax,
        exponentials_without_the_maximum,
    ),
    numerical=(exponentials_without_the_maximum,),
)
