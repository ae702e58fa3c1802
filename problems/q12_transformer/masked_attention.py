"""A decoder predicts each token from the ones before it. So that training can look at all positions at once without
letting any see its own future, a mask is added to the attention scores: 0 where a query may look and −∞ where it may
not. The softmax turns −∞ into a weight of exactly 0, and the open positions share the rest.

`queries`, `keys` and `values` may have any number of batch dimensions, the same for all three. There may be more keys
than queries or fewer. `mask` has shape (L_q, L_k) and holds for the whole batch. It is *added*, after the scale by
√d_k: any finite number in it is a bias of that pair. Every row has at least one finite element.

`queries`, `keys` and `values` are differentiated; a gradient with respect to `mask` is not graded. Scores may be as
large as ±10,000, and values and gradients stay finite. The result has the inputs' dtype and device. Leave the inputs as
they are.
"""

import math

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, NoInfluence, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import AdditiveMask, Normal
from grader.model.signature import Gradient, Signature, Tensor
from grader.model.speed import CausalMask, Scale, Speed
from problems.notation import softmax, sqrt
from reference.attention import masked_attention, scaled_dot_product_score

CLOSED = float("-inf")


def _causal(length):
    return torch.full((length, length), CLOSED, dtype=torch.float64).triu(1)


def mask_multiplied(queries, keys, values, mask):
    """You multiply the scores by the mask. It is made to be added: 0 leaves a score as it is, −∞ removes it.
    (Multiplied, an open position loses its score and a closed one may become +∞.)
    """
    return torch.softmax(scaled_dot_product_score(queries, keys) * mask, dim=-1) @ values


def mask_applied_after_the_softmax(queries, keys, values, mask):
    """You set the closed weights to 0 after the softmax. Then the open ones no longer add up to 1, and they still
    depend on the closed positions, through the sum that they were divided by. Add the mask to the scores, before the
    softmax.
    """
    weights = torch.softmax(scaled_dot_product_score(queries, keys), dim=-1)
    return weights.masked_fill(mask == CLOSED, 0.0) @ values


def mask_added_after_the_softmax(queries, keys, values, mask):
    """You add the mask to the weights. They are probabilities: −∞ has no place among them. Add it to the scores, before
    the softmax.
    """
    return (torch.softmax(scaled_dot_product_score(queries, keys), dim=-1) + mask) @ values


def mask_before_the_scale(queries, keys, values, mask):
    """You add the mask before you divide by √d_k. For −∞ that makes no difference, but a finite number in the mask is
    divided as well. Scale the scores first.
    """
    scores = queries @ keys.transpose(-2, -1) + mask
    return torch.softmax(scores / math.sqrt(keys.shape[-1]), dim=-1) @ values


def mask_ignored(queries, keys, values, mask):
    """You don't use the mask, so every position sees its future. Add it to the scores, before the softmax."""
    return torch.softmax(scaled_dot_product_score(queries, keys), dim=-1) @ values


def scaled_by_the_length(queries, keys, values, mask):
    """You divide by the square root of the number of keys. What makes dot products large is the dimension of the
    vectors: take the size of the *last* axis, d_k.
    """
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-2])
    return torch.softmax(scores + mask, dim=-1) @ values


def not_scaled(queries, keys, values, mask):
    """You leave out the scale. Divide Q Kᵀ by √d_k before you add the mask."""
    return torch.softmax(queries @ keys.transpose(-2, -1) + mask, dim=-1) @ values


def softmax_over_the_queries(queries, keys, values, mask):
    """You take the softmax over the queries. Each query distributes its attention over the keys: the last axis,
    `dim=-1`.
    """
    return torch.softmax(scaled_dot_product_score(queries, keys) + mask, dim=-2) @ values


def exponentials_without_the_maximum(queries, keys, values, mask):
    """You compute exp(score) and divide by the sum. For large scores that overflows to ∞ / ∞. `torch.softmax` subtracts
    the largest score of each row first, which changes nothing else.
    """
    exponentials = torch.exp(scaled_dot_product_score(queries, keys) + mask)
    return exponentials / exponentials.sum(dim=-1, keepdim=True) @ values


def _row_of_interest(length):
    """A query in the middle: it has a past and a future."""
    return (length - 1) // 2


def _with_a_causal_mask(inputs):
    keys = inputs["keys"]
    return {"queries": keys.flip(-2) + 0.5, "mask": _causal(keys.shape[-2])}


def _row_of_interest_only(result):
    weights = torch.zeros_like(result)
    weights[..., _row_of_interest(result.shape[-2]), :] = 1.0
    return weights


def _future_of_that_row(gradient):
    positions = torch.arange(gradient.shape[-2])[:, None]
    return (positions > _row_of_interest(len(positions))).expand(gradient.shape)


def formula(queries, keys, values, mask):
    """softmax(Q Kᵀ / √d_k + Mask) V."""
    d_k = queries.shape[-1]
    return softmax(queries @ keys.T / sqrt(d_k) + mask) @ values


