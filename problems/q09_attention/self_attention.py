"""In self-attention every position of a sequence reads from all positions of the same sequence. A recurrent network
needs as many steps as two positions lie apart to connect them, and a convolution as many layers as it takes to span
them; here it is one step, whatever the distance, and all positions are computed at once.

From `x`, of shape (..., L, d_model), three linear maps make the queries x `w_q`, the keys x `w_k` (both with d_k
features) and the values x `w_v` (with d_v). The scores of all keys for a query, divided by √d_k, go through a softmax
over the keys, and the weights that come out average the values. There is no mask, no bias and no output projection.

`x` may have any number of batch dimensions; the weights are shared by the whole batch. All four inputs are
differentiated. Scores may be as large as ±10,000, and values and gradients stay finite. The result has the inputs'
dtype and device. Leave the inputs as they are.

Nothing here knows where in the sequence a position is: if the positions are permuted, so are the rows of the result,
and that is all. It is why a Transformer adds positional encodings.
"""

import math

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.notation import softmax, sqrt
from reference.attention import self_attention


def _scores(x, w_q, w_k):
    queries, keys = x @ w_q, x @ w_k
    return queries @ keys.transpose(-2, -1) / math.sqrt(w_k.shape[-1])


def not_scaled(x, w_q, w_k, w_v):
    """You leave out the scale. Dot products of random vectors grow like √d_k, and a softmax of large numbers has hardly
    any gradient: divide the scores by √d_k.
    """
    return torch.softmax((x @ w_q) @ (x @ w_k).transpose(-2, -1), dim=-1) @ (x @ w_v)


def scaled_by_the_width_of_the_model(x, w_q, w_k, w_v):
    """You divide by √d_model. The dot products are between queries and keys, which have d_k features: divide by √d_k,
    the root of the size of their last axis.
    """
    scores = (x @ w_q) @ (x @ w_k).transpose(-2, -1) / math.sqrt(x.shape[-1])
    return torch.softmax(scores, dim=-1) @ (x @ w_v)


def scaled_by_the_dimension(x, w_q, w_k, w_v):
    """You divide by d_k. The dot product of random vectors grows like √d_k, so that is what it is divided by."""
    return torch.softmax(_scores(x, w_q, w_k) / math.sqrt(w_k.shape[-1]), dim=-1) @ (x @ w_v)


def softmax_over_the_queries(x, w_q, w_k, w_v):
    """You take the softmax over the queries. Each query distributes its attention over the keys: the last axis of the
    scores, `dim=-1`.
    """
    return torch.softmax(_scores(x, w_q, w_k), dim=-2) @ (x @ w_v)


def without_softmax(x, w_q, w_k, w_v):
    """You use the scores themselves as weights. The weights of a query are to be positive and to add up to 1: take the
    softmax over the keys first.
    """
    return _scores(x, w_q, w_k) @ (x @ w_v)


def queries_and_keys_swapped(x, w_q, w_k, w_v):
    """You have queries and keys the wrong way round: K Qᵀ. A row of the scores belongs to a *query*: it is Q Kᵀ, and
    the softmax is over the keys.
    """
    return self_attention(x, w_k, w_q, w_v)


def keys_read_instead_of_values(x, w_q, w_k, w_v):
    """You average the keys. They only decide how much each position counts; what is read there are the values, x W_v.
    Keys and values have swapped places somewhere.
    """
    return torch.softmax(_scores(x, w_q, w_k), dim=-1) @ (x @ w_k)


def later_positions_masked(x, w_q, w_k, w_v):
    """You let no position look at later ones. A decoder needs such a mask; plain self-attention has none: every
    position reads from all positions.
    """
    later = torch.ones(x.shape[-2], x.shape[-2], dtype=torch.bool, device=x.device).triu(1)
    return torch.softmax(_scores(x, w_q, w_k).masked_fill(later, float("-inf")), dim=-1) @ (x @ w_v)


def exponentials_without_the_maximum(x, w_q, w_k, w_v):
    """You compute exp(score) and divide by the sum. For large scores that overflows to ∞ / ∞. `torch.softmax` subtracts
    the largest score of each row first, which changes nothing else.
    """
    exponentials = torch.exp(_scores(x, w_q, w_k))
    return exponentials / exponentials.sum(dim=-1, keepdim=True) @ (x @ w_v)


