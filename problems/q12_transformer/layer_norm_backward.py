"""What a framework does when a gradient comes back through a layer normalisation, written by hand. Forward it was
y = γ ⊙ x̂ + β, with x̂ = (x − μ) / √(σ² + ε), the mean μ and the biased variance σ² of the features of each vector. Now
`grad_output` brings ∂L/∂y. Return the gradients of L with respect to x, γ and β.

`grad_output` and `x` have the same shape (..., d): d features, with any number of dimensions before them, also none.
`gamma` is (d,), `eps` is ε. β is not needed. The result is the tuple (dx, dgamma, dbeta) with the shapes (..., d), (d,)
and (d,): γ and β are shared by all vectors, so their gradients are *sums* over all of these.

Every element of x̂ depends on every element of x, through μ and σ: dx is more than γ ⊙ `grad_output` / √(σ² + ε). Find a
closed form. It is fine to let PyTorch differentiate the forward pass instead, but do it by hand once. Features may have
a mean that is thousands of times their spread, and all features of a vector may be equal (ε is positive there).

The results have the inputs' dtype and device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Number, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.notation import mean, sqrt
from reference.normalization import layer_norm_backward


def _normalised(x, eps):
    centred = x - x.mean(dim=-1, keepdim=True)
    deviation = torch.sqrt(centred.square().mean(dim=-1, keepdim=True) + eps)
    return centred / deviation, deviation


def mean_and_deviation_taken_for_constants(grad_output, x, gamma, eps):
    """You divide γ ⊙ grad_output by √(σ² + ε) and stop there, as if μ and σ were constants. Both depend on x: two more
    terms come from them, the mean of γ g, and x̂ times the mean of γ g x̂.
    """
    _, dgamma, dbeta = layer_norm_backward(grad_output, x, gamma, eps)
    return gamma * grad_output / _normalised(x, eps)[1], dgamma, dbeta


def deviation_taken_for_a_constant(grad_output, x, gamma, eps):
    """You differentiate through μ and leave out σ. It depends on x as well: subtract x̂ times the mean of γ g x̂, before
    you divide.
    """
    _, dgamma, dbeta = layer_norm_backward(grad_output, x, gamma, eps)
    scaled = gamma * grad_output
    return (scaled - scaled.mean(dim=-1, keepdim=True)) / _normalised(x, eps)[1], dgamma, dbeta


def mean_taken_for_a_constant(grad_output, x, gamma, eps):
    """You differentiate through σ and leave out μ. It depends on x as well: subtract the mean of γ g, before you
    divide.
    """
    _, dgamma, dbeta = layer_norm_backward(grad_output, x, gamma, eps)
    normalised, deviation = _normalised(x, eps)
    scaled = gamma * grad_output
    return (scaled - normalised * (scaled * normalised).mean(dim=-1, keepdim=True)) / deviation, dgamma, dbeta


def gamma_left_out_of_dx(grad_output, x, gamma, eps):
    """You leave γ out of dx. The gradient goes through the scale before it reaches x̂: start with γ ⊙ grad_output."""
    dx, _, _ = layer_norm_backward(grad_output, x, torch.ones_like(gamma), eps)
    return dx, *layer_norm_backward(grad_output, x, gamma, eps)[1:]


def dgamma_with_x_itself(grad_output, x, gamma, eps):
    """You multiply grad_output by x to get dgamma. What γ scales is x̂, the *normalised* features: multiply by x̂."""
    dx, _, dbeta = layer_norm_backward(grad_output, x, gamma, eps)
    return dx, (grad_output * x).reshape(-1, x.shape[-1]).sum(dim=0), dbeta


def not_summed_over_the_batch(grad_output, x, gamma, eps):
    """You return a gradient of γ and β for each vector. All vectors share these two, so their gradients add up: sum
    over every axis but the last, and get the shape (d,).
    """
    dx, _, _ = layer_norm_backward(grad_output, x, gamma, eps)
    return dx, grad_output * _normalised(x, eps)[0], grad_output.clone()


def averaged_over_the_batch(grad_output, x, gamma, eps):
    """You take the mean over the vectors for dgamma and dbeta. If L is a mean, grad_output holds that factor already:
    here the contributions of all vectors are summed up.
    """
    dx, dgamma, dbeta = layer_norm_backward(grad_output, x, gamma, eps)
    vectors = x.shape[:-1].numel()
    return dx, dgamma / vectors, dbeta / vectors


def eps_left_out(grad_output, x, gamma, eps):
    """You leave ε out. The forward pass divided by √(σ² + ε), and so does its derivative; without ε a vector whose
    features are all equal leads to 0 / 0.
    """
    return layer_norm_backward(grad_output, x, gamma, 0.0)


def formula(grad_output, x, gamma, eps):
    """dx_j = Σ_i g_i γ_i ∂x̂_i/∂x_j, ∂x̂_i/∂x_j = (1[i = j] − 1/d) / s − (x_i − μ)(x_j − μ) / (d s³), s = √(σ² + ε).

    What a vector adds to dγ and dβ is g ⊙ x̂ and g.
    """
    d = len(x)
    centred = x - mean(x)
    s = sqrt(mean(centred**2) + eps)
    dx = [
        sum(
            grad_output[i] * gamma[i] * (((i == j) * d - 1) / (d * s) - centred[i] * centred[j] / (d * s**3))
            for i in range(d)
        )
        for j in range(d)
    ]
    return dx, grad_output * centred / s, grad_output


def _one_number_for_each_vector(x):
    vectors = x.shape[:-1]
    return torch.arange(vectors.numel(), dtype=x.dtype).reshape(*vectors, 1)


PROBLEM = Problem(
    title="Backward pass of layer normalisation",
    source="Assignment question 12; Ba, Kiros & Hinton 2016, eq. 4, differentiated",
    statement=__doc__,
    formula=Formula(
        r"\mathrm{d}x_j = \sum_{i=1}^{d} g_i \gamma_i \frac{\partial \hat{x}_i}{\partial x_j}, \quad "
        r"\mathrm{d}\gamma = \sum g \odot \hat{x}, \quad \mathrm{d}\beta = \sum g, \quad "
        r"\hat{x} = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \quad g = \frac{\partial L}{\partial y}",
        formula,
        (Instance({"d": 3}, {"eps": 1e-5}, batch=(2,)), Instance({"d": 4}, {"eps": 0.5})),
    ),
    signature=Signature(
        {
            "grad_output": Tensor("... d", "∂L/∂y"),
            "x": Tensor("... d", "feature vectors that were normalised"),
            "gamma": Tensor("d", "scale of each feature", Normal(1.0, 0.5)),
            "eps": Number("added to the variance, inside the root", (1e-5, 1e-3, 1e-6), 1.0),
        },
        returns=("... d", "d", "d"),
        usual_batch=1,
        least={"d": 3},
    ),
    speed=Speed(gpu=Scale({"d": 1024}, (16384,)), cpu=Scale({"d": 256}, (4096,))),
    reference=layer_norm_backward,
    examples=(
        Example("features of very different size", {"d": 7}, {"x": Normal(0.0, 30.0)}, batch=(3,)),
        Example("σ about √ε", {"d": 5}, {"x": Normal(0.0, 0.003), "eps": 1e-5}, batch=(3,)),
        Example("two batch dimensions", {"d": 5}, {"eps": 1e-3}, batch=(3, 2)),
    ),
    edges=(
        Example("a single vector, no batch", {"d": 5}, {"eps": 1e-3}),
        Example("all features equal", {"d": 3}, {"x": [[2.0, 2.0, 2.0]], "eps": 1e-5}, batch=(1,)),
        Example("a large mean", {"d": 64}, {"x": Normal(4096.0, 1.0), "eps": 1e-5}, batch=(2,)),
        Example("ε = 0", {"d": 5}, {"eps": 0.0}, batch=(2,)),
        Example("two features", {"d": 2}, {"x": [[1.0, -0.5], [0.25, 2.0]], "eps": 0.5}, batch=(2,)),
        Example("three batch dimensions", {"d": 3}, {"eps": 1e-3}, batch=(2, 1, 3)),
        Example("a thousand vectors", {"d": 8}, {"eps": 1e-5}, batch=(1000,)),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Edges(3),
        Invariance(
            "shift_invariance",
            1,
            "adding a number to all features of a vector, another one for each vector, changes nothing",
            change=lambda inputs: {"x": inputs["x"] + _one_number_for_each_vector(inputs["x"])},
        ),
        Contract(1),
    ),
    misconceptions=(
        mean_and_deviation_taken_for_constants,
        deviation_taken_for_a_constant,
        mean_taken_for_a_constant,
        gamma_left_out_of_dx,
        dgamma_with_x_itself,
        not_summed_over_the_batch,
        averaged_over_the_batch,
        eps_left_out,
    ),
)
