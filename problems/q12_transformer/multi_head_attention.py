"""One attention head averages over everything that it looks for; several heads look for several things at once. Each
has projections of its own: head i takes the columns i·d_h to (i + 1)·d_h of x @ `w_q`, x @ `w_k` and x @ `w_v`, where
d_h = d_model / h. It attends with the scale √d_h. The heads' results are put side by side, head 0 first, and go
through the output projection: concatenated @ `w_o`.

`x` holds L positions of d_model features, with any number of batch dimensions before them. All four weights are
(d_model, d_model) and applied from the right. `num_heads` divides d_model. `mask` is None or is *added* to the scaled
scores, which have the shape (..., h, L, L): it may be one mask (L, L) for all heads, or one for each head, (h, L, L).
0 leaves a score as it is, −inf closes a position, any other number is a bias; every row has a finite element.

`x` and the weights are differentiated; a gradient with respect to `mask` is not graded. The result has the inputs'
dtype and device. Leave the inputs as they are.
"""

import math
from dataclasses import dataclass

import sympy
import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import AdditiveMask, Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from grader.model.speed import CausalMask
from reference.multi_head import multi_head_attention

CLOSED = float("-inf")


def _attention(queries, keys, values, mask, scale):
    scores = queries @ keys.transpose(-2, -1) / scale
    return torch.softmax(scores if mask is None else scores + mask, dim=-1) @ values


def _split(projected, num_heads):
    return projected.unflatten(-1, (num_heads, -1)).transpose(-3, -2)


def _with_scale(x, w_q, w_k, w_v, num_heads, mask, scale):
    queries, keys, values = (_split(x @ w, num_heads) for w in (w_q, w_k, w_v))
    return _attention(queries, keys, values, mask, scale)


def _joined(heads):
    return heads.transpose(-3, -2).flatten(-2)


