"""Additive attention lets a small network judge how well a key fits a query. Both are mapped into a common space of
`d_a` dimensions, added there, passed through tanh, and weighed by a learnt vector. The tanh is what makes the two
interact: without it, a score would be a number for the query plus a number for the key, and every query would prefer
the same keys.

`queries` and `keys` may have any number of batch dimensions, the same for both. `w_q` and `w_k` have shape (d_a, d) and
multiply a vector from the left, as W q and W k; `v` has shape (d_a,). The whole batch shares them. There are no biases.
The result holds one row for each query and one column for each key: (..., L_q, L_k). All five inputs are
differentiated.

The result has the inputs' dtype and device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.notation import tanh
from reference.similarity import additive_score


def _hidden(queries, keys, w_q, w_k):
    return (queries @ w_q.T)[..., :, None, :] + (keys @ w_k.T)[..., None, :, :]


def without_tanh(queries, keys, w_q, w_k, v):
    """You leave tanh out. Then the score is a number for the query plus a number for the key, and the softmax forgets
    the query altogether: apply tanh to W_q q + W_k k, before you weigh it with v.
    """
    return _hidden(queries, keys, w_q, w_k) @ v


def tanh_before_the_sum(queries, keys, w_q, w_k, v):
    """You apply tanh to W_q q and to W_k k, and add then. So query and key never meet inside the tanh, and every query
    prefers the same keys. Add first: tanh(W_q q + W_k k).
    """
    queries_part, keys_part = torch.tanh(queries @ w_q.T) @ v, torch.tanh(keys @ w_k.T) @ v
    return queries_part[..., :, None] + keys_part[..., None, :]


def tanh_after_the_weights(queries, keys, w_q, w_k, v):
    """You apply tanh last, to the score. It belongs inside, on each of the d_a hidden units: vᵀ tanh(W_q q + W_k k)."""
    return torch.tanh(_hidden(queries, keys, w_q, w_k) @ v)


def sigmoid_instead_of_tanh(queries, keys, w_q, w_k, v):
    """You use the logistic sigmoid. The hidden units here are tanh, which lies between −1 and 1 and is 0 at 0."""
    return torch.sigmoid(_hidden(queries, keys, w_q, w_k)) @ v


def products_instead_of_sums(queries, keys, w_q, w_k, v):
    """You multiply W_q q and W_k k. Additive attention is called so because they are *added*, inside the tanh."""
    return torch.tanh((queries @ w_q.T)[..., :, None, :] * (keys @ w_k.T)[..., None, :, :]) @ v


def weights_swapped(queries, keys, w_q, w_k, v):
    """You multiply the queries by W_k and the keys by W_q. Each has its own matrix: W_q q + W_k k."""
    return additive_score(queries, keys, w_k, w_q, v)


def mean_over_the_hidden_units(queries, keys, w_q, w_k, v):
    """You take the mean over the d_a hidden units. vᵀ tanh(…) is a dot product: their weighted sum."""
    return additive_score(queries, keys, w_q, w_k, v) / len(v)


def transposed(queries, keys, w_q, w_k, v):
    """Your result has one row for each key. It is to have one row for each query and one column for each key: put the
    axis of the queries before that of the keys.
    """
    return additive_score(queries, keys, w_q, w_k, v).transpose(-2, -1)


def softmax_already_applied(queries, keys, w_q, w_k, v):
    """You return attention weights: the softmax is already applied. The score is what goes into it."""
    return torch.softmax(additive_score(queries, keys, w_q, w_k, v), dim=-1)


def formula(queries, keys, w_q, w_k, v):
    """score_ij = vᵀ tanh(W_q q_i + W_k k_j)."""
    return [[v @ tanh(w_q @ q + w_k @ k) for k in keys] for q in queries]


PROBLEM = Problem(
    title="Additive score",
    source="Assignment question 10; Bahdanau et al. 2015, appendix A.1.2",
    statement=__doc__,
    formula=Formula(
        r"\mathrm{score}(Q, K)_{ij} = v^T \tanh(W_q q_i + W_k k_j)",
        formula,
        (
            Instance({"L_q": 2, "L_k": 3, "d": 1, "d_a": 2}, batch=(2,)),
            Instance({"L_q": 1, "L_k": 2, "d": 2, "d_a": 3}),
        ),
    ),
    signature=Signature(
        {
            "queries": Tensor("... L_q d", "one query for each row of the result", gradient=Gradient.GRADED),
            "keys": Tensor("... L_k d", "one key for each column of it", gradient=Gradient.GRADED),
            "w_q": Tensor("d_a d", "maps queries to the hidden units", gradient=Gradient.GRADED),
            "w_k": Tensor("d_a d", "maps keys to the hidden units", gradient=Gradient.GRADED),
            "v": Tensor("d_a", "weight of each hidden unit", gradient=Gradient.GRADED),
        },
        returns="... L_q L_k",
        usual_batch=1,
    ),
    speed=Speed(
        gpu=Scale({"L_q": 512, "L_k": 512, "d": 64, "d_a": 64}, (8,)),
        cpu=Scale({"L_q": 64, "L_k": 64, "d": 64, "d_a": 32}, (8,)),
        operations=lambda n: n["L_q"] * n["L_k"] * n["d_a"] + (n["L_q"] + n["L_k"]) * n["d_a"] * n["d"],
    ),
    reference=additive_score,
    examples=(
        Example("small weights", {"d": 7, "d_a": 5}, {"w_q": Normal(0.0, 0.1), "w_k": Normal(0.0, 0.1)}, batch=(2,)),
        Example("as many hidden units as features", {"L_q": 5, "L_k": 7, "d": 3, "d_a": 3}),
    ),
    edges=(
        Example("a single query and a single key", {"L_q": 1, "L_k": 1, "d": 5, "d_a": 3}),
        Example("a single hidden unit", {"d_a": 1}, batch=(2,)),
        Example("vectors of dimension 1", {"d": 1}),
        Example("hidden units that are saturated", {"d": 3, "d_a": 5}, {"queries": Normal(0.0, 100.0)}),
        Example("queries that are 0", values={"queries": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]}),
        Example("a hundred positions", {"L_q": 101, "L_k": 103, "d": 8, "d_a": 5}),
    ),
    checks=(Agreement(2), Symbolic(1), full_precision(1), Gradients(2), Edges(1), Contract(1)),
    misconceptions=(
        without_tanh,
        tanh_before_the_sum,
        tanh_after_the_weights,
        sigmoid_instead_of_tanh,
        products_instead_of_sums,
        weights_swapped,
        mean_over_the_hidden_units,
        transposed,
        softmax_already_applied,
    ),
)
