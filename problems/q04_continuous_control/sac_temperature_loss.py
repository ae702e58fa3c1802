"""How much entropy is worth against reward, the temperature α, is hard to choose by hand. The soft actor-critic chooses
the entropy H̄ that its policy is to have instead, and learns α: it rises while the policy's entropy is below H̄, and
falls while it is above. The loss that does so is −mean α (log π(a|s) + H̄), over N actions sampled from the policy.

`log_alpha` is log α, a 0-dimensional tensor: α = exp(log_alpha) is then positive whatever an optimiser does to it.
Differentiate through it; it is the only thing that this loss is to change. `log_prob` is the log-density of each action
and is meant as a constant, but its gradient is not graded. `target_entropy` is H̄, often −D for actions with D
dimensions: the entropy of a density can be negative.

The loss is written with α, as in the paper. Many programs put `log_alpha` itself in α's place, which has another value
and another gradient. The result is 0-dimensional, in the inputs' dtype and on their device. Leave the inputs as they
are.
"""

import math

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from problems.notation import exp, mean
from reference.sac import sac_temperature_loss


def log_alpha_for_alpha(log_alpha, log_prob, target_entropy):
    """You multiply with `log_alpha`, as many programs do. It pushes α the same way, but the loss and the size of its
    gradient are others. Here the loss of the paper is asked for, with α = exp(log_alpha).
    """
    return -(log_alpha * (log_prob.detach() + target_entropy)).mean()


def wrong_sign(log_alpha, log_prob, target_entropy):
    """You leave out the minus sign. Then α falls while the policy has *less* entropy than it should, and collapses: the
    loss is −mean α (log π + H̄).
    """
    return -sac_temperature_loss(log_alpha, log_prob, target_entropy)


def target_with_the_wrong_sign(log_alpha, log_prob, target_entropy):
    """You subtract the target entropy from log π. The entropy is the mean of *minus* log π, so that log π + H̄ is how
    much is missing: it is 0 where −log π equals H̄.
    """
    return sac_temperature_loss(log_alpha, log_prob, -target_entropy)


def target_left_out(log_alpha, log_prob, target_entropy):
    """You leave out the target entropy. Then α changes until the policy has entropy 0, whatever is wanted: it is
    log π + H̄.
    """
    return sac_temperature_loss(log_alpha, log_prob, 0.0)


def alpha_detached(log_alpha, log_prob, target_entropy):
    """You detach α, and so nothing is learnt. In this loss it is the actions' log-densities that are constants, and α
    that is trained.
    """
    return sac_temperature_loss(log_alpha.detach(), log_prob, target_entropy)


def target_not_weighed(log_alpha, log_prob, target_entropy):
    """You multiply log π alone with α, and not the target. α weighs what is missing as a whole: α (log π + H̄)."""
    return -(torch.exp(log_alpha) * log_prob.detach() + target_entropy).mean()


def sum_instead_of_mean(log_alpha, log_prob, target_entropy):
    """You add the samples up, so a step grows with the size of the batch. Take the mean over all samples."""
    return len(log_prob) * sac_temperature_loss(log_alpha, log_prob, target_entropy)


def _twice_the_temperature(inputs):
    return {"log_alpha": inputs["log_alpha"] + math.log(2.0)}


def formula(log_alpha, log_prob, target_entropy):
    """L = −mean α (log π(a|s) + H̄), with α = exp(log_alpha)."""
    alpha = exp(log_alpha)
    return -mean(alpha * (log_prob + target_entropy))


PROBLEM = Problem(
    title="Loss of SAC's temperature",
    source="Assignment question 4 (SAC); Haarnoja et al. 2018, arXiv:1812.05905, eq. 18",
    statement=__doc__,
    formula=Formula(
        r"L(\alpha) = -\frac{1}{N} \sum_{i=1}^{N} \alpha \left(\log \pi(a_i \mid s_i) + \bar{\mathcal{H}}\right)",
        formula,
        (Instance({"N": 3}, {"target_entropy": -0.75}), Instance({"N": 1}, {"target_entropy": 0.625})),
    ),
    signature=Signature(
        {
            "log_alpha": Tensor("", "logarithm of the temperature", Normal(-1.0, 1.0), Gradient.GRADED),
            "log_prob": Tensor("N", "log-density of each action", Normal(-1.0, 1.5)),
            "target_entropy": Number("H̄, the entropy that the policy is to have", (-2.0, -1.0, -6.0), -2.0),
        },
        returns="",
    ),
    reference=sac_temperature_loss,
    examples=(
        Example("a policy that is too certain", {"N": 7}, {"log_prob": Normal(5.0, 0.5), "target_entropy": -2.0}),
        Example("a policy that is too random", {"N": 7}, {"log_prob": Normal(-5.0, 0.5), "target_entropy": -2.0}),
        Example("a positive target", {"N": 7}, {"target_entropy": 1.5}),
    ),
    edges=(
        Example("a single sample", {"N": 1}),
        Example("α = 1", {"N": 5}, {"log_alpha": 0.0}),
        Example("a very low temperature", {"N": 5}, {"log_alpha": -20.0}),
        Example("a high temperature", {"N": 5}, {"log_alpha": 5.0}),
        Example("the target is met by every sample", values={"log_prob": [3.0, 3.0], "target_entropy": -3.0}),
        Example("a target of 0", {"N": 5}, {"target_entropy": 0.0}),
        Example("ten thousand samples", {"N": 10_000}),
    ),
    checks=(
        Agreement(1),
        Symbolic(1),
        full_precision(1),
        Gradients(1),
        Edges(1),
        Invariance(
            "proportional_to_alpha",
            1,
            "at twice the temperature the loss is twice as large",
            change=_twice_the_temperature,
            expected=lambda result, _changed: 2 * result,
        ),
        Contract(1),
    ),
    misconceptions=(
        log_alpha_for_alpha,
        wrong_sign,
        target_with_the_wrong_sign,
        target_left_out,
        alpha_detached,
        target_not_weighed,
        sum_instead_of_mean,
    ),
)
