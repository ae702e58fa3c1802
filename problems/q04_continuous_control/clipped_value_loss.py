"""Value clipping does for the critic what PPO's clipping does for the policy: within one round of updates the values
gain nothing by moving far from where they were when the data was collected. The loss is ½ times the mean over N samples
of max((V − R)², (V_c − R)²), where V_c = V_old + clip(V − V_old, −c, c) has moved by c at most.

`values` are V, put out by the critic in training; `old_values` are V_old, put out when the data was collected;
`returns` are R, what the values are to learn. `clip_range` is c. Differentiate through `values`; `old_values` and
`returns` are constants, and no gradient flows into them even if they require one.

The maximum makes the loss pessimistic: a sample whose value has moved by more than c *towards* its return still pays as
if it had stopped at c, and has no gradient; one that has moved away, or far beyond its return, is pulled back. It is a
loss, to be minimised, and the factor ½ is part of it. The result is 0-dimensional, in the inputs' dtype and on their
device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, NoInfluence, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Near, Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from problems.notation import clip, maximum, mean
from reference.value import clipped_value_loss


def _clipped(values, old_values, clip_range):
    return old_values + torch.clamp(values - old_values, -clip_range, clip_range)


def minimum_instead_of_maximum(values, old_values, returns, clip_range):
    """You take the smaller of the two squared errors. Then moving far is rewarded, which clipping is to prevent: the
    loss is pessimistic, so take the larger one.
    """
    old_values, returns = old_values.detach(), returns.detach()
    clipped = _clipped(values, old_values, clip_range)
    return 0.5 * torch.minimum((values - returns).square(), (clipped - returns).square()).mean()


def value_clipped_instead_of_its_change(values, old_values, returns, clip_range):
    """You clip the value itself to ±c. It is its *change* that is clipped: V_old + clip(V − V_old, −c, c), which is
    near V_old and not near 0.
    """
    returns = returns.detach()
    clipped = torch.clamp(values, -clip_range, clip_range)
    return 0.5 * torch.maximum((values - returns).square(), (clipped - returns).square()).mean()


def clipped_without_the_maximum(values, old_values, returns, clip_range):
    """You use the clipped value alone. Then a sample that has moved by more than c in the *wrong* direction has no
    gradient either, and nothing pulls it back. Take the larger of both squared errors.
    """
    return 0.5 * (_clipped(values, old_values.detach(), clip_range) - returns.detach()).square().mean()


def not_clipped(values, old_values, returns, clip_range):
    """You don't clip at all: ½ mean (V − R)² is the plain value loss. Compare it, sample by sample, with that of the
    clipped value.
    """
    return 0.5 * (values - returns.detach()).square().mean()


def half_left_out(values, old_values, returns, clip_range):
    """You leave out the factor ½. It cancels the 2 of the square's derivative and is part of this loss."""
    return 2 * clipped_value_loss(values, old_values, returns, clip_range)


def old_values_differentiated(values, old_values, returns, clip_range):
    """You let a gradient flow into `old_values`. They are what the critic said when the data was collected, and stay
    what they were: constants, `old_values.detach()`.
    """
    returns = returns.detach()
    clipped = _clipped(values, old_values, clip_range)
    return 0.5 * torch.maximum((values - returns).square(), (clipped - returns).square()).mean()


def returns_differentiated(values, old_values, returns, clip_range):
    """You let a gradient flow into `returns`. The critic could then lower its loss by dragging its targets towards
    itself. They are constants: `returns.detach()`.
    """
    old_values = old_values.detach()
    clipped = _clipped(values, old_values, clip_range)
    return 0.5 * torch.maximum((values - returns).square(), (clipped - returns).square()).mean()


def sum_instead_of_mean(values, old_values, returns, clip_range):
    """You add the samples up, so a step grows with the size of the batch. Take the mean over all samples."""
    return len(values) * clipped_value_loss(values, old_values, returns, clip_range)


def _every_value_beyond_the_clip(inputs):
    """Every value has moved by 1 towards its return, which is 2 farther on; every other one downwards."""
    direction = torch.ones_like(inputs["values"])
    direction[1::2] = -1.0
    return {"old_values": inputs["values"] - direction, "returns": inputs["values"] + 2 * direction}


def formula(values, old_values, returns, clip_range):
    """L = ½ mean max((V − R)², (V_c − R)²), with V_c = V_old + clip(V − V_old, −c, c)."""
    c = clip_range
    clipped = old_values + clip(values - old_values, -c, c)
    return mean(maximum((values - returns) ** 2, (clipped - returns) ** 2)) / 2


PROBLEM = Problem(
    title="Clipped value loss",
    source="Assignment question 4 (value clipping); Engstrom et al. 2020, §3; Huang et al. 2022, detail 9",
    statement=__doc__,
    formula=Formula(
        r"L^{V} = \frac{1}{2N} \sum_{i=1}^{N} \max\left((V_i - R_i)^2, \; (V_i^{\mathrm{clip}} - R_i)^2\right), \quad"
        r" V_i^{\mathrm{clip}} = V_i^{\mathrm{old}} + \mathrm{clip}(V_i - V_i^{\mathrm{old}}, -c, c)",
        formula,
        (Instance({"N": 2}, {"clip_range": 0.25}), Instance({"N": 1}, {"clip_range": 0.625})),
    ),
    signature=Signature(
        {
            "values": Tensor("N", "V of each state by the critic in training", gradient=Gradient.GRADED),
            "old_values": Tensor(
                "N", "by the critic that collected the data, a constant", Near("values", 0.5), Gradient.CONSTANT
            ),
            "returns": Tensor("N", "what V is to learn, a constant", gradient=Gradient.CONSTANT),
            "clip_range": Number("c, how far V may usefully move", (0.2, 0.1, 0.3), 0.5),
        },
        returns="",
    ),
    reference=clipped_value_loss,
    examples=(
        Example("thirty-one samples", {"N": 31}),
        Example("values that were right", {"N": 17}, {"returns": Near("old_values", 0.3)}),
        Example("values far from 0", {"N": 13}, {"values": Normal(5.0, 1.0), "returns": Normal(5.0, 1.0)}),
    ),
    edges=(
        Example("a single sample", {"N": 1}),
        Example("the critic has not moved", {"N": 5}, {"old_values": Near("values", 0.0)}),
        Example("the values are right already", {"N": 5}, {"returns": Near("values", 0.0)}),
        Example(
            "beyond the clip in all four ways",
            values={
                "values": [1.0, 1.0, -1.0, -1.0],
                "old_values": [0.0, 0.0, 0.0, 0.0],
                "returns": [2.0, -2.0, 2.0, -2.0],
            },
        ),
        Example("returns of ten thousand", {"N": 5}, {"returns": Normal(0.0, 1e4)}),
        Example("a clip that never acts", {"N": 5}, {"clip_range": 1e6}),
        Example("ten thousand samples", {"N": 10_000}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        NoInfluence(
            "no_pull_beyond_the_clip",
            1,
            "a sample whose value has moved by more than c towards its return has no gradient",
            prepare=_every_value_beyond_the_clip,
            of=("values",),
            source=torch.ones_like,
            hidden=lambda gradient: torch.ones_like(gradient, dtype=torch.bool),
        ),
        Contract(1),
    ),
    misconceptions=(
        minimum_instead_of_maximum,
        value_clipped_instead_of_its_change,
        clipped_without_the_maximum,
        not_clipped,
        half_left_out,
        old_values_differentiated,
        returns_differentiated,
        sum_instead_of_mean,
    ),
)
