"""Small problems that take and give other things than tensors: tuples, numbers, what may be left out, whole numbers."""

from __future__ import annotations

import sympy
import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance, constant
from grader.model.problem import CatalogEntry, Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Number, Signature, Tensor

EYE = [[1.0, 0.0], [0.0, 1.0]]


def losses(x, y, scale):
    """The reference: the mean of sg(y − x) · y, and half the mean of (x − sg(y))²."""
    gap = (y - x).detach()
    return (scale * gap * y).mean(), (x - y.detach()).square().mean() / 2


def gap_differentiated(x, y, scale):
    """You differentiate the gap."""
    return (scale * (y - x) * y).mean(), losses(x, y, scale)[1]


def half_left_out(x, y, scale):
    """You leave the half out of the second loss."""
    first, second = losses(x, y, scale)
    return first, 2 * second


def losses_swapped(x, y, scale):
    """You give the second loss first."""
    return losses(x, y, scale)[::-1]


def formula_of_losses(x, y, scale):
    gap = constant(y - x)
    n = len(x)
    return sum(scale * g * v for g, v in zip(gap, y, strict=True)) / n, sum((x - constant(y)) ** 2) / n / 2


LOSSES = Problem(
    title="Two losses",
    source="none",
    statement="Two losses of `x`, `y` and `scale`.",
    formula=Formula("L_1, L_2", formula_of_losses, (Instance({"N": 2}, {"scale": 0.5}),)),
    signature=Signature(
        {
            "x": Tensor("N", "a guess", gradient=Gradient.GRADED),
            "y": Tensor("N", "a target", gradient=Gradient.GRADED),
            "scale": Number("weight", (0.5, 3.0), 2.0),
        },
        returns=("", ""),
    ),
    reference=losses,
    checks=(Agreement(2), Symbolic(1), full_precision(1), Gradients(2), Edges(1), Contract(1)),
    misconceptions=(gap_differentiated, half_left_out, losses_swapped),
    edges=(Example("a single element", {"N": 1}),),
)


def headed(x, w, num_heads, causal, mask=None):
    """The reference: x w, each head's share of the columns added up, with a mask on it; reversed where causal."""
    shares = (x @ w).unflatten(-1, (num_heads, -1)).sum(-2)
    shares = shares.flip(-2) if causal else shares
    return shares if mask is None else shares + mask[:, None]


def mask_left_out(x, w, num_heads, causal, mask=None):
    """You leave the mask out."""
    return headed(x, w, num_heads, causal)


def formula_of_headed(x, w, num_heads, causal, mask):
    width = x.shape[1] // num_heads
    projected = x @ w
    shares = sum(projected[:, i * width : (i + 1) * width] for i in range(num_heads))
    shares = shares[::-1] if causal else shares
    return shares if mask is None else shares + mask[:, None]


SIZES = {"L": 2, "d_model": 2, "h": 2, "d_h": 1}

HEADED = Problem(
    title="Heads added up",
    source="none",
    statement="Adds heads up.",
    formula=Formula(
        "x w",
        formula_of_headed,
        (
            Instance(SIZES, {"causal": False, "mask": None}),
            Instance(SIZES | {"d_h": 1}, {"causal": True, "w": EYE}, batch=(2,)),
        ),
    ),
    signature=Signature(
        {
            "x": Tensor("... L d_model", "positions", gradient=Gradient.GRADED),
            "w": Tensor("d_model h*d_h", "projection", gradient=Gradient.GRADED),
            "num_heads": Number("heads", size="h"),
            "causal": Number("whether to turn the positions round", (False, True), False),
            "mask": Tensor("L", "added at the end", Normal(), optional=True),
        },
        returns="... L d_h",
        usual_batch=1,
        most={"h": 5},
    ),
    reference=headed,
    checks=(Agreement(2), Symbolic(1), Gradients(2), Edges(1), Contract(1)),
    misconceptions=(mask_left_out,),
    examples=(Example("no mask", {"L": 5}, {"mask": None}, batch=(2,)),),
    edges=(Example("a single head", values={"num_heads": 1}),),
)


def offsets(length, furthest):
    """The reference: how far apart any two positions are, at most `furthest`."""
    positions = torch.arange(length)
    return (positions[:, None] - positions).clamp(-furthest, furthest)


def offsets_the_other_way_round(length, furthest):
    """You subtract the wrong one."""
    return -offsets(length, furthest)


OFFSETS = Problem(
    title="Offsets",
    source="none",
    statement="Offsets of `length` positions.",
    formula=Formula(
        r"\mathrm{clip}(i - j)",
        lambda length, furthest: [[min(max(i - j, -furthest), furthest) for j in range(length)] for i in range(length)],
        (Instance({"L": 3}, {"furthest": 1}),),
    ),
    signature=Signature(
        {
            "length": Number("positions", size="L"),
            "furthest": Number("largest offset", among=lambda sizes, drawn: range(1, drawn["length"] + 1)),
        },
        returns="L L",
        dtype="int64",
    ),
    reference=offsets,
    checks=(Agreement(2), Symbolic(1), Edges(1), Contract(1)),
    misconceptions=(offsets_the_other_way_round,),
    edges=(Example("a single position", {"L": 1}), Example("nothing is clipped", {"L": 5}, {"furthest": 100})),
)


def waves(length):
    """The reference: sines of p / 100, in float32."""
    return torch.sin(torch.arange(length, dtype=torch.get_default_dtype()) / 100)


WAVES = Problem(
    title="Waves",
    source="none",
    statement="Sines for `length` positions.",
    formula=Formula(
        r"\sin(p / 100)",
        lambda length: [sympy.sin(sympy.Rational(p, 100)) for p in range(length)],
        (Instance({"L": 3}),),
    ),
    signature=Signature({"length": Number("positions", size="L")}, returns="L", dtype="float32"),
    reference=waves,
    checks=(Agreement(2), Symbolic(1), full_precision(1), Edges(1), Contract(1)),
    misconceptions=(),
    edges=(Example("five hundred positions", {"L": 512}),),
)


def faded(step, total):
    """The reference: a coefficient that falls from 1 to 0, a Python number."""
    return max(0.0, 1 - step / total)


def faded_below_zero(step, total):
    """You let it fall below 0."""
    return 1 - step / total


FADED = Problem(
    title="Fading",
    source="none",
    statement="A coefficient at `step` of `total`.",
    formula=Formula(
        r"\max(0, 1 - s / S)",
        lambda step, total: sympy.Max(0, 1 - step / total),
        tuple(Instance({}, {"step": step, "total": 4}) for step in (1, 6)),
    ),
    signature=Signature({"step": Number("s", (100, 350, 900), 3), "total": Number("S", (200, 500), 2)}, returns=""),
    reference=faded,
    checks=(Agreement(2), Symbolic(1), full_precision(1), Edges(1), Contract(1)),
    misconceptions=(faded_below_zero,),
    edges=(Example("the last step", values={"step": 500, "total": 500}),),
)

PROBLEMS = (LOSSES, HEADED, OFFSETS, WAVES, FADED)
ENTRIES = tuple(CatalogEntry(problem.reference.__name__, 99, "toys", problem) for problem in PROBLEMS)


def entry(problem: Problem) -> CatalogEntry:
    """The problem with its identity."""
    return next(each for each in ENTRIES if each.problem is problem)