def _turned(positions):
    """The last position comes first: no other permutation is needed to tell where order counts."""
    return positions.roll(1, dims=-2)


def formula(x, w_q, w_k, w_v):
    """softmax(Q Kᵀ / √d_k) V, with Q = X W_q, K = X W_k and V = X W_v."""
    queries, keys, values = x @ w_q, x @ w_k, x @ w_v
    d_k = keys.shape[-1]
    return softmax(queries @ keys.T / sqrt(d_k)) @ values


PROBLEM = Problem(
    title="Self-attention",
    source="Assignment question 9; Vaswani et al. 2017, eq. 1",
    statement=__doc__,
    formula=Formula(
        r"\mathrm{SelfAttention}(X) = \mathrm{softmax}\left(\frac{Q K^T}{\sqrt{d_k}}\right) V, \quad "
        r"Q = X W_q, \; K = X W_k, \; V = X W_v",
        formula,
        (
            Instance({"L": 2, "d_model": 1, "d_k": 4, "d_v": 1}, batch=(2,)),
            Instance({"L": 2, "d_model": 3, "d_k": 1, "d_v": 2}),
        ),
    ),
    signature=Signature(
        {
            "x": Tensor("... L d_model", "features of each position", gradient=Gradient.GRADED),
            "w_q": Tensor("d_model d_k", "makes queries", Normal(0.0, 0.5), Gradient.GRADED),
            "w_k": Tensor("d_model d_k", "makes keys", Normal(0.0, 0.5), Gradient.GRADED),
            "w_v": Tensor("d_model d_v", "makes values", Normal(0.0, 0.5), Gradient.GRADED),
        },
        returns="... L d_v",
        usual_batch=1,
    ),
    speed=Speed(
        gpu=Scale({"L": 1024, "d_model": 512, "d_k": 64, "d_v": 64}, (16,)),
        cpu=Scale({"L": 128, "d_model": 64, "d_k": 64, "d_v": 64}, (8,)),
        # scores by way of W_q W_kᵀ, and weights times x before W_v, are right as well
        operations=lambda n: (
            n["L"] * n["d_model"] * min(2 * n["d_k"], n["d_model"])
            + n["L"] * n["d_model"] * n["d_v"]
            + n["L"] ** 2 * (min(n["d_k"], n["d_model"]) + min(n["d_v"], n["d_model"]))
        ),
    ),
    reference=self_attention,
    examples=(
        Example("queries, keys and values as wide as x", {"L": 5, "d_model": 3, "d_k": 3, "d_v": 3}, batch=(2,)),
        Example("as many positions as features", {"L": 5, "d_model": 5, "d_k": 2, "d_v": 5}),
    ),
    edges=(
        Example("a single position", {"L": 1, "d_model": 3, "d_k": 2, "d_v": 5}),
        Example("queries and keys of dimension 1", {"L": 5, "d_model": 3, "d_k": 1, "d_v": 2}, batch=(2,)),
        Example("a single feature", {"L": 5, "d_model": 1, "d_k": 2, "d_v": 1}),
        Example("equal positions", values={"x": [[1.0, -2.0, 0.5], [1.0, -2.0, 0.5], [1.0, -2.0, 0.5]]}),
        Example(
            "scores of ±10,000",
            # a query of the second position is small: where all weights are 0 or 1 every gradient is rounding alone
            values={
                "x": [[100.0, -50.0], [0.01, 0.02], [-80.0, 60.0], [90.0, 70.0]],
                "w_q": [[1.0, 0.5, 0.0], [-0.5, 1.0, 0.5]],
                "w_k": [[0.5, -1.0, 1.0], [1.0, 0.5, -1.0]],
            },
        ),
        Example("a hundred positions", {"L": 101, "d_model": 8, "d_k": 4, "d_v": 3}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        Invariance(
            "permutation_equivariance",
            2,
            "permuting the positions permutes the rows of the result in the same way, and changes nothing else",
            change=lambda inputs: {"x": _turned(inputs["x"])},
            expected=lambda result, _: _turned(result),
        ),
        Contract(1),
    ),
    misconceptions=(
        not_scaled,
        scaled_by_the_width_of_the_model,
        scaled_by_the_dimension,
        softmax_over_the_queries,
        without_softmax,
        queries_and_keys_swapped,
        keys_read_instead_of_values,
        later_positions_masked,
        exponentials_without_the_maximum,
    ),
    numerical=(exponentials_without_the_maximum,),
)
