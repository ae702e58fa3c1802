"""Attention by itself doesn't know where anything stands. With relative positions it learns how far back to look: an
embedding of the *distance* between query and key is added to the key, the same one wherever in the sequence the two
are, so what has been learnt about two steps back holds at every position.

`queries` and `keys` have shape (..., L, d_k), with any number of batch dimensions, the same for both. `embeddings` has
shape (2L − 1, d_k), one row for each distance i − j between a query i and a key j, from −(L − 1) to L − 1, and is
shared by the whole batch: R_{i−j} is row i − j + L − 1. So the first row belongs to the first query and the last key.
The score is q_i · (k_j + R_{i−j}) / √d_k, and the result holds one row for each query and one column for each key:
(..., L, L). It is the score itself, before any softmax. All three inputs are differentiated.

The result has the inputs' dtype and device. Leave the inputs as they are.

**Where the assignment's text and the field differ:** question 11 writes R_{i−j}. Shaw, Uszkoreit and Vaswani index by
j − i, and clip it to a largest distance. Here it is i − j, as printed, and nothing is clipped: keys before the query
have positive distances. The two conventions hold the same embeddings in opposite order.
"""

import math

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, NoInfluence, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Signature, Tensor
from problems.notation import sqrt
from reference.relative import relative_attention_scores


def _distances(length):
    positions = torch.arange(length)
    return positions[:, None] - positions


def _scores_with(queries, keys, relative):
    """The scores, with R_ij in `relative`."""
    position = torch.einsum("...id,ijd->...ij", queries, relative)
    return (queries @ keys.transpose(-2, -1) + position) / math.sqrt(keys.shape[-1])


def distance_from_key_to_query(queries, keys, embeddings):
    """You index by j − i, as Shaw et al. do. Here it is i − j, the position of the query minus that of the key: row
    i − j + L − 1.
    """
    return relative_attention_scores(queries, keys, embeddings.flip(0))


def not_scaled(queries, keys, embeddings):
    """You leave out the scale. The whole of q_i · (k_j + R_{i−j}) is divided by √d_k."""
    return relative_attention_scores(queries, keys, embeddings) * math.sqrt(keys.shape[-1])


def content_scaled_alone(queries, keys, embeddings):
    """You divide q · k by √d_k, and add q · R as it is. The embedding is added to the *key*, so both products are
    divided.
    """
    return relative_attention_scores(queries, keys, embeddings * math.sqrt(keys.shape[-1]))


def embeddings_added_to_the_queries(queries, keys, embeddings):
    """You add the embedding to the query: (q_i + R_{i−j}) · k_j. It is added to the key, so that it is the query that
    asks for a distance: q_i · (k_j + R_{i−j}).
    """
    relative = embeddings[_distances(keys.shape[-2]) + keys.shape[-2] - 1]
    return _scores_with(keys, queries, relative.transpose(0, 1)).transpose(-2, -1)


def absolute_rows(queries, keys, embeddings):
    """You use row j for key j: an embedding of where the key stands, not of how far it is from the query. Take row
    i − j + L − 1, another one for each pair.
    """
    return _scores_with(queries, keys, embeddings[: keys.shape[-2]].expand(keys.shape[-2], -1, -1))


def distance_without_its_sign(queries, keys, embeddings):
    """You use the absolute distance |i − j|. Before and after are different things: each has rows of its own,
    i − j + L − 1.
    """
    return _scores_with(queries, keys, embeddings[_distances(keys.shape[-2]).abs() + keys.shape[-2] - 1])


def distance_not_shifted(queries, keys, embeddings):
    """You use i − j itself as the row. For keys after the query that is negative, and Python counts from the end: add
    L − 1, so that the distances from −(L − 1) to L − 1 fill the rows from the first to the last.
    """
    return _scores_with(queries, keys, embeddings[_distances(keys.shape[-2])])


def content_left_out(queries, keys, embeddings):
    """You leave out the keys. The embedding is added to them; it doesn't replace them: q_i · (k_j + R_{i−j})."""
    return relative_attention_scores(queries, torch.zeros_like(keys), embeddings)


def transposed(queries, keys, embeddings):
    """Your result has one row for each key. It is to have one row for each query i and one column for each key j."""
    return relative_attention_scores(queries, keys, embeddings).transpose(-2, -1)


def _keys_before_the_query(result):
    return torch.ones_like(result).tril(-1)


def _rows_of_the_others(gradient):
    """Distances that are zero or negative: of keys at the query and after it."""
    length = (len(gradient) + 1) // 2
    return (torch.arange(len(gradient)) < length)[:, None].expand(gradient.shape)


def formula(queries, keys, embeddings):
    """e_ij = q_i · (k_j + R_{i−j}) / √d_k."""
    d_k, length = keys.shape[-1], len(keys)

    def R(distance):  # noqa: N802 -- as it is printed
        return embeddings[distance + length - 1]

    return [[q @ (k + R(i - j)) / sqrt(d_k) for j, k in enumerate(keys)] for i, q in enumerate(queries)]


PROBLEM = Problem(
    title="Scores with relative positions",
    source="Assignment question 11; after Shaw et al. 2018, eq. 4",
    statement=__doc__,
    formula=Formula(
        r"e_{ij} = \frac{q_i \cdot (k_j + R_{i-j})}{\sqrt{d_k}}",
        formula,
        (Instance({"L": 3, "d_k": 1}, batch=(2,)), Instance({"L": 2, "d_k": 4})),
    ),
    signature=Signature(
        {
            "queries": Tensor("... L d_k", "one query for each row of the result", gradient=Gradient.GRADED),
            "keys": Tensor("... L d_k", "one key for each column of it", gradient=Gradient.GRADED),
            "embeddings": Tensor(
                "2L-1 d_k", "R of each distance i − j, in row i − j + L − 1", gradient=Gradient.GRADED
            ),
        },
        returns="... L L",
        usual_batch=1,
    ),
    reference=relative_attention_scores,
    examples=(
        Example("as many positions as features", {"L": 5, "d_k": 5}, batch=(2,)),
        Example("vectors of dimension 64", {"L": 5, "d_k": 64}),
    ),
    edges=(
        Example("a single position", {"L": 1, "d_k": 3}),
        Example("vectors of dimension 1", {"L": 3, "d_k": 1}),
        Example("keys that are 0", values={"keys": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]}),
        Example("large embeddings", {"L": 3, "d_k": 5}, {"embeddings": Normal(0.0, 100.0)}, batch=(2,)),
        Example("two batch dimensions", {"L": 5, "d_k": 3}, batch=(2, 3)),
        Example("sixty positions", {"L": 61, "d_k": 8}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        NoInfluence(
            "before_and_after_are_apart",
            1,
            "the scores of keys that stand before their query depend on the embeddings of positive distances alone",
            prepare=lambda _: {},
            of=("embeddings",),
            source=_keys_before_the_query,
            hidden=_rows_of_the_others,
        ),
        Contract(1),
    ),
    misconceptions=(
        distance_from_key_to_query,
        not_scaled,
        content_scaled_alone,
        embeddings_added_to_the_queries,
        absolute_rows,
        distance_without_its_sign,
        distance_not_shifted,
        content_left_out,
        transposed,
    ),
)
