"""Where actions are continuous a policy is usually a Gaussian with a mean and a standard deviation for each of D action
dimensions, independent of each other. A trust region then limits KL(old ‖ new), the divergence of the new Gaussian from
the old one: for each dimension log(σ_new / σ_old) + (σ_old² + (μ_old − μ_new)²) / (2 σ_new²) − ½, and the dimensions
add up.

`old_mean`, `old_log_std`, `new_mean` and `new_log_std` have one row for each of N states; networks give the *logarithm*
of the standard deviation, log σ, so that σ is positive whatever they say. The result has one divergence for each state.
All four arguments are differentiated.

Standard deviations may be as small as e⁻²⁰ and as large as e¹⁰. The result has the inputs' dtype and device. Leave the
inputs as they are.
"""

import math

import sympy
import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Near, Normal
from grader.model.signature import Gradient, Signature, Tensor
from problems.notation import exp, log
from reference.trust_region import gaussian_kl


def direction_reversed(old_mean, old_log_std, new_mean, new_log_std):
    """You compute KL(new ‖ old). The divergence is not symmetric, and the constraint is on KL(old ‖ new): it is the
    variance of the *new* policy that divides.
    """
    return gaussian_kl(new_mean, new_log_std, old_mean, old_log_std)


def half_of_the_logarithm_too(old_mean, old_log_std, new_mean, new_log_std):
    """You take one half of everything, of log(σ_new / σ_old) as well. The half belongs to the logarithm of the
    *variances*, ½ log(σ_new² / σ_old²), which is log(σ_new / σ_old) itself.
    """
    half_too_much = 0.5 * (new_log_std - old_log_std).sum(dim=-1)
    return gaussian_kl(old_mean, old_log_std, new_mean, new_log_std) - half_too_much


def no_half_in_the_quadratic_term(old_mean, old_log_std, new_mean, new_log_std):
    """You divide σ_old² + (μ_old − μ_new)² by σ_new². The quadratic term of a Gaussian's exponent has a factor ½:
    divide by 2 σ_new².
    """
    variance, distance = torch.exp(2 * (old_log_std - new_log_std)), (old_mean - new_mean) / new_log_std.exp()
    return (new_log_std - old_log_std + variance + distance.square() - 0.5).sum(dim=-1)


def deviation_for_variance(old_mean, old_log_std, new_mean, new_log_std):
    """You put σ where σ² belongs. The squared distance of the means is compared with *variances*: exp(2 log σ)."""
    old_std, new_std = old_log_std.exp(), new_log_std.exp()
    quadratic = (old_std + (old_mean - new_mean).square()) / (2 * new_std)
    return (new_log_std - old_log_std + quadratic - 0.5).sum(dim=-1)


def log_std_taken_for_the_deviation(old_mean, old_log_std, new_mean, new_log_std):
    """You use `log_std` as if it were σ. It is its logarithm, and may be negative: take `exp` of it where σ is
    needed.
    """
    quadratic = (old_log_std.square() + (old_mean - new_mean).square()) / (2 * new_log_std.square())
    return (torch.log(new_log_std.abs()) - torch.log(old_log_std.abs()) + quadratic - 0.5).sum(dim=-1)


def mean_over_dimensions(old_mean, old_log_std, new_mean, new_log_std):
    """You take the mean over the action dimensions. They are independent, so their divergences add up: sum over the
    last axis.
    """
    return gaussian_kl(old_mean, old_log_std, new_mean, new_log_std) / old_mean.shape[-1]


def constant_left_out(old_mean, old_log_std, new_mean, new_log_std):
    """You leave out the −½ of each dimension. It changes no gradient, but without it the divergence of two equal
    policies is not 0, and can't be compared with a limit.
    """
    return gaussian_kl(old_mean, old_log_std, new_mean, new_log_std) + 0.5 * old_mean.shape[-1]


