"""A trust-region step asks how good a new policy would be, of data that an old one collected. Importance sampling
answers: weigh the advantage Â of every action with the ratio π(a|s) / π_old(a|s), which says how much likelier the
action has become, and take the mean over all N samples. This surrogate objective has the value and the gradient of the
true one where the policy has not moved yet, and the trust region keeps it from being believed further away.

`log_prob` and `old_log_prob` are the log-probabilities of the actions taken, under the policy that is being trained and
under the one that collected the data; `advantages` are the estimates Â. Differentiate through `log_prob`;
`old_log_prob` and `advantages` are constants, and no gradient flows into them even if they require one.

This is an *objective*, to be maximised: no minus sign. Log-probabilities may be as low as −1,000, where the
probabilities themselves round to 0. The result is 0-dimensional, in the inputs' dtype and on their device. Leave the
inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import LogProbs, Near
from grader.model.signature import Gradient, Signature, Tensor
from problems.notation import exp, mean
from reference.trust_region import surrogate_objective


def log_ratio_instead_of_ratio(log_prob, old_log_prob, advantages):
    """You weigh the advantages with log π − log π_old. That is the logarithm of the ratio: take `exp` of it. (The ratio
    is 1 and not 0 where the policy has not moved.)
    """
    return ((log_prob - old_log_prob.detach()) * advantages.detach()).mean()


def log_probability_instead_of_ratio(log_prob, old_log_prob, advantages):
    """You weigh the advantages with log π, as in the plain policy gradient. That has the right gradient at the old
    policy alone. The surrogate compares two policies: weigh with exp(log π − log π_old).
    """
    return (log_prob * advantages.detach()).mean()


def ratio_inverted(log_prob, old_log_prob, advantages):
    """You divide the old probability by the new one. The ratio is π / π_old: it grows as the new policy makes the
    action more likely.
    """
    return (torch.exp(old_log_prob.detach() - log_prob) * advantages.detach()).mean()


def loss_instead_of_objective(log_prob, old_log_prob, advantages):
    """You return the negative, the loss that an optimiser would minimise. Here the objective is asked for, without the
    minus sign.
    """
    return -surrogate_objective(log_prob, old_log_prob, advantages)


def old_policy_differentiated(log_prob, old_log_prob, advantages):
    """You let a gradient flow into `old_log_prob`. The old policy collected the data and stays what it was: it is a
    constant, `old_log_prob.detach()`.
    """
    return (torch.exp(log_prob - old_log_prob) * advantages.detach()).mean()


def advantages_differentiated(log_prob, old_log_prob, advantages):
    """You let a gradient flow into `advantages`. Then the critic would learn to flatter the policy. They are constants:
    `advantages.detach()`.
    """
    return (torch.exp(log_prob - old_log_prob.detach()) * advantages).mean()


def sum_instead_of_mean(log_prob, old_log_prob, advantages):
    """You add the samples up, so the objective grows with the size of the batch. Take the mean over all samples."""
    return len(log_prob) * surrogate_objective(log_prob, old_log_prob, advantages)


def weights_normalised(log_prob, old_log_prob, advantages):
    """You divide by the sum of the ratios. That is weighted importance sampling, which has less variance and a bias;
    the surrogate is the plain mean, Σ r Â / N.
    """
    ratio = torch.exp(log_prob - old_log_prob.detach())
    return (ratio * advantages.detach()).sum() / ratio.sum()


def quotient_of_probabilities(log_prob, old_log_prob, advantages):
    """You compute both probabilities and divide. Very small ones round to 0, and 0 / 0 is NaN. Subtract the logarithms
    first: exp(log π − log π_old).
    """
    return (torch.exp(log_prob) / torch.exp(old_log_prob.detach()) * advantages.detach()).mean()


def formula(log_prob, old_log_prob, advantages):
    """L = mean π / π_old · Â."""
    pi, pi_old = exp(log_prob), exp(old_log_prob)
    return mean(pi / pi_old * advantages)


PROBLEM = Problem(
    title="Surrogate objective of a trust region",
    source="Assignment question 5; Schulman et al. 2015, eq. 14",
    statement=__doc__,
    formula=Formula(
        r"L(\theta) = \frac{1}{N} \sum_{i=1}^{N} "
        r"\frac{\pi_\theta(a_i \mid s_i)}{\pi_{\mathrm{old}}(a_i \mid s_i)} \, \hat{A}_i",
        formula,
        (Instance({"N": 3}), Instance({"N": 1})),
    ),
    signature=Signature(
        {
            "log_prob": Tensor(
                "N", "log-probability of each action under the policy in training", LogProbs(), Gradient.GRADED
            ),
            "old_log_prob": Tensor(
                "N", "under the policy that collected the data, a constant", Near("log_prob", 0.4), Gradient.CONSTANT
            ),
            "advantages": Tensor("N", "estimated advantage of each action, a constant", gradient=Gradient.CONSTANT),
        },
        returns="",
    ),
    reference=surrogate_objective,
    examples=(Example("thirty-one samples", {"N": 31}),),
    edges=(
        Example("a single sample", {"N": 1}),
        Example("the policy has not moved", {"N": 5}, {"old_log_prob": Near("log_prob", 0.0)}),
        Example("all advantages are 0", values={"advantages": [0.0, 0.0, 0.0]}),
        Example(
            "log-probabilities of −1,000",
            values={
                "log_prob": [-1000.0, -999.5, -1000.0, -1001.0],
                "old_log_prob": [-1000.0, -1000.0, -1000.5, -1000.0],
                "advantages": [1.0, 2.0, -1.0, -0.5],
            },
        ),
        Example("ten thousand samples", {"N": 10_000}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(1),
        Edges(1),
        Invariance(
            "where_the_policy_has_not_moved",
            1,
            "where the policy has not moved the objective is the mean of the advantages",
            change=lambda inputs: {"old_log_prob": inputs["log_prob"]},
            expected=lambda _, changed: changed["advantages"].mean(),
        ),
        Contract(1),
    ),
    misconceptions=(
        log_ratio_instead_of_ratio,
        log_probability_instead_of_ratio,
        ratio_inverted,
        loss_instead_of_objective,
        old_policy_differentiated,
        advantages_differentiated,
        sum_instead_of_mean,
        weights_normalised,
        quotient_of_probabilities,
    ),
    numerical=(quotient_of_probabilities,),
)
