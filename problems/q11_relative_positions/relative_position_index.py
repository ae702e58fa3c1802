"""An embedding for each distance between two positions needs a table, and a table has an end. So distances are clipped:
beyond `max_distance` = k all of them count as k. What remains are the distances −k … k, and a table with 2k + 1 rows,
which is indexed from 0.

Return for each pair of a query at position i = 0 … `length_q` − 1 and a key at position j = 0 … `length_k` − 1 the row
of its embedding: i − j, clipped to −k … k, plus k. A key at the query's own position has the row k, keys before it have
larger rows, keys after it smaller ones.

The result has the shape (L_q, L_k) and the dtype int64.

**Where the assignment's text and the field differ:** the assignment writes the distance as i − j, query minus key. Shaw
et al. (2018) index by j − i. This problem takes i − j, as it is printed.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Symbolic
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.signature import Number, Signature
from reference.positions import relative_position_index


def _distances(length_q, length_k):
    return torch.arange(length_q)[:, None] - torch.arange(length_k)


def key_minus_query(length_q, length_k, max_distance):
    """You take j − i, as Shaw et al. do. Here the distance is i − j, query minus key: a key before the query has a
    positive one.
    """
    return (-_distances(length_q, length_k)).clamp(-max_distance, max_distance) + max_distance


def not_clipped(length_q, length_k, max_distance):
    """You don't clip the distance. Pairs that are farther apart than `max_distance` then have rows that the table
    doesn't have: clip i − j to −k … k first.
    """
    return _distances(length_q, length_k) + max_distance


def not_shifted(length_q, length_k, max_distance):
    """You return the clipped distance itself. Rows of a table are counted from 0, and a negative index reads from its
    end: add k, so that they go from 0 to 2k.
    """
    return _distances(length_q, length_k).clamp(-max_distance, max_distance)


def clipped_after_the_shift(length_q, length_k, max_distance):
    """You add k first and clip to −k … k then. What is shifted lies between 0 and 2k: clip the distance before you
    shift it, or clip to 0 … 2k afterwards.
    """
    return (_distances(length_q, length_k) + max_distance).clamp(-max_distance, max_distance)


def without_a_sign(length_q, length_k, max_distance):
    """You take the distance without its sign, |i − j|. Before and after are different relations, with embeddings of
    their own: clip i − j, and shift it by k.
    """
    return _distances(length_q, length_k).abs().clamp(max=max_distance)


def wrapped_around(length_q, length_k, max_distance):
    """You wrap far distances around with a remainder, so that a key that is far away gets the row of one that is near.
    Clip them: everything beyond k has the row of k.
    """
    return (_distances(length_q, length_k) + max_distance) % (2 * max_distance + 1)


def shifted_by_the_length(length_q, length_k, max_distance):
    """You add L − 1 to the clipped distance. That shift belongs to a table of all distances; this one ends at k, so
    add k: the smallest distance, −k, has the row 0.
    """
    return _distances(length_q, length_k).clamp(-max_distance, max_distance) + length_k - 1


def formula(length_q, length_k, max_distance):
    """clip(i − j, −k, k) + k."""
    return [[min(max(i - j, -max_distance), max_distance) + max_distance for j in range(length_k)]
            for i in range(length_q)]  # fmt: skip


PROBLEM = Problem(
    title="Index of a relative position",
    source="Assignment question 11; after Shaw et al. 2018, eq. 4",
    statement=__doc__,
    formula=Formula(
        r"I_{ij} = \mathrm{clip}(i - j, -k, k) + k",
        formula,
        (
            Instance({"L_q": 4, "L_k": 5}, {"max_distance": 2}),
            Instance({"L_q": 5, "L_k": 2}, {"max_distance": 1}),
            Instance({"L_q": 2, "L_k": 3}, {"max_distance": 4}),
        ),
    ),
    signature=Signature(
        {
            "length_q": Number("number of queries", size="L_q"),
            "length_k": Number("number of keys", size="L_k"),
            "max_distance": Number("k, to which distances are clipped", (1, 2, 3), 1),
        },
        returns="L_q L_k",
        dtype="int64",
    ),
    reference=relative_position_index,
    examples=(
        Example("as many keys as queries", {"L_q": 5, "L_k": 5}, {"max_distance": 2}),
        Example("more keys than queries", {"L_q": 3, "L_k": 6}, {"max_distance": 1}),
        Example("more queries than keys", {"L_q": 6, "L_k": 2}, {"max_distance": 3}),
    ),
    edges=(
        Example("a single query and a single key", {"L_q": 1, "L_k": 1}, {"max_distance": 3}),
        Example("no distance is clipped", {"L_q": 3, "L_k": 4}, {"max_distance": 10}),
        Example("a table of one row", {"L_q": 3, "L_k": 4}, {"max_distance": 0}),
        Example("a long sequence", {"L_q": 64, "L_k": 128}, {"max_distance": 16}),
    ),
    checks=(Agreement(3), Symbolic(1), Edges(1), Contract(1)),
    misconceptions=(
        key_minus_query,
        not_clipped,
        not_shifted,
        clipped_after_the_shift,
        without_a_sign,
        wrapped_around,
        shifted_by_the_length,
    ),
)
