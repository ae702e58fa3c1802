"""A policy over continuous actions gives them probability densities, and its gradient needs the logarithm of these. A
diagonal Gaussian has a mean μ and a standard deviation σ for each of the D dimensions of an action, which are
independent of each other. Its log-density is the sum over the dimensions of −½ ((a − μ) / σ)² − log σ − ½ log 2π.

`actions`, `mean` and `log_std` have the same shape: the D dimensions of an action on the last axis, any number of batch
dimensions before it, also none. `log_std` is log σ, which a network can put out without having to keep it positive. The
result is one number for each action. Differentiate through all three.

A density is not a probability: it can be greater than 1, so its logarithm can be positive. Actions may lie hundreds of
standard deviations from the mean, where the density itself rounds to 0, and `log_std` may be anything from −20 to 2.

The result has the inputs' dtype and device. Leave the inputs as they are.
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
from reference.gaussian import gaussian_log_prob

HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)


def _half_squared_distance(actions, mean, std):
    return 0.5 * ((actions - mean) / std).square()


def mean_over_the_dimensions(actions, mean, log_std):
    """You take the mean over the dimensions of the action. They are independent, so their densities are multiplied and
    the logarithms added: sum over the last axis.
    """
    return gaussian_log_prob(actions, mean, log_std) / actions.shape[-1]


def one_for_each_dimension(actions, mean, log_std):
    """You return one log-density for each dimension, as `Normal(...).log_prob` does. The action as a whole has only
    one: sum over the last axis.
    """
    return -_half_squared_distance(actions, mean, torch.exp(log_std)) - log_std - HALF_LOG_TWO_PI


def log_std_taken_for_the_log_variance(actions, mean, log_std):
    """You read `log_std` as the logarithm of the variance: your σ is the square root of the right one. `log_std` is
    log σ, so the variance is exp(2 · log_std).
    """
    return gaussian_log_prob(actions, mean, 0.5 * log_std)


def constant_left_out(actions, mean, log_std):
    """You leave out ½ log 2π. It doesn't change the gradient, but without it this is no density: ratios to other
    distributions, entropies and temperatures come out wrong. Subtract it once for each dimension.
    """
    return gaussian_log_prob(actions, mean, log_std) + actions.shape[-1] * HALF_LOG_TWO_PI


def constant_counted_once(actions, mean, log_std):
    """You subtract ½ log 2π once for the whole action. Each of its D dimensions has a density of its own with that
    constant: it belongs inside the sum, or counts D times.
    """
    return gaussian_log_prob(actions, mean, log_std) + (actions.shape[-1] - 1) * HALF_LOG_TWO_PI


def distance_divided_by_the_standard_deviation(actions, mean, log_std):
    """You divide (a − μ)² by σ. The distance is measured in standard deviations *before* it is squared: divide the
    square by the variance σ².
    """
    quadratic = 0.5 * (actions - mean).square() / torch.exp(log_std)
    return -(quadratic + log_std + HALF_LOG_TWO_PI).sum(dim=-1)


def half_left_out_of_the_exponent(actions, mean, log_std):
    """You subtract the squared distance ((a − μ) / σ)² without its factor ½. A Gaussian is exp(−½ z²): halve it."""
    quadratic = _half_squared_distance(actions, mean, torch.exp(log_std))
    return gaussian_log_prob(actions, mean, log_std) - quadratic.sum(dim=-1)


def log_std_left_out(actions, mean, log_std):
    """You leave out −log σ. A wider Gaussian is also a lower one: the density is divided by σ, so that it integrates to
    1. Without it the policy would gain by growing ever wider.
    """
    return gaussian_log_prob(actions, mean, log_std) + log_std.sum(dim=-1)


def negative_log_likelihood(actions, mean, log_std):
    """You return the negative log-density, the loss that would be minimised. The log-density itself is asked for: it is
    greatest at the mean.
    """
    return -gaussian_log_prob(actions, mean, log_std)


def logarithm_of_the_density(actions, mean, log_std):
    """You compute the density and take its logarithm then. Far from the mean, or in many dimensions, the density rounds
    to 0 and its logarithm is −inf. Add the logarithms up; no exponential of the distance is needed.
    """
    std = torch.exp(log_std)
    density = torch.exp(-_half_squared_distance(actions, mean, std)) / (std * math.sqrt(2 * math.pi))
    return torch.log(density.prod(dim=-1))


def _in_half_the_unit(inputs):
    """The same actions and the same policy, with all numbers twice as large."""
    return {
        "actions": 2 * inputs["actions"],
        "mean": 2 * inputs["mean"],
        "log_std": inputs["log_std"] + math.log(2.0),
    }


def formula(actions, mean, log_std):
    """log π(a|s) = Σ_i −(a_i − μ_i)² / (2 σ_i²) − log σ_i − ½ log 2π."""
    sigma = exp(log_std)
    two_pi = 2 * sympy.pi
    return (-((actions - mean) ** 2) / (2 * sigma**2) - log(sigma) - log(two_pi) / 2).sum()


PROBLEM = Problem(
    title="Log-density of a Gaussian policy",
    source="Assignment question 4; Williams 1992, §6",
    statement=__doc__,
    formula=Formula(
        r"\log \pi(a \mid s) = \sum_{i=1}^{D} \left( -\frac{(a_i - \mu_i)^2}{2 \sigma_i^2} - \log \sigma_i"
        r" - \frac{1}{2} \log 2\pi \right)",
        formula,
        (Instance({"D": 3}, batch=(2,)), Instance({"D": 1})),
    ),
    signature=Signature(
        {
            "actions": Tensor("... D", "the actions", Normal(0.0, 1.5), Gradient.GRADED),
            "mean": Tensor("... D", "mean of each dimension", Near("actions", 0.6), Gradient.GRADED),
            "log_std": Tensor("... D", "logarithm of the standard deviation", Normal(-0.5, 0.5), Gradient.GRADED),
        },
        returns="...",
        usual_batch=1,
    ),
    reference=gaussian_log_prob,
    examples=(
        Example("a narrow policy", {"D": 3}, {"log_std": Normal(-3.0, 0.2), "mean": Near("actions", 0.05)}, batch=(5,)),
        Example("a wide policy", {"D": 3}, {"log_std": Normal(1.0, 0.2)}, batch=(5,)),
    ),
    edges=(
        Example("one dimension", {"D": 1}, batch=(3,)),
        Example("the action is the mean", {"D": 3}, {"mean": Near("actions", 0.0)}, batch=(2,)),
        Example(
            "standard deviations from e⁻²⁰ to e²",
            values={
                "actions": [[0.0, 2e-9, 3.0], [-4e-9, 0.0, -20.0]],
                "mean": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
                "log_std": [[-20.0, -20.0, 2.0], [-20.0, -20.0, 2.0]],
            },
            batch=(2,),
        ),
        Example(
            "hundreds of standard deviations from the mean",
            values={
                "actions": [[30.0, -1.0], [400.0, 2.0]],
                "mean": [[0.0, 0.0], [0.0, 1.0]],
                "log_std": [[-2.0, 0.0], [0.0, -1.0]],
            },
            batch=(2,),
        ),
        Example("a hundred dimensions", {"D": 100}, batch=(2,)),
        Example("ten thousand actions", {"D": 2}, batch=(10_000,)),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(2),
        Invariance(
            "change_of_units",
            1,
            "with all numbers twice as large, the density in D dimensions is 2ᴰ times smaller",
            change=_in_half_the_unit,
            expected=lambda result, changed: result - changed["actions"].shape[-1] * math.log(2.0),
        ),
        Contract(1),
    ),
    misconceptions=(
        mean_over_the_dimensions,
        one_for_each_dimension,
        log_std_taken_for_the_log_variance,
        constant_left_out,
        constant_counted_once,
        distance_divided_by_the_standard_deviation,
        half_left_out_of_the_exponent,
        log_std_left_out,
        negative_log_likelihood,
        logarithm_of_the_density,
    ),
    numerical=(logarithm_of_the_density,),
)