def divided_by_the_old_variance(old_mean, old_log_std, new_mean, new_log_std):
    """You measure the distance of the means in deviations of the old policy. The samples are the old policy's, but the
    density that they are put into is the new one's: divide by σ_new².
    """
    moved = (old_mean - new_mean).square() / 2
    swapped = moved * (torch.exp(-2 * old_log_std) - torch.exp(-2 * new_log_std))
    return gaussian_kl(old_mean, old_log_std, new_mean, new_log_std) + swapped.sum(dim=-1)


def formula(old_mean, old_log_std, new_mean, new_log_std):
    """KL(old ‖ new) = Σ_i log(σ_i / σ_old,i) + (σ_old,i² + (μ_old,i − μ_i)²) / (2 σ_i²) − ½."""
    sigma_old, sigma = exp(old_log_std), exp(new_log_std)
    each = log(sigma / sigma_old) + (sigma_old**2 + (old_mean - new_mean) ** 2) / (2 * sigma**2)
    return (each - sympy.Rational(1, 2)).sum(axis=-1)


PROBLEM = Problem(
    title="KL divergence of Gaussian policies",
    source="Assignment question 5; Schulman et al. 2015, appendix C",
    statement=__doc__,
    formula=Formula(
        r"D_{\mathrm{KL}}(\pi_{\mathrm{old}} \,\|\, \pi) = \sum_{i=1}^{D} \log \frac{\sigma_i}{\sigma_{\mathrm{old},i}}"
        r" + \frac{\sigma_{\mathrm{old},i}^2 + (\mu_{\mathrm{old},i} - \mu_i)^2}{2 \sigma_i^2} - \frac{1}{2}",
        formula,
        (Instance({"N": 2, "D": 3}), Instance({"N": 1, "D": 1})),
    ),
    signature=Signature(
        {
            "old_mean": Tensor("N D", "mean of the policy that collected the data", gradient=Gradient.GRADED),
            "old_log_std": Tensor("N D", "logarithm of its standard deviation", Normal(-0.5, 0.5), Gradient.GRADED),
            "new_mean": Tensor("N D", "mean of the policy after the step", Near("old_mean", 0.5), Gradient.GRADED),
            "new_log_std": Tensor(
                "N D", "logarithm of its standard deviation", Near("old_log_std", 0.3), Gradient.GRADED
            ),
        },
        returns="N",
    ),
    reference=gaussian_kl,
    examples=(
        Example("thirty-one states", {"N": 31, "D": 5}),
        Example("policies far apart", {"N": 7}, {"new_mean": Normal(0.0, 3.0), "new_log_std": Normal(0.0, 1.0)}),
    ),
    edges=(
        Example("a single dimension", {"N": 5, "D": 1}),
        Example(
            "the policy has not moved",
            {"N": 3, "D": 5},
            {"new_mean": Near("old_mean", 0.0), "new_log_std": Near("old_log_std", 0.0)},
        ),
        Example(
            "deviations of e⁻²⁰",
            values={
                "old_mean": [[0.0, 1.0]],
                "new_mean": [[0.0, 1.0]],
                "old_log_std": [[-20.0, -19.5]],
                "new_log_std": [[-19.5, -20.0]],
            },
        ),
        Example(
            "deviations of e¹⁰",
            values={
                "old_mean": [[3.0, -1000.0]],
                "new_mean": [[-2.0, 1000.0]],
                "old_log_std": [[10.0, 9.5]],
                "new_log_std": [[9.5, 10.0]],
            },
        ),
        Example("ten thousand states", {"N": 10_000, "D": 2}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        Invariance(
            "other_units",
            1,
            "measuring the actions in other units, which multiplies all means and deviations by 4, changes nothing",
            change=lambda inputs: {
                name: 4 * value if name.endswith("mean") else value + math.log(4.0) for name, value in inputs.items()
            },
        ),
        Contract(1),
    ),
    misconceptions=(
        direction_reversed,
        half_of_the_logarithm_too,
        no_half_in_the_quadratic_term,
        deviation_for_variance,
        log_std_taken_for_the_deviation,
        mean_over_dimensions,
        constant_left_out,
        divided_by_the_old_variance,
    ),
)
