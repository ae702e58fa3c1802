"""Clipping is one of two ways in which PPO keeps a policy near the one that collected the data. The other leaves the
ratio r = π(a|s) / π_old(a|s) as it is and charges for the distance instead: from every sample's r Â it subtracts
β · KL[π_old(·|s) ‖ π(·|s)], and the objective is the mean over all N samples.

`log_prob` and `old_log_prob` are the log-probabilities of the actions taken, under the policy that is being trained and
under the one that collected the data; `advantages` are the estimates Â. `kl` holds the divergence in the state of each
sample, which somebody has computed already, and `beta` is β, a Python number.

Differentiate through `log_prob` and through `kl`: the divergence depends on the policy in training, and its gradient is
what holds the policy back. `old_log_prob` and `advantages` are constants, and no gradient flows into them even if they
require one.

This is an *objective*, to be maximised. Log-probabilities may be as low as −1,000, where the probabilities themselves
round to 0. The result is 0-dimensional, in the inputs' dtype and on their device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import LogProbs, Near, Uniform
from grader.model.signature import Gradient, Number, Signature, Tensor
from problems.notation import exp, mean
from reference.ppo import ppo_kl_penalty_objective


def _ratio(log_prob, old_log_prob):
    return torch.exp(log_prob - old_log_prob.detach())


def penalty_added(log_prob, old_log_prob, advantages, kl, beta):
    """You add β KL. The objective is maximised, so that rewards the policy for running away from the old one. A penalty
    is subtracted.
    """
    return (_ratio(log_prob, old_log_prob) * advantages.detach() + beta * kl).mean()


def beta_squared(log_prob, old_log_prob, advantages, kl, beta):
    """You multiply the divergence by β². The penalty is linear in its coefficient: β · KL."""
    return ppo_kl_penalty_objective(log_prob, old_log_prob, advantages, kl, beta**2)


def penalty_left_out(log_prob, old_log_prob, advantages, kl, beta):
    """You return mean r Â alone. Without clipping and without a penalty nothing keeps the policy near the one that
    collected the data: subtract β · KL from each sample.
    """
    return (_ratio(log_prob, old_log_prob) * advantages.detach()).mean()


def kl_detached(log_prob, old_log_prob, advantages, kl, beta):
    """You detach `kl`. Its value is right then, but it no longer holds the policy back: a constant has no gradient.
    Of the arguments only `old_log_prob` and `advantages` are constants.
    """
    return ppo_kl_penalty_objective(log_prob, old_log_prob, advantages, kl.detach(), beta)


def kl_summed_over_the_samples(log_prob, old_log_prob, advantages, kl, beta):
    """You subtract β times the *sum* of the divergences from a mean, so the penalty grows with the size of the batch.
    Take the mean of both terms over the samples.
    """
    return (_ratio(log_prob, old_log_prob) * advantages.detach()).mean() - beta * kl.sum()


def penalty_weighed_with_the_advantage(log_prob, old_log_prob, advantages, kl, beta):
    """You subtract β KL from the ratio, and multiply by Â then. Where the advantage is negative that turns the penalty
    into a reward. Only r is multiplied by Â: r Â − β KL.
    """
    return ((_ratio(log_prob, old_log_prob) - beta * kl) * advantages.detach()).mean()


def log_ratio_instead_of_ratio(log_prob, old_log_prob, advantages, kl, beta):
    """You use log π − log π_old as if it were the ratio. It is its logarithm: take `exp` of it. (The ratio is 1 and not
    0 where the policy has not moved.)
    """
    return ((log_prob - old_log_prob.detach()) * advantages.detach() - beta * kl).mean()


def loss_instead_of_objective(log_prob, old_log_prob, advantages, kl, beta):
    """You return the negative, the loss that an optimiser would minimise. Here the objective is asked for, without the
    minus sign.
    """
    return -ppo_kl_penalty_objective(log_prob, old_log_prob, advantages, kl, beta)


def old_policy_differentiated(log_prob, old_log_prob, advantages, kl, beta):
    """You let a gradient flow into `old_log_prob`. The old policy collected the data and stays what it was: it is a
    constant, `old_log_prob.detach()`.
    """
    return (torch.exp(log_prob - old_log_prob) * advantages.detach() - beta * kl).mean()


def advantages_differentiated(log_prob, old_log_prob, advantages, kl, beta):
    """You let a gradient flow into `advantages`. Then the critic would learn to flatter the policy. They are constants:
    `advantages.detach()`.
    """
    return (_ratio(log_prob, old_log_prob) * advantages - beta * kl).mean()


def quotient_of_probabilities(log_prob, old_log_prob, advantages, kl, beta):
    """You compute both probabilities and divide. Very small ones round to 0, and 0 / 0 is NaN. Subtract the logarithms
    first: exp(log π − log π_old).
    """
    ratio = torch.exp(log_prob) / torch.exp(old_log_prob.detach())
    return (ratio * advantages.detach() - beta * kl).mean()


def _every_sample_twice(inputs):
    return {name: torch.cat((values, values)) for name, values in inputs.items()}


def formula(log_prob, old_log_prob, advantages, kl, beta):
    """L = mean(r Â − β KL), with r = π / π_old."""
    r = exp(log_prob) / exp(old_log_prob)
    return mean(r * advantages - beta * kl)


PROBLEM = Problem(
    title="PPO's objective with a KL penalty",
    source="Assignment question 7; Schulman et al. 2017, eq. 8",
    statement=__doc__,
    formula=Formula(
        r"L^{\mathrm{KL}} = \frac{1}{N} \sum_{i=1}^{N} \left( r_i \hat{A}_i "
        r"- \beta \, \mathrm{KL}[\pi_{\mathrm{old}}(\cdot \mid s_i) \,\|\, \pi(\cdot \mid s_i)] \right), \quad "
        r"r_i = \frac{\pi(a_i \mid s_i)}{\pi_{\mathrm{old}}(a_i \mid s_i)}",
        formula,
        (Instance({"N": 3}, {"beta": 0.75}), Instance({"N": 1}, {"beta": 2.0})),
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
            "kl": Tensor("N", "KL(π_old ‖ π) in the state of each sample", Uniform(0.0, 0.5), Gradient.GRADED),
            "beta": Number("weight of the penalty", (0.5, 3.0, 0.2), 2.0),
        },
        returns="",
    ),
    reference=ppo_kl_penalty_objective,
    examples=(
        Example("thirty-one samples", {"N": 31}),
        Example("a penalty that outweighs the advantages", {"N": 7}, {"kl": Uniform(1.0, 3.0), "beta": 5.0}),
    ),
    edges=(
        Example("a single sample", {"N": 1}),
        Example(
            "the policy has not moved",
            values={"log_prob": [-1.0, -0.5, -2.0], "old_log_prob": [-1.0, -0.5, -2.0], "kl": [0.0, 0.0, 0.0]},
        ),
        Example("β = 0", {"N": 5}, {"beta": 0.0}),
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
        Gradients(2),
        Edges(1),
        Invariance(
            "mean_over_samples",
            1,
            "a batch that holds every sample twice has the same objective",
            change=_every_sample_twice,
        ),
        Contract(1),
    ),
    misconceptions=(
        penalty_added,
        beta_squared,
        penalty_left_out,
        kl_detached,
        kl_summed_over_the_samples,
        penalty_weighed_with_the_advantage,
        log_ratio_instead_of_ratio,
        loss_instead_of_objective,
        old_policy_differentiated,
        advantages_differentiated,
        quotient_of_probabilities,
    ),
    numerical=(quotient_of_probabilities,),
)
