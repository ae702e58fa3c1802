"""Actions usually have bounds, and a Gaussian has none. So the soft actor-critic draws u from a Gaussian and takes the
action a = tanh(u), which lies between −1 and 1. Squashing changes the density: where tanh is flat, many u share few a,
and the density of a is that of u divided by the slope da/du = 1 − tanh² u. Hence, summed over the D dimensions,

    log π(a|s) = log N(u; μ, σ²) − Σ_i log(1 − tanh² u_i).

`pre_tanh` is u, the action *before* it is squashed; `mean` and `log_std` are μ and log σ of the Gaussian. All three
have the same shape: the D dimensions on the last axis, any number of batch dimensions before it, also none. The result
is one log-density for each action. Differentiate through all three.

The result is to be exact and finite for u from −50 to 50, gradients too. There tanh(u) rounds to ±1 long before (at
about 9 in float32), and 1 − tanh² u to 0. Adding a small number inside the logarithm keeps it finite, but gives another
function. Look for a form of log(1 − tanh² u) in which nothing cancels; softplus or log-sigmoid help.

The result has the inputs' dtype and device. Leave the inputs as they are.
"""

import math

import sympy
import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Near, Normal, Uniform
from grader.model.signature import Gradient, Signature, Tensor
from problems.notation import exp, log, tanh
from reference.gaussian import gaussian_log_prob, tanh_gaussian_log_prob


def _log_slope(u):
    """log(1 − tanh² u), exactly."""
    return 2 * (math.log(2.0) - u.abs() - torch.log1p(torch.exp(-2 * u.abs())))


def slope_forgotten(pre_tanh, mean, log_std):
    """You return the density of u, before it is squashed. The action is tanh(u), whose density is larger where tanh is
    flat: subtract Σ log(1 − tanh² u).
    """
    return gaussian_log_prob(pre_tanh, mean, log_std)


def slope_added(pre_tanh, mean, log_std):
    """You add Σ log(1 − tanh² u) instead of subtracting it. The density of a is that of u *divided* by the slope
    da/du: near the bounds, where much of the Gaussian is pressed together, it grows.
    """
    return gaussian_log_prob(pre_tanh, mean, log_std) + _log_slope(pre_tanh).sum(dim=-1)


def small_number_inside_the_logarithm(pre_tanh, mean, log_std):
    """You compute log(1 − tanh² u + 10⁻⁶). That stays finite, but is wrong wherever 1 − tanh² u isn't much larger than
    10⁻⁶, beyond |u| = 8 by whole units, and its gradient vanishes there. log(1 − tanh² u) = 2 (log 2 − u −
    softplus(−2u)) is exact.
    """
    slope = 1 - torch.tanh(pre_tanh).square()
    return gaussian_log_prob(pre_tanh, mean, log_std) - torch.log(slope + 1e-6).sum(dim=-1)


def slope_at_the_action(pre_tanh, mean, log_std):
    """You take the slope of tanh at the action a = tanh(u). It belongs to u: the slope is 1 − tanh² u, which is 1 − a²
    and not 1 − tanh² a.
    """
    return gaussian_log_prob(pre_tanh, mean, log_std) - _log_slope(torch.tanh(pre_tanh)).sum(dim=-1)


def gaussian_at_the_squashed_action(pre_tanh, mean, log_std):
    """You put tanh(u) into the density of the Gaussian. It was u that was drawn from it: evaluate the Gaussian at
    `pre_tanh`, and correct for the squashing then.
    """
    return gaussian_log_prob(torch.tanh(pre_tanh), mean, log_std) - _log_slope(pre_tanh).sum(dim=-1)


def slope_not_squared(pre_tanh, mean, log_std):
    """You use 1 − |tanh u| as the slope. The derivative of tanh has the square in it: 1 − tanh² u."""
    magnitude = torch.tanh(pre_tanh.abs())
    return gaussian_log_prob(pre_tanh, mean, log_std) - torch.log(1 - magnitude).sum(dim=-1)


def one_for_each_dimension(pre_tanh, mean, log_std):
    """You return one log-density for each dimension. The action as a whole has only one: sum over the last axis, of the
    Gaussian as well as of the correction.
    """
    z = (pre_tanh - mean) / torch.exp(log_std)
    return -0.5 * z.square() - log_std - 0.5 * math.log(2 * math.pi) - _log_slope(pre_tanh)


