"""Layer normalisation gives every feature vector mean 0 and variance 1, over its own features, and then scales and
shifts each feature by learnt parameters, `gamma` and `beta`. It uses no statistics of other samples or positions, so it
works for any batch: `x` may have any number of dimensions before its features, also none.

The variance is the biased one (divide by d, not by d − 1). ε, the argument `eps`, goes inside the square root, as in
every library. `x`, `gamma` and `beta` are differentiated. Features may have a mean that is thousands of times their
spread.

The result has the inputs' dtype and device. Leave the inputs as they are.

**Where the assignment's text differs:** it prints x̂ = (x − μ)/σ without ε; that is this formula with ε = 0, which
divides by zero where all features of a vector are equal.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.notation import mean, sqrt
from reference.normalization import layer_norm


def _normalised(x, gamma, beta, mean, denominator):
    return gamma * (x - mean) / denominator + beta


def unbiased_variance(x, gamma, beta, eps):
    """You divide the sum of squares by d − 1: `torch.var` and `torch.std` do that unless told otherwise. Layer
    normalisation divides by d: `x.var(dim=-1, unbiased=False)`.
    """
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x - mean).square().sum(dim=-1, keepdim=True) / (x.shape[-1] - 1)  # as `var()`, which warns where d is 1
    return _normalised(x, gamma, beta, mean, torch.sqrt(variance + eps))


def eps_outside_the_root(x, gamma, beta, eps):
    """You add ε to the standard deviation, after the root. It belongs inside: √(σ² + ε). For small σ the two differ a
    lot.
    """
    deviation = x.std(dim=-1, keepdim=True, unbiased=False)
    return _normalised(x, gamma, beta, x.mean(dim=-1, keepdim=True), deviation + eps)


def over_the_batch_axis(x, gamma, beta, eps):
    """You take mean and variance over the first axis, across samples. That is batch normalisation; layer normalisation
    takes them over the features of each sample, `dim=-1`.
    """
    variance = x.var(dim=0, keepdim=True, unbiased=False)
    return _normalised(x, gamma, beta, x.mean(dim=0, keepdim=True), torch.sqrt(variance + eps))


def over_all_axes(x, gamma, beta, eps):
    """You take one mean and one variance over the whole tensor. Each feature vector has its own: `dim=-1,
    keepdim=True`.
    """
    return _normalised(x, gamma, beta, x.mean(), torch.sqrt(x.var(unbiased=False) + eps))


def gamma_and_beta_swapped(x, gamma, beta, eps):
    """You scale by β and shift by γ. It is γ · x̂ + β."""
    return layer_norm(x, beta, gamma, eps)


def eps_ignored(x, gamma, beta, eps):
    """You leave ε out. Then a vector whose features are all equal is divided by zero and becomes NaN; √(σ² + ε)
    doesn't.
    """
    return layer_norm(x, gamma, beta, 0.0)


def mean_of_squares_minus_square_of_mean(x, gamma, beta, eps):
    """You compute the variance as E[x²] − μ². In exact arithmetic that is right; in float32 the two terms cancel where
    the mean is large against the spread, and few digits are left. Subtract the mean first and square then.
    """
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x * x).mean(dim=-1, keepdim=True) - mean * mean
    return _normalised(x, gamma, beta, mean, torch.sqrt(variance + eps))


def _one_number_for_each_vector(x):
    vectors = x.shape[:-1]
    return torch.arange(vectors.numel(), dtype=x.dtype).reshape(*vectors, 1)


def formula(x, gamma, beta, eps):
    """y = γ (x − μ) / √(σ² + ε) + β, with the mean μ and the biased variance σ² of the features."""
    mu = mean(x)
    variance = mean((x - mu) ** 2)
    return gamma * (x - mu) / sqrt(variance + eps) + beta


PROBLEM = Problem(
    title="Layer normalisation",
    source="Assignment question 12; Ba, Kiros & Hinton 2016, eq. 4",
    statement=__doc__,
    formula=Formula(
        r"y = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta, \quad "
        r"\mu = \frac{1}{d} \sum_{i=1}^{d} x_i, \quad \sigma^2 = \frac{1}{d} \sum_{i=1}^{d} (x_i - \mu)^2",
        formula,
        (Instance({"d": 3}, {"eps": 1e-5}, batch=(2,)), Instance({"d": 4}, {"eps": 0.5})),
    ),
    signature=Signature(
        {
            "x": Tensor("... d", "feature vectors", gradient=Gradient.GRADED),
            "gamma": Tensor("d", "scale of each feature", Normal(1.0, 0.5), Gradient.GRADED),
            "beta": Tensor("d", "shift of each feature", gradient=Gradient.GRADED),
            "eps": Number("added to the variance, inside the root", (1e-5, 1e-3, 1e-6), 1.0),
        },
        returns="... d",
        usual_batch=1,
        least={"d": 2},
    ),
    speed=Speed(gpu=Scale({"d": 1024}, (16384,)), cpu=Scale({"d": 256}, (4096,))),
    reference=layer_norm,
    examples=(
        Example("features of very different size", {"d": 7}, {"x": Normal(0.0, 30.0)}, batch=(3,)),
        Example("σ about √ε", {"d": 5}, {"x": Normal(0.0, 0.003), "eps": 1e-5}, batch=(3,)),
    ),
    edges=(
        Example("all features equal", {"d": 3}, {"x": [[2.0, 2.0, 2.0]], "eps": 1e-5}),
        Example("ε = 0", {"d": 5}, {"eps": 0.0}, batch=(2,)),
        Example("a large mean", {"d": 64}, {"x": Normal(4096.0, 1.0), "eps": 1e-5}, batch=(2,)),
        # x̂ is 0 whatever x is: a gradient there is rounding alone, and fused kernels round differently
        Example("a single feature", {"d": 1}, {"eps": 1e-5}, batch=(2,), gradient=False),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(2),
        Invariance(
            "shift_invariance",
            1,
            "adding a number to all features of a vector, another one for each vector, changes nothing",
            change=lambda inputs: {"x": inputs["x"] + _one_number_for_each_vector(inputs["x"])},
        ),
        Contract(1),
    ),
    misconceptions=(
        unbiased_variance,
        eps_outside_the_root,
        over_the_batch_axis,
        over_all_axes,
        gamma_and_beta_swapped,
        eps_ignored,
        mean_of_squares_minus_square_of_mean,
    ),
    numerical=(mean_of_squares_minus_square_of_mean,),
)
