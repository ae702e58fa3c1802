"""Where actions are continuous, the sum in the entropy becomes an integral, and for a Gaussian it has a closed form:
each of the D action dimensions adds log σ + ½ log(2πe). So the entropy of such a policy does not depend on its mean,
and grows by 1 wherever log σ does. Unlike the entropy of discrete actions it may be negative: where σ is small the
density is larger than 1.

`log_std` is log σ, the logarithm of the standard deviation, as networks give it: any number of batch dimensions, the
action dimensions on the last axis. The result has one entropy for each of them, summed over the action dimensions, with
natural logarithms. It is differentiated with respect to `log_std`, which may be as small as −20 and as large as 20.

The result has the dtype and the device of `log_std`. Leave the input as it is.
"""

import math

import sympy
import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal, Uniform
from grader.model.signature import Gradient, Signature, Tensor
from reference.entropy import gaussian_entropy


def e_left_out(log_std):
    """You add ½ log 2π for each dimension. The entropy is the mean of −log p, and the exponent of the Gaussian has a
    mean of its own, ½: it is ½ log 2πe = ½ log 2π + ½.
    """
    return gaussian_entropy(log_std) - 0.5 * log_std.shape[-1]


def constant_left_out(log_std):
    """You sum log σ alone. That has the right gradient, but it is the entropy only up to a constant: each dimension
    adds ½ log 2πe.
    """
    return log_std.sum(dim=-1)


def constant_added_once(log_std):
    """You add ½ log 2πe once. Each dimension is a Gaussian of its own and brings its own constant: D · ½ log 2πe in
    all.
    """
    return log_std.sum(dim=-1) + 0.5 * math.log(2 * math.pi * math.e)


def mean_over_dimensions(log_std):
    """You take the mean over the action dimensions. They are independent, so their entropies add up: sum over the last
    axis.
    """
    return gaussian_entropy(log_std) / log_std.shape[-1]


def log_std_taken_for_the_deviation(log_std):
    """You take the logarithm of `log_std`, as if it were σ. It is log σ already, and may be negative: add it as it
    is.
    """
    return gaussian_entropy(torch.log(log_std.abs()))


def deviation_instead_of_its_logarithm(log_std):
    """You add σ = exp(log σ). What a Gaussian's entropy grows with is the *logarithm* of its deviation, and that is
    what you are given.
    """
    return gaussian_entropy(log_std.exp())


def log_std_taken_for_the_log_variance(log_std):
    """You take half of `log_std`, as if it were the logarithm of the variance. ½ log σ² is log σ: the half is used
    up.
    """
    return gaussian_entropy(0.5 * log_std)


def wrong_sign(log_std):
    """You return the mean of log p. The entropy is the mean of −log p: it grows as the policy becomes wider."""
    return -gaussian_entropy(log_std)


def formula(log_std):
    """H = Σ_i (log σ_i + ½ log 2πe)."""
    return (log_std + sympy.log(2 * sympy.pi * sympy.E) / 2).sum()


PROBLEM = Problem(
    title="Entropy of a Gaussian policy",
    source="Assignment question 6; Shannon 1948, §20",
    statement=__doc__,
    formula=Formula(
        r"H(\pi) = -\int \pi(a \mid s) \log \pi(a \mid s) \, da "
        r"= \sum_{i=1}^{D} \left(\log \sigma_i + \frac{1}{2} \log 2 \pi e\right)",
        formula,
        (Instance({"D": 3}, batch=(2,)), Instance({"D": 1})),
    ),
    signature=Signature(
        {
            "log_std": Tensor(
                "... D", "logarithm of the standard deviation of each action dimension", gradient=Gradient.GRADED
            )
        },
        returns="...",
        usual_batch=1,
    ),
    reference=gaussian_entropy,
    examples=(Example("narrow policies", {"D": 3}, {"log_std": Normal(-2.0, 0.5)}, batch=(5,)),),
    edges=(
        Example("a single dimension", {"D": 1}, batch=(3,)),
        Example("log σ of 0", values={"log_std": [[0.0, 0.0, 0.0]]}),
        Example("log σ of ±20", values={"log_std": [[20.0, 19.0, 18.0], [-20.0, -19.0, -18.0]]}),
        Example("a hundred dimensions", {"D": 101}, {"log_std": Uniform(-1.0, 0.0)}, batch=(2,)),
    ),
    checks=(Agreement(1), Symbolic(1), full_precision(1), Gradients(1), Edges(1), Contract(1)),
    misconceptions=(
        e_left_out,
        constant_left_out,
        constant_added_once,
        mean_over_dimensions,
        log_std_taken_for_the_deviation,
        deviation_instead_of_its_logarithm,
        log_std_taken_for_the_log_variance,
        wrong_sign,
    ),
)
