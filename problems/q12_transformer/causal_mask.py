"""A decoder predicts each position from the ones before it. While it is trained it sees whole sequences, so attention
has to be kept from looking ahead: a mask is added to the scores, 0 where the position j of the key is not after the
position i of the query, and −∞ where it is. After the softmax the future has weight 0.

Return that mask for a sequence of `length` positions: row i belongs to the query at position i, column j to the key
at position j. Its elements are 0 and −inf, and no other numbers. The result has the dtype float32.
"""

import torch

from grader.checks import Agreement, Contract, Edges
from grader.model.case import Example
from grader.model.problem import Problem
from grader.model.signature import Number, Signature
from reference.multi_head import causal_mask

CLOSED = float("-inf")


def past_masked(length):
    """You close the past and open the future: row i has to be open for the columns j ≤ i. You transposed the mask, or
    used `tril` in the place of `triu`.
    """
    return causal_mask(length).T.contiguous()


def diagonal_masked(length):
    """You close the diagonal as well. A position may look at itself (and the first one would have nothing else to look
    at): −∞ belongs where j > i, `triu(diagonal=1)`.
    """
    return torch.full((length, length), CLOSED).triu(0)


def one_step_ahead_open(length):
    """You leave the next position open. The token that is to be predicted must not be seen: −∞ belongs where j > i."""
    return torch.full((length, length), CLOSED).triu(2)


def large_negative_number(length):
    """You use a large negative number in the place of −∞. Added to the scores it usually does the same, but a row in
    which every score is as low would give weight to the future; the statement asks for −inf.
    """
    return torch.full((length, length), -1e9).triu(1)


def lowest_finite_number(length):
    """You use the lowest finite number of the dtype in the place of −∞. It stays finite, so a row that is closed
    altogether would give its weight to the future, and added to a low score it overflows; the statement asks for −inf.
    """
    return torch.full((length, length), torch.finfo(torch.float32).min).triu(1)


def infinity_times_zero(length):
    """You multiply a triangle of ones and zeros by −∞, and 0 · ∞ is no number: what has to be 0 becomes NaN. Fill the
    whole matrix with −inf first and cut the triangle out of that, `torch.full(…).triu(1)`, or use `masked_fill`.
    """
    return torch.ones(length, length).triu(1) * CLOSED


def open_and_closed_as_booleans(length):
    """You return which positions are closed, as True and False. Added to scores these count as 1 and 0: the mask has to
    hold the numbers that are added, 0 and −inf.
    """
    return torch.ones(length, length, dtype=torch.bool).triu(1)


def factors_of_one_and_zero(length):
    """You return 1 for open and 0 for closed positions. That is a mask to multiply weights by; this one is added to the
    scores, so open is 0 and closed is −inf.
    """
    return torch.ones(length, length).tril()


PROBLEM = Problem(
    title="Causal mask",
    source="Assignment question 12; Vaswani et al. 2017, §3.2.3",
    statement=__doc__,
    formula=r"M_{ij} = \begin{cases} 0 & j \le i \\ -\infty & j > i \end{cases}",
    signature=Signature(
        {"length": Number("number of positions", size="L")},
        returns="L L",
        dtype="float32",
    ),
    reference=causal_mask,
    examples=(Example("five positions", {"L": 5}),),
    edges=(Example("a single position", {"L": 1}), Example("two hundred positions", {"L": 200})),
    checks=(Agreement(2), Edges(1), Contract(1)),
    misconceptions=(
        past_masked,
        diagonal_masked,
        one_step_ahead_open,
        large_negative_number,
        lowest_finite_number,
        infinity_times_zero,
        open_and_closed_as_booleans,
        factors_of_one_and_zero,
    ),
)
