"""A deterministic policy such as DDPG's explores nothing by itself. While it collects data, Gaussian noise is added to
the action that the actor proposes, and since the environment takes actions within bounds only, the sum is clipped to
them: clip(μ(s) + σ · noise, low, high).

`mean_action` is what the actor proposes, which may lie outside the bounds, and `noise` has been drawn from a standard
normal distribution in the same shape: the D dimensions of an action on the last axis, any number of batch dimensions
before it, also none. `sigma` is the standard deviation that the noise is to have. `low` and `high` have one bound for
each of the D dimensions; they need not be symmetric, and low ≤ high.

No gradient is asked for. The result has the inputs' dtype and device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal, Uniform
from grader.model.signature import Number, Signature, Tensor
from problems.notation import clip
from reference.continuous import exploration_action


def noise_clipped_instead(mean_action, noise, sigma, low, high):
    """You clip the noise and add it then, so the sum can still leave the bounds. It is the action that the environment
    gets which has to lie within them: add first and clip the sum.
    """
    return mean_action + torch.clamp(sigma * noise, low, high)


def clipped_before_the_noise(mean_action, noise, sigma, low, high):
    """You clip the proposed action and add the noise then, which carries it out of the bounds again. Clip last."""
    return torch.clamp(mean_action, low, high) + sigma * noise


def not_clipped(mean_action, noise, sigma, low, high):
    """You don't clip at all. The environment takes actions between `low` and `high` only: clip the sum to them."""
    return mean_action + sigma * noise


def variance_for_the_standard_deviation(mean_action, noise, sigma, low, high):
    """You multiply the noise with σ². It is standard normal and is to have the standard deviation σ: multiply it with
    σ itself.
    """
    return exploration_action(mean_action, noise, sigma**2, low, high)


def sigma_left_out(mean_action, noise, sigma, low, high):
    """You add the noise as it was drawn, with a standard deviation of 1. Scale it by σ first: how much to explore is
    what σ is there to say.
    """
    return exploration_action(mean_action, noise, 1.0, low, high)


def bounds_swapped(mean_action, noise, sigma, low, high):
    """You hand `high` over as the lower bound and `low` as the upper one. Then every action becomes a bound. It is
    `torch.clamp(x, low, high)`.
    """
    return torch.clamp(mean_action + sigma * noise, high, low)


def same_bounds_for_all_dimensions(mean_action, noise, sigma, low, high):
    """You clip all dimensions to one interval, from the smallest of the lower bounds to the largest of the upper ones.
    Each dimension has bounds of its own: `torch.clamp` takes them as tensors, one for each entry of the last axis.
    """
    return torch.clamp(mean_action + sigma * noise, low.amin(), high.amax())


def symmetric_bounds(mean_action, noise, sigma, low, high):
    """You clip to ±high and never look at `low`. Bounds need not be symmetric: a throttle goes from 0 to 1."""
    return torch.clamp(mean_action + sigma * noise, -high, high)


def _overwhelming_noise(inputs):
    return {"noise": torch.full_like(inputs["noise"], 1e4)}


def formula(mean_action, noise, sigma, low, high):
    """a = clip(μ(s) + σ ε, low, high), with ε ∼ N(0, 1)."""
    return clip(mean_action + sigma * noise, low, high)


PROBLEM = Problem(
    title="Exploration noise within bounds",
    source="Assignment question 4 (DDPG); Lillicrap et al. 2016, eq. 7",
    statement=__doc__,
    formula=Formula(
        r"a = \mathrm{clip}\left(\mu(s) + \sigma \, \epsilon, \; a_{\mathrm{low}}, \; a_{\mathrm{high}}\right),"
        r" \quad \epsilon \sim \mathcal{N}(0, I)",
        formula,
        (
            Instance({"D": 3}, {"sigma": 0.25, "low": [-1.0, 0.25, -2.0], "high": [0.5, 1.5, -0.75]}, batch=(2,)),
            Instance({"D": 2}, {"sigma": 0.625, "low": [-0.5, -1.0], "high": [2.0, 0.75]}),
        ),
    ),
    signature=Signature(
        {
            "mean_action": Tensor("... D", "what the actor proposes", Normal(0.0, 1.5)),
            "noise": Tensor("... D", "drawn from a standard normal distribution"),
            "sigma": Number("standard deviation of the exploration noise", (0.8, 0.5, 1.5), 0.5),
            "low": Tensor("D", "smallest action in each dimension", Uniform(-1.0, -0.25)),
            "high": Tensor("D", "largest action in each dimension", Uniform(0.25, 1.0)),
        },
        returns="... D",
        usual_batch=1,
    ),
    reference=exploration_action,
    examples=(
        Example("bounds that are not symmetric", values={"low": [0.0, -2.0], "high": [1.0, 0.5]}, batch=(7,)),
        Example("little noise", {"D": 3}, {"sigma": 0.1}, batch=(31,)),
        Example("actions well inside the bounds", {"D": 3}, {"mean_action": Uniform(-0.2, 0.2)}, batch=(7,)),
    ),
    edges=(
        Example("one dimension", {"D": 1}, batch=(5,)),
        Example("σ = 0", {"D": 3}, {"sigma": 0.0}, batch=(5,)),
        Example(
            "actions right at the bounds",
            values={
                "mean_action": [[-1.0, 2.0], [2.0, -1.0]],
                "noise": [[0.0, 0.0], [0.0, 0.0]],
                "low": [-1.0, -1.0],
                "high": [2.0, 2.0],
            },
            batch=(2,),
        ),
        Example(
            "a dimension that can't move, where low = high",
            values={"low": [-1.0, 0.75], "high": [1.0, 0.75]},
            batch=(5,),
        ),
        Example("bounds that are far away", values={"low": [-1e6, -1e6], "high": [1e6, 1e6]}, batch=(5,)),
        Example("bounds that are all positive", values={"low": [2.0, 0.5], "high": [3.0, 0.75]}, batch=(5,)),
        Example("ten thousand actions", {"D": 2}, batch=(10_000,)),
    ),
    checks=(
        Agreement(1),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "overwhelming_noise",
            1,
            "with ever more noise upwards every action ends at its upper bound",
            change=_overwhelming_noise,
            expected=lambda result, changed: changed["high"].expand_as(result),
        ),
        Contract(1),
    ),
    misconceptions=(
        noise_clipped_instead,
        clipped_before_the_noise,
        not_clipped,
        variance_for_the_standard_deviation,
        sigma_left_out,
        bounds_swapped,
        same_bounds_for_all_dimensions,
        symmetric_bounds,
    ),
)
