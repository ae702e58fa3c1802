"""A critic has narrow peaks where it errs, and an actor that is trained on it finds them. TD3 therefore evaluates its
targets not at the action of the target actor alone but at actions around it: similar actions should have similar
values. The noise that spreads them is clipped so that they stay near, and the action is clipped to its bounds:
clip(μ'(s') + clip(σ · noise, −c, c), low, high).

`mean_action` is the action of the target actor, and `noise` has been drawn from a *standard* normal distribution in the
same shape: the D dimensions of an action on the last axis, any number of batch dimensions before it, also none. `sigma`
is the standard deviation that the noise is to have, `noise_clip` is c ≥ 0, how far it may move an action in each
dimension. `low` and `high` have one bound for each of the D dimensions; they need not be symmetric, and low ≤ high.

No gradient is asked for: a target is a constant. The result has the inputs' dtype and device. Leave the inputs as they
are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal, Uniform
from grader.model.signature import Number, Signature, Tensor
from problems.notation import clip
from reference.continuous import exploration_action, smoothed_target_action


def noise_not_clipped(mean_action, noise, sigma, noise_clip, low, high):
    """You clip the sum, but not the noise. A rare large draw would then take the target far from the policy's action:
    clip σ · noise to ±c before you add it.
    """
    return exploration_action(mean_action, noise, sigma, low, high)


def sum_not_clipped(mean_action, noise, sigma, noise_clip, low, high):
    """You clip the noise, but not the action that comes out. Near a bound the noise carries it beyond, where the critic
    has never seen any data: clip the sum to [low, high] as well.
    """
    return mean_action + torch.clamp(sigma * noise, -noise_clip, noise_clip)


def clipped_before_it_is_scaled(mean_action, noise, sigma, noise_clip, low, high):
    """You clip the standard normal noise and scale it then, so it moves an action by σ · c at most. c is measured in
    units of the action: scale by σ first and clip then.
    """
    return torch.clamp(mean_action + sigma * torch.clamp(noise, -noise_clip, noise_clip), low, high)


def sigma_left_out(mean_action, noise, sigma, noise_clip, low, high):
    """You clip the noise as it was drawn, with a standard deviation of 1. Then most of it is cut off at ±c. Scale it by
    σ first.
    """
    return smoothed_target_action(mean_action, noise, 1.0, noise_clip, low, high)


def noise_clipped_from_above_only(mean_action, noise, sigma, noise_clip, low, high):
    """You clip the noise at c, but not at −c. It may move the action by c at most in either direction: clip on both
    sides.
    """
    return torch.clamp(mean_action + torch.clamp(sigma * noise, max=noise_clip), low, high)


def symmetric_bounds(mean_action, noise, sigma, noise_clip, low, high):
    """You clip to ±high and never look at `low`. Bounds need not be symmetric: a throttle goes from 0 to 1."""
    return torch.clamp(mean_action + torch.clamp(sigma * noise, -noise_clip, noise_clip), -high, high)


def same_bounds_for_all_dimensions(mean_action, noise, sigma, noise_clip, low, high):
    """You clip all dimensions to one interval, from the smallest of the lower bounds to the largest of the upper ones.
    Each dimension has bounds of its own: `torch.clamp` takes them as tensors, one for each entry of the last axis.
    """
    return smoothed_target_action(mean_action, noise, sigma, noise_clip, low.amin(), high.amax())


def noise_added_after_the_bounds(mean_action, noise, sigma, noise_clip, low, high):
    """You clip the proposed action to its bounds and add the noise then, which carries it out of them again. Clip the
    sum last.
    """
    return torch.clamp(mean_action, low, high) + torch.clamp(sigma * noise, -noise_clip, noise_clip)


def _moved(inputs):
    return {name: inputs[name] + 8 for name in ("mean_action", "low", "high")}


def formula(mean_action, noise, sigma, noise_clip, low, high):
    """ã = clip(μ'(s') + clip(σ ε, −c, c), low, high), with ε ∼ N(0, 1)."""
    c = noise_clip
    return clip(mean_action + clip(sigma * noise, -c, c), low, high)


PROBLEM = Problem(
    title="TD3's target policy smoothing",
    source="Assignment question 4 (TD3); Fujimoto et al. 2018, algorithm 1",
    statement=__doc__,
    formula=Formula(
        r"\tilde{a} = \mathrm{clip}\left(\mu'(s') + \mathrm{clip}(\sigma \epsilon, -c, c), \;"
        r" a_{\mathrm{low}}, \; a_{\mathrm{high}}\right), \quad \epsilon \sim \mathcal{N}(0, I)",
        formula,
        (
            Instance(
                {"D": 3}, {"sigma": 0.75, "noise_clip": 0.25, "low": [-1.0, 0.25, -2.0], "high": [0.5, 1.5, -0.75]}
            ),
            Instance({"D": 1}, {"sigma": 0.25, "noise_clip": 0.625, "low": [-0.5], "high": [2.0]}, batch=(2,)),
        ),
    ),
    signature=Signature(
        {
            "mean_action": Tensor("... D", "the action of the target actor", Normal(0.0, 1.5)),
            "noise": Tensor("... D", "drawn from a standard normal distribution"),
            "sigma": Number("standard deviation of the smoothing noise", (0.5, 0.8, 0.3), 0.5),
            "noise_clip": Number("c, how far the noise may move an action", (0.25, 0.5, 0.1), 0.25),
            "low": Tensor("D", "smallest action in each dimension", Uniform(-1.0, -0.25)),
            "high": Tensor("D", "largest action in each dimension", Uniform(0.25, 1.0)),
        },
        returns="... D",
        usual_batch=1,
    ),
    reference=smoothed_target_action,
    examples=(
        Example("the values of the paper", {"D": 3}, {"sigma": 0.2, "noise_clip": 0.5}, batch=(31,)),
        Example("bounds that are not symmetric", values={"low": [0.0, -2.0], "high": [1.0, 0.5]}, batch=(7,)),
        Example("actions well inside the bounds", {"D": 3}, {"mean_action": Uniform(-0.2, 0.2)}, batch=(7,)),
    ),
    edges=(
        Example("one dimension", {"D": 1}, batch=(5,)),
        Example("c = 0", {"D": 3}, {"noise_clip": 0.0}, batch=(5,)),
        Example("σ = 0", {"D": 3}, {"sigma": 0.0}, batch=(5,)),
        Example("a very large c", {"D": 3}, {"noise_clip": 1e6}, batch=(5,)),
        Example(
            "actions right at the bounds",
            values={"mean_action": [[-1.0, 2.0], [2.0, -1.0]], "low": [-1.0, -1.0], "high": [2.0, 2.0]},
            batch=(2,),
        ),
        Example(
            "a dimension that can't move, where low = high",
            values={"low": [-1.0, 0.75], "high": [1.0, 0.75]},
            batch=(5,),
        ),
        Example("ten thousand actions", {"D": 2}, batch=(10_000,)),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "moved_together",
            1,
            "moving the action and its bounds by the same amount moves the result by that amount",
            change=_moved,
            expected=lambda result, _changed: result + 8,
        ),
        Contract(1),
    ),
    misconceptions=(
        noise_not_clipped,
        sum_not_clipped,
        clipped_before_it_is_scaled,
        sigma_left_out,
        noise_clipped_from_above_only,
        symmetric_bounds,
        same_bounds_for_all_dimensions,
        noise_added_after_the_bounds,
    ),
)
