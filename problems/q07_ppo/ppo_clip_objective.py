"""PPO takes several steps on the same data. The ratio r = π(a|s) / π_old(a|s) says how far the policy has moved since
the data was collected, and the clipped objective takes away the reason to move further: the mean over all N samples of
min(r Â, clip(r, 1 − ε, 1 + ε) Â).

`log_prob` and `old_log_prob` are the log-probabilities of the actions taken, under the policy that is being trained and
under the one that collected the data; `advantages` are the estimates Â, and `epsilon` is ε. Differentiate through
`log_prob`; `old_log_prob` and `advantages` are constants, and no gradient flows into them even if they require one.

This is an *objective*, to be maximised: no minus sign. Log-probabilities may be as low as −1,000, where the
probabilities themselves round to 0. The result is 0-dimensional, in the inputs' dtype and on their device. Leave the
inputs as they are.

**Where the assignment's text and the field differ:** question 7 says that clipping prevents the ratio from leaving
its interval. It does not: it only takes the gradient away from samples that have left the interval in the direction in
which their advantage pushes. A sample that has left it the other way still has its gradient, which pulls it back. That
is what the minimum is for.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, NoInfluence, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import LogProbs, Near, Uniform
from grader.model.signature import Gradient, Number, Signature, Tensor
from problems.notation import clip, exp, mean, minimum
from reference.ppo import ppo_clip_objective


def _ratio(log_prob, old_log_prob):
    return torch.exp(log_prob - old_log_prob.detach())


def _clipped(ratio, epsilon):
    return torch.clamp(ratio, 1 - epsilon, 1 + epsilon)


def maximum_instead_of_minimum(log_prob, old_log_prob, advantages, epsilon):
    """You take the larger of the two terms. The objective is to be a *lower* bound, so that a step never looks better
    than it is: take the minimum.
    """
    ratio, advantages = _ratio(log_prob, old_log_prob), advantages.detach()
    return torch.maximum(ratio * advantages, _clipped(ratio, epsilon) * advantages).mean()


def clipped_without_the_minimum(log_prob, old_log_prob, advantages, epsilon):
    """You always use the clipped ratio. Then a sample that has left the interval in the *wrong* direction has no
    gradient either, and nothing pulls it back. Take the minimum of the clipped and the unclipped term.
    """
    return (_clipped(_ratio(log_prob, old_log_prob), epsilon) * advantages.detach()).mean()


def not_clipped(log_prob, old_log_prob, advantages, epsilon):
    """You don't clip at all: mean r Â is the surrogate objective that TRPO constrains. PPO takes the minimum of it and
    of clip(r, 1 − ε, 1 + ε) Â.
    """
    return (_ratio(log_prob, old_log_prob) * advantages.detach()).mean()


def product_clipped_instead_of_ratio(log_prob, old_log_prob, advantages, epsilon):
    """You clip the product r Â. It is the ratio that is to stay near 1; the advantage keeps its size. Clip r first, and
    multiply by Â then.
    """
    product = _ratio(log_prob, old_log_prob) * advantages.detach()
    return torch.minimum(product, _clipped(product, epsilon)).mean()


def log_ratio_instead_of_ratio(log_prob, old_log_prob, advantages, epsilon):
    """You use log π − log π_old as if it were the ratio. It is its logarithm: take `exp` of it. (The ratio is 1 and not
    0 where the policy has not moved.)
    """
    ratio, advantages = log_prob - old_log_prob.detach(), advantages.detach()
    return torch.minimum(ratio * advantages, _clipped(ratio, epsilon) * advantages).mean()


def loss_instead_of_objective(log_prob, old_log_prob, advantages, epsilon):
    """You return the negative, the loss that an optimiser would minimise. Here the objective is asked for, without the
    minus sign.
    """
    return -ppo_clip_objective(log_prob, old_log_prob, advantages, epsilon)


def ratio_inverted(log_prob, old_log_prob, advantages, epsilon):
    """You divide the old probability by the new one. The ratio is π / π_old: it grows as the new policy makes the
    action more likely.
    """
    ratio, advantages = 1 / _ratio(log_prob, old_log_prob), advantages.detach()
    return torch.minimum(ratio * advantages, _clipped(ratio, epsilon) * advantages).mean()


def old_policy_differentiated(log_prob, old_log_prob, advantages, epsilon):
    """You let a gradient flow into `old_log_prob`. The old policy collected the data and stays what it was: it is a
    constant, `old_log_prob.detach()`.
    """
    ratio, advantages = torch.exp(log_prob - old_log_prob), advantages.detach()
    return torch.minimum(ratio * advantages, _clipped(ratio, epsilon) * advantages).mean()


def advantages_differentiated(log_prob, old_log_prob, advantages, epsilon):
    """You let a gradient flow into `advantages`. Then the critic would learn to flatter the policy. They are constants:
    `advantages.detach()`.
    """
    ratio = _ratio(log_prob, old_log_prob)
    return torch.minimum(ratio * advantages, _clipped(ratio, epsilon) * advantages).mean()


def clipped_from_above_only(log_prob, old_log_prob, advantages, epsilon):
    """You clip the ratio at 1 + ε but not at 1 − ε. Where the advantage is negative the policy moves the ratio down,
    and that has to stop at 1 − ε: clip on both sides.
    """
    ratio, advantages = _ratio(log_prob, old_log_prob), advantages.detach()
    return torch.minimum(ratio * advantages, torch.clamp(ratio, max=1 + epsilon) * advantages).mean()


def sum_instead_of_mean(log_prob, old_log_prob, advantages, epsilon):
    """You add the samples up, so a step grows with the size of the batch. Take the mean over all samples."""
    return len(log_prob) * ppo_clip_objective(log_prob, old_log_prob, advantages, epsilon)


def quotient_of_probabilities(log_prob, old_log_prob, advantages, epsilon):
    """You compute both probabilities and divide. Very small ones round to 0, and 0 / 0 is NaN. Subtract the logarithms
    first: exp(log π − log π_old).
    """
    ratio, advantages = torch.exp(log_prob) / torch.exp(old_log_prob.detach()), advantages.detach()
    return torch.minimum(ratio * advantages, _clipped(ratio, epsilon) * advantages).mean()


def _every_sample_beyond_the_clip(inputs):
    """Every other sample has a positive advantage and the ratio e, the rest a negative one and the ratio 1/e."""
    sign = torch.ones_like(inputs["log_prob"])
    sign[1::2] = -1.0
    return {
        "old_log_prob": inputs["log_prob"] - sign,
        "advantages": sign * (inputs["advantages"].abs() + 0.5),
    }


def formula(log_prob, old_log_prob, advantages, epsilon):
    """L = mean min(r Â, clip(r, 1 − ε, 1 + ε) Â), with r = π / π_old."""
    r = exp(log_prob) / exp(old_log_prob)
    return mean(minimum(r * advantages, clip(r, 1 - epsilon, 1 + epsilon) * advantages))


PROBLEM = Problem(
    title="PPO's clipped objective",
    source="Assignment question 7; Schulman et al. 2017, eq. 7",
    statement=__doc__,
    formula=Formula(
        r"L^{\mathrm{CLIP}} = \frac{1}{N} \sum_{i=1}^{N} \min\left(r_i \hat{A}_i, \;"
        r"\mathrm{clip}(r_i, 1 - \varepsilon, 1 + \varepsilon) \, \hat{A}_i\right), \quad "
        r"r_i = \frac{\pi(a_i \mid s_i)}{\pi_{\mathrm{old}}(a_i \mid s_i)}",
        formula,
        (Instance({"N": 2}, {"epsilon": 0.25}), Instance({"N": 1}, {"epsilon": 0.125})),
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
            "epsilon": Number("how far from 1 the ratio counts", (0.2, 0.1, 0.3), 0.5),
        },
        returns="",
    ),
    reference=ppo_clip_objective,
    examples=(
        Example("thirty-one samples", {"N": 31}),
        Example("all advantages positive", {"N": 13}, {"advantages": Uniform(0.5, 2.0)}),
        Example("all advantages negative", {"N": 13}, {"advantages": Uniform(-2.0, -0.5)}),
    ),
    edges=(
        Example("a single sample", {"N": 1}),
        Example("the policy has not moved", {"N": 5}, {"old_log_prob": Near("log_prob", 0.0)}),
        Example("all advantages are 0", values={"advantages": [0.0, 0.0, 0.0]}),
        Example(
            "ratios from e⁻²⁰ to e²⁰",
            values={
                "log_prob": [-0.5, -20.5, -0.5, -20.5],
                "old_log_prob": [-20.5, -0.5, -20.5, -0.5],
                "advantages": [1.0, 1.0, -1.0, -1.0],
            },
        ),
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
        Edges(2),
        NoInfluence(
            "no_push_beyond_the_clip",
            1,
            "a sample whose ratio has left the interval in the direction of its advantage has no gradient",
            prepare=_every_sample_beyond_the_clip,
            of=("log_prob",),
            source=torch.ones_like,
            hidden=lambda gradient: torch.ones_like(gradient, dtype=torch.bool),
        ),
        Contract(1),
    ),
    misconceptions=(
        maximum_instead_of_minimum,
        clipped_without_the_minimum,
        not_clipped,
        product_clipped_instead_of_ratio,
        log_ratio_instead_of_ratio,
        loss_instead_of_objective,
        ratio_inverted,
        old_policy_differentiated,
        advantages_differentiated,
        clipped_from_above_only,
        sum_instead_of_mean,
        quotient_of_probabilities,
    ),
    numerical=(quotient_of_probabilities,),
)