def one_minus_the_square_rounds_to_zero(pre_tanh, mean, log_std):
    """You compute 1 − tanh² u as it stands. In float32 that is 0 from |u| of about 9 on, and its logarithm −inf; digits
    are lost long before. log(1 − tanh² u) = 2 (log 2 − u − softplus(−2u)) is the same without the difference.
    """
    return gaussian_log_prob(pre_tanh, mean, log_std) - torch.log(1 - torch.tanh(pre_tanh).square()).sum(dim=-1)


def _mean_mirrored_at_u(inputs):
    return {"mean": 2 * inputs["pre_tanh"] - inputs["mean"]}


def formula(pre_tanh, mean, log_std):
    """log π(a|s) = log N(u; μ, σ²) − Σ_i log(1 − tanh² u_i)."""
    u, sigma = pre_tanh, exp(log_std)
    density = exp(-((u - mean) ** 2) / (2 * sigma**2)) / (sigma * sympy.sqrt(2 * sympy.pi))
    return (log(density) - log(1 - tanh(u) ** 2)).sum()


PROBLEM = Problem(
    title="Log-density of a tanh-squashed Gaussian",
    source="Assignment question 4 (SAC); Haarnoja et al. 2018, appendix C",
    statement=__doc__,
    formula=Formula(
        r"\log \pi(a \mid s) = \log \mathcal{N}(u; \mu, \sigma^2) - \sum_{i=1}^{D} \log\left(1 - \tanh^2 u_i\right),"
        r" \quad a = \tanh u",
        formula,
        (Instance({"D": 3}, batch=(2,)), Instance({"D": 1})),
    ),
    signature=Signature(
        {
            "pre_tanh": Tensor("... D", "the actions before they are squashed", Uniform(-1.0, 1.0), Gradient.GRADED),
            "mean": Tensor("... D", "mean of the Gaussian", Near("pre_tanh", 0.5), Gradient.GRADED),
            "log_std": Tensor("... D", "logarithm of its standard deviation", Normal(-0.5, 0.5), Gradient.GRADED),
        },
        returns="...",
        usual_batch=1,
    ),
    reference=tanh_gaussian_log_prob,
    examples=(
        Example("actions in the middle", {"D": 3}, {"pre_tanh": Uniform(-0.2, 0.2)}, batch=(5,)),
        Example("actions on the way to the bounds", {"D": 3}, {"pre_tanh": Uniform(0.5, 1.2)}, batch=(5,)),
    ),
    edges=(
        Example("one dimension", {"D": 1}, batch=(3,)),
        Example("actions of 0", values={"pre_tanh": [[0.0, 0.0]]}, batch=(1,)),
        Example(
            "u = ±7, where 1 − tanh² u is a millionth",
            values={"pre_tanh": [[7.0, -7.0, 6.5]], "mean": [[6.5, -7.5, 7.0]]},
            batch=(1,),
        ),
        Example(
            "u = ±10 and ±20, where tanh rounds to ±1",
            values={"pre_tanh": [[10.0, -10.0], [20.0, -20.0]], "mean": [[9.5, -9.0], [19.0, -20.5]]},
            batch=(2,),
        ),
        Example(
            "u = ±50",
            values={"pre_tanh": [[50.0, -50.0], [-50.0, 0.5]], "mean": [[49.5, -50.5], [-48.0, 0.25]]},
            batch=(2,),
        ),
        Example(
            "u = ±50, far from the mean",
            values={"pre_tanh": [[50.0, -50.0]], "mean": [[0.0, 1.0]], "log_std": [[0.0, -1.0]]},
            batch=(1,),
        ),
        Example("ten thousand actions", {"D": 2}, batch=(10_000,)),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(1),
        Edges(3),
        Invariance(
            "mirrored_mean",
            1,
            "depends on the mean only through its distance from u: mirrored at u it gives the same",
            change=_mean_mirrored_at_u,
        ),
        Contract(1),
    ),
    misconceptions=(
        slope_forgotten,
        slope_added,
        small_number_inside_the_logarithm,
        slope_at_the_action,
        gaussian_at_the_squashed_action,
        slope_not_squared,
        one_for_each_dimension,
        one_minus_the_square_rounds_to_zero,
    ),
    numerical=(one_minus_the_square_rounds_to_zero,),
)
