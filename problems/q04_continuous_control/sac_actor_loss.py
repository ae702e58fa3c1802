"""The actor of the soft actor-critic looks for actions that the critics value and, at the same time, for randomness:
its objective is Q − α log π, at actions sampled from it by reparametrisation, so that the gradient flows through them.
As a loss, to be minimised: the mean over N samples of α log π(a|s) − min(Q₁(s, a), Q₂(s, a)).

`q1` and `q2` are the values that two critics give to each sampled action; the smaller one counts. `log_prob` is the
log-density of the action. Differentiate through these three. `alpha` is the temperature α, a 0-dimensional tensor, for
it is often learnt; but by a loss of its own. Here it is a constant, and no gradient flows into it even if it requires
one.

The result is 0-dimensional, in the inputs' dtype and on their device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Near, Normal, Uniform
from grader.model.signature import Gradient, Signature, Tensor
from problems.notation import mean, minimum
from reference.sac import sac_actor_loss


def objective_instead_of_loss(q1, q2, log_prob, alpha):
    """You return min(Q₁, Q₂) − α log π, which is to be *maximised*. A loss is asked for: its negative."""
    return -sac_actor_loss(q1, q2, log_prob, alpha)


def entropy_with_the_wrong_sign(q1, q2, log_prob, alpha):
    """You subtract α log π, so that minimising the loss makes the policy ever more certain. Entropy is the mean of
    −log π: the loss has +α log π.
    """
    return sac_actor_loss(q1, q2, log_prob, -alpha)


def values_minimised(q1, q2, log_prob, alpha):
    """You add min(Q₁, Q₂). Minimising the loss then makes the policy look for the worst actions: the value has a minus
    sign.
    """
    return (alpha.detach() * log_prob + torch.minimum(q1, q2)).mean()


def maximum_of_the_critics(q1, q2, log_prob, alpha):
    """You take the larger of the two values. The actor would run after whatever one of the critics overestimates: take
    the minimum.
    """
    return (alpha.detach() * log_prob - torch.maximum(q1, q2)).mean()


def mean_of_the_critics(q1, q2, log_prob, alpha):
    """You take the mean of both critics. Asked for is the smaller of the two values, for each action by itself."""
    return (alpha.detach() * log_prob - (q1 + q2) / 2).mean()


def first_critic_alone(q1, q2, log_prob, alpha):
    """You use `q1` alone, as TD3's actor does. The soft actor-critic takes the smaller of both values."""
    return (alpha.detach() * log_prob - q1).mean()


def alpha_left_out(q1, q2, log_prob, alpha):
    """You leave α out, so entropy counts as much as value. The temperature weighs it: α log π."""
    return (log_prob - torch.minimum(q1, q2)).mean()


def alpha_differentiated(q1, q2, log_prob, alpha):
    """You let a gradient flow into `alpha`. The actor's loss would then lower the temperature or raise it without
    bounds. It has a loss of its own; here it is a constant: `alpha.detach()`.
    """
    return (alpha * log_prob - torch.minimum(q1, q2)).mean()


def critics_detached(q1, q2, log_prob, alpha):
    """You detach the values. The gradient has to flow through them into the action: that is how the actor learns what
    is better. Whether the critics' own parameters take a step is for the optimiser to say.
    """
    return (alpha.detach() * log_prob - torch.minimum(q1, q2).detach()).mean()


def sum_instead_of_mean(q1, q2, log_prob, alpha):
    """You add the samples up, so a step grows with the size of the batch. Take the mean over all samples."""
    return len(q1) * sac_actor_loss(q1, q2, log_prob, alpha)


def _both_critics_say_more(inputs):
    return {"q1": inputs["q1"] + 8, "q2": inputs["q2"] + 8}


def formula(q1, q2, log_prob, alpha):
    """L = mean(α log π(a|s) − min(Q₁, Q₂))."""
    return mean(alpha * log_prob - minimum(q1, q2))


PROBLEM = Problem(
    title="Loss of the soft actor",
    source="Assignment question 4 (SAC); Haarnoja et al. 2018, arXiv:1812.05905, eq. 9",
    statement=__doc__,
    formula=Formula(
        r"L = \frac{1}{N} \sum_{i=1}^{N} \left(\alpha \log \pi(a_i \mid s_i)"
        r" - \min\left(Q_1(s_i, a_i), \; Q_2(s_i, a_i)\right)\right), \quad a_i = f(\epsilon_i; s_i)",
        formula,
        (Instance({"N": 3}), Instance({"N": 1})),
    ),
    signature=Signature(
        {
            "q1": Tensor("N", "value of each action by the first critic", gradient=Gradient.GRADED),
            "q2": Tensor("N", "value of each action by the second critic", Near("q1", 1.0), Gradient.GRADED),
            "log_prob": Tensor("N", "log-density of each action", Normal(-1.0, 1.5), Gradient.GRADED),
            "alpha": Tensor("", "temperature, a constant", Uniform(0.1, 0.5), Gradient.CONSTANT),
        },
        returns="",
    ),
    reference=sac_actor_loss,
    examples=(
        Example("thirty-one samples", {"N": 31}),
        Example("the first critic says less", {"N": 7}, {"q1": Uniform(-2.0, -1.0), "q2": Uniform(1.0, 2.0)}),
        Example("the second critic says less", {"N": 7}, {"q1": Uniform(1.0, 2.0), "q2": Uniform(-2.0, -1.0)}),
    ),
    edges=(
        Example("a single sample", {"N": 1}),
        # where the critics agree the gradient may go to either
        Example("the critics agree", {"N": 5}, {"q2": Near("q1", 0.0)}, gradient=False),
        Example("α = 0", {"N": 5}, {"alpha": 0.0}),
        Example("a high temperature", {"N": 5}, {"alpha": 100.0}),
        Example("log-densities from −1,000 to 1,000", {"N": 5}, {"log_prob": Normal(0.0, 500.0)}),
        Example("ten thousand samples", {"N": 10_000}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        Invariance(
            "values_lower_the_loss",
            1,
            "where both critics value every action by 8 more, the loss is lower by 8",
            change=_both_critics_say_more,
            expected=lambda result, _changed: result - 8,
        ),
        Contract(1),
    ),
    misconceptions=(
        objective_instead_of_loss,
        entropy_with_the_wrong_sign,
        values_minimised,
        maximum_of_the_critics,
        mean_of_the_critics,
        first_critic_alone,
        alpha_left_out,
        alpha_differentiated,
        critics_detached,
        sum_instead_of_mean,
    ),
)