def scaled_by_the_model_dimension(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    """You divide the scores by √d_model. Each head's vectors have d_h = d_model / h elements, and that is what makes
    their dot products large: divide by √d_h.
    """
    return _joined(_with_scale(x, w_q, w_k, w_v, num_heads, mask, math.sqrt(x.shape[-1]))) @ w_o


def not_scaled(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    """You leave out the scale. Divide Q Kᵀ of each head by √d_h before you add the mask."""
    return _joined(_with_scale(x, w_q, w_k, w_v, num_heads, mask, 1.0)) @ w_o


def heads_from_the_positions(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    """You reshape (L, d_model) to (h, L, d_h) directly. That cuts the sequence into pieces, and a head gets features of
    some positions only. Reshape to (L, h, d_h) first, then swap the axes: `.view(..., L, h, d_h).transpose(-3, -2)`.
    """
    length, width = x.shape[-2:]
    shape = (*x.shape[:-2], num_heads, length, width // num_heads)
    queries, keys, values = ((x @ w).reshape(shape) for w in (w_q, w_k, w_v))
    heads = _attention(queries, keys, values, mask, math.sqrt(width // num_heads))
    return heads.reshape(x.shape) @ w_o


def heads_not_put_back(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    """You flatten (h, L, d_h) without swapping the axes back, so that rows of the result mix positions. Put the heads
    beside each other for each position: `.transpose(-3, -2)` before the reshape.
    """
    heads = _with_scale(x, w_q, w_k, w_v, num_heads, mask, math.sqrt(x.shape[-1] // num_heads))
    return heads.reshape(x.shape) @ w_o


def heads_interleaved(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    """You put the heads together feature by feature (first feature of every head, then the second …). Concatenation
    keeps each head's features together: head 0 first, then head 1.
    """
    heads = _with_scale(x, w_q, w_k, w_v, num_heads, mask, math.sqrt(x.shape[-1] // num_heads))
    return heads.movedim(-3, -1).flatten(-2) @ w_o


def no_output_projection(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    """You return the concatenated heads. The output projection mixes what the heads have found: multiply by `w_o`."""
    return _joined(_with_scale(x, w_q, w_k, w_v, num_heads, mask, math.sqrt(x.shape[-1] // num_heads)))


def weights_transposed(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    """You apply the weights as `nn.Linear` does, `x @ w.T`. Here they are applied from the right as they are:
    `x @ w`.
    """
    return multi_head_attention(x, w_q.T, w_k.T, w_v.T, w_o.T, num_heads, mask)


def a_single_head(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    """You attend with all features at once, as one head. Split the projections into `num_heads` parts of d_h features,
    and take a softmax for each.
    """
    shared = mask if mask is None or mask.dim() == 2 else mask[0]
    return _attention(x @ w_q, x @ w_k, x @ w_v, shared, math.sqrt(x.shape[-1])) @ w_o


def mask_of_each_head_ignored(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    """You use one head's mask for all of them. A mask of the shape (h, L, L) has one for each head; added to scores of
    the shape (..., h, L, L) it finds its head by itself.
    """
    shared = mask if mask is None or mask.dim() == 2 else mask[0]
    return multi_head_attention(x, w_q, w_k, w_v, w_o, num_heads, shared)


@dataclass(frozen=True, slots=True)
class _OneForAllHeads:
    """A causal mask of shape (L, L), in the place of one for each head."""

    def draw(self, shape, sizes, drawn, rng):
        return CausalMask().draw(shape[1:], sizes, drawn, rng)

    simple = draw


def formula(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    """Concat(head_1, …, head_h) W_o, head_i = softmax(Q_i K_iᵀ / √d_h + M_i) V_i."""
    length, width = x.shape
    d_h = width // num_heads
    concatenated = sympy.zeros(length, width)
    for head in range(num_heads):
        columns = slice(head * d_h, (head + 1) * d_h)
        queries, keys, values = (x @ w[:, columns] for w in (w_q, w_k, w_v))
        scores = queries @ keys.T / sympy.sqrt(d_h)
        for i in range(length):
            weights = [sympy.exp(scores[i, j] + (0 if mask is None else mask[head, i, j])) for j in range(length)]
            for c in range(d_h):
                weighted = sympy.Add(*(weights[j] * values[j, c] for j in range(length)))
                concatenated[i, head * d_h + c] = weighted / sympy.Add(*weights)
    return concatenated @ sympy.Matrix(w_o)


PROBLEM = Problem(
    title="Multi-head attention",
    source="Assignment question 12; Vaswani et al. 2017, §3.2.2",
    statement=__doc__,
    formula=Formula(
        r"\mathrm{MultiHead}(x) = \mathrm{Concat}(\mathrm{head}_1, \ldots, \mathrm{head}_h) W^O, \quad "
        r"\mathrm{head}_i = \mathrm{softmax}\left(\frac{Q_i K_i^T}{\sqrt{d_h}} + M_i\right) V_i",
        formula,
        (
            Instance({"L": 2, "d_model": 2, "h": 2}, {"num_heads": 2, "mask": None}),
            Instance({"L": 1, "d_model": 4, "h": 2}, {"num_heads": 2, "mask": None}),
            Instance({"L": 3, "d_model": 2, "h": 1}, {"num_heads": 1, "mask": None}),
            Instance(
                {"L": 2, "d_model": 2, "h": 2},
                {"num_heads": 2, "mask": [[[0.0, CLOSED], [0.0, 0.0]], [[0.5, 0.0], [0.0, 0.0]]]},
            ),
        ),
    ),
    signature=Signature(
        {
            "x": Tensor("... L d_model", "features of every position", gradient=Gradient.GRADED),
            "w_q": Tensor("d_model d_model", "projection to queries", gradient=Gradient.GRADED),
            "w_k": Tensor("d_model d_model", "projection to keys", gradient=Gradient.GRADED),
            "w_v": Tensor("d_model d_model", "projection to values", gradient=Gradient.GRADED),
            "w_o": Tensor("d_model d_model", "output projection", gradient=Gradient.GRADED),
            "num_heads": Number("number of heads; it divides d_model", size="h"),
            "mask": Tensor(
                "h L L", "added to the scaled scores; (L, L): one for all heads", AdditiveMask(0.3), optional=True
            ),
        },
        returns="... L d_model",
        usual_batch=1,
        multiples={"d_model": "h"},
        most={"d_model": 14},
    ),
    reference=multi_head_attention,
    examples=(
        Example("two heads and no mask", {"L": 3, "d_model": 6, "h": 2}, {"mask": None}, batch=(2,)),
        Example("a mask for each head", {"L": 3, "d_model": 6, "h": 3}, {"mask": Normal(0.0, 2.0)}),
    ),
    edges=(
        Example("a single head", {"L": 4, "d_model": 3, "h": 1}, {"mask": None}),
        Example("as many heads as features", {"L": 3, "d_model": 4, "h": 4}, {"mask": None}),
        Example("a single position", {"L": 1, "d_model": 4, "h": 2}, {"mask": None}),
        Example("a single feature", {"L": 3, "d_model": 1, "h": 1}, {"mask": None}),
        Example(
            "the future is closed for all heads",
            {"L": 3, "d_model": 4, "h": 2},
            {"mask": [[[0.0, CLOSED, CLOSED], [0.0, 0.0, CLOSED], [0.0, 0.0, 0.0]]] * 2},
            batch=(2,),
        ),
        Example("one mask for all heads", {"L": 3, "d_model": 4, "h": 2}, {"mask": _OneForAllHeads()}, batch=(2,)),
        Example("two batch dimensions", {"L": 2, "d_model": 6, "h": 3}, {"mask": None}, batch=(2, 3)),
    ),
    checks=(Agreement(4), Symbolic(1), full_precision(1), Gradients(2), Edges(3), Contract(1)),
    misconceptions=(
        scaled_by_the_model_dimension,
        not_scaled,
        heads_from_the_positions,
        heads_not_put_back,
        heads_interleaved,
        no_output_projection,
        weights_transposed,
        a_single_head,
        mask_of_each_head_ignored,
    ),
)