PROBLEM = Problem(
    title="Masked attention",
    source="Assignment question 12; Vaswani et al. 2017, eq. 1 and §3.2.3",
    statement=__doc__,
    formula=Formula(
        r"\mathrm{MaskedAttention}(Q, K, V) = "
        r"\mathrm{softmax}\left(\frac{Q K^T}{\sqrt{d_k}} + \mathrm{Mask}\right) V",
        formula,
        (
            Instance(
                {"L_q": 2, "L_k": 3, "d_k": 4, "d_v": 1},
                {"mask": [[0.0, 0.0, CLOSED], [0.0, 0.0, 0.0]]},  # two queries that follow one more key
                batch=(2,),
            ),
            Instance({"L_q": 2, "L_k": 3, "d_k": 4, "d_v": 2}),
        ),
    ),
    signature=Signature(
        {
            "queries": Tensor("... L_q d_k", "one query for each row of the result", gradient=Gradient.GRADED),
            "keys": Tensor("... L_k d_k", "one key for each position that may be looked at", gradient=Gradient.GRADED),
            "values": Tensor("... L_k d_v", "what is read at that position", gradient=Gradient.GRADED),
            "mask": Tensor("L_q L_k", "added to the scaled scores; −inf closes a position", AdditiveMask(0.4)),
        },
        returns="... L_q d_v",
        usual_batch=1,
    ),
    speed=Speed(
        gpu=Scale({"L_q": 2048, "L_k": 2048, "d_k": 64, "d_v": 64}, (2, 8)),
        cpu=Scale({"L_q": 256, "L_k": 256, "d_k": 64, "d_v": 64}, (4,)),
        values={"mask": CausalMask()},
        # half of the pairs are closed: neither their scores nor their values are needed
        operations=lambda n: n["L_q"] * (n["L_q"] + 1) // 2 * (n["d_k"] + n["d_v"]),
    ),
    reference=masked_attention,
    examples=(
        Example("a causal mask", {"d_k": 3, "d_v": 2}, {"mask": _causal(5).tolist()}, batch=(2,)),
        Example("a mask of finite numbers", {"L_q": 5, "L_k": 7}, {"mask": Normal(0.0, 2.0)}, batch=(2,)),
    ),
    edges=(
        Example(
            "only one position open for each query",
            values={"mask": [[CLOSED, 0.0, CLOSED], [0.0, CLOSED, CLOSED]]},
            batch=(2,),
        ),
        Example("nothing is masked", {"L_q": 3, "L_k": 5}, {"mask": Normal(0.0, 0.0)}),
        Example("a single query and a single key", values={"mask": [[0.0]]}),
        Example("vectors of a single number", {"L_q": 3, "L_k": 5, "d_k": 1, "d_v": 1}),
        Example(
            "scores of ±10,000",
            # the last query is small: where all weights are 0 or 1 every gradient is rounding alone. The second one may
            # look only where its scores are lowest, by far more than a mask of −10,000 would take from the others
            values={
                "queries": [[100.0, -50.0, 80.0], [100.0, -50.0, 80.0], [0.01, 0.02, -0.01]],
                "keys": [
                    [60.0, -70.0, 90.0],
                    [80.0, -60.0, 70.0],
                    [-80.0, 40.0, 20.0],
                    [-70.0, 60.0, -90.0],
                    [-20.0, -100.0, -60.0],
                ],
                "mask": [
                    [0.0, CLOSED, 0.0, 0.0, 0.0],
                    [CLOSED, CLOSED, 0.0, 0.0, 0.0],
                    [0.0, 0.0, 0.0, CLOSED, 0.0],
                ],
            },
        ),
        Example("one mask for two batch dimensions", values={"mask": _causal(7).tolist()}, batch=(2, 3)),
        Example("a hundred positions", {"d_k": 8, "d_v": 4}, {"mask": _causal(101).tolist()}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(1),
        Edges(1),
        Invariance(
            "rows_sum_to_one",
            1,
            "the weights of a query add up to 1, so that values which are all 1 come out as 1",
            change=lambda inputs: {"values": torch.ones_like(inputs["values"])},
            expected=lambda result, _: torch.ones_like(result),
        ),
        NoInfluence(
            "no_leak_from_the_future",
            2,
            "with a causal mask no position depends on a later one",
            prepare=_with_a_causal_mask,
            of=("keys", "values"),
            source=_row_of_interest_only,
            hidden=_future_of_that_row,
        ),
        Contract(1),
    ),
    misconceptions=(
        mask_multiplied,
        mask_applied_after_the_softmax,
        mask_added_after_the_softmax,
        mask_before_the_scale,
        mask_ignored,
        scaled_by_the_length,
        not_scaled,
        softmax_over_the_queries,
        exponentials_without_the_maximum,
    ),
    numerical=(exponentials_without_the_maximum,),
)
