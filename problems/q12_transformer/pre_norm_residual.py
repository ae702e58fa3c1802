"""In the *pre-norm* block, what goes into the sublayer is normalised, and its output is added to x as it was:
x + f(LN(x)). So from the first layer to the last there is a path on which nothing is rescaled, and deep Transformers
train without a warm-up of the learning rate. The sublayer here is the simplest there is, a linear map: f(z) = z `w`.

`x` may have any number of dimensions before its features, also none; `w` has shape (d, d) and is applied from the
right. LN is layer normalisation over the features, with the biased variance, ε (the argument `eps`) inside the root,
and the learnt scale and shift `gamma` and `beta`, of shape (d,): γ · (x − μ) / √(σ² + ε) + β. `x`, `w`, `gamma` and
`beta` are differentiated.

The result has the inputs' dtype and device. Leave the inputs as they are.

**Where the assignment's text and the field differ:** question 12 says of Transformers in general that layer
normalisation is applied "before the addition of the residual connection". That is this block; the original Transformer
has the other one, post-norm, which adds first and has a problem of its own.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from problems.notation import mean, sqrt
from reference.normalization import layer_norm, pre_norm_residual


def post_norm_instead(x, w, gamma, beta, eps):
    """You put x into the sublayer as it is, and normalise the sum: that is the post-norm block, LN(x + x W). In the
    pre-norm block x is normalised on its way into the sublayer, and the sum is left alone: x + LN(x) W.
    """
    return layer_norm(x + x @ w, gamma, beta, eps)


def norm_on_the_sublayer_alone(x, w, gamma, beta, eps):
    """You normalise what comes *out* of the sublayer. In the pre-norm block it is what goes in: x + LN(x) W."""
    return x + layer_norm(x @ w, gamma, beta, eps)


def residual_forgotten(x, w, gamma, beta, eps):
    """You leave out the residual connection. Add x to what the sublayer gives: x + LN(x) W."""
    return layer_norm(x, gamma, beta, eps) @ w


def normalised_x_in_the_sum(x, w, gamma, beta, eps):
    """You add LN(x), and not x, to what the sublayer gives. Then the residual path is rescaled in every layer; it is to
    carry x as it was: x + LN(x) W.
    """
    normalised = layer_norm(x, gamma, beta, eps)
    return normalised + normalised @ w


def sum_normalised_too(x, w, gamma, beta, eps):
    """You normalise twice: before the sublayer, and the sum once more. In the pre-norm block the sum stays as it is:
    x + LN(x) W.
    """
    return layer_norm(pre_norm_residual(x, w, gamma, beta, eps), gamma, beta, eps)


def not_normalised(x, w, gamma, beta, eps):
    """You put x into the sublayer as it is. Normalise it first: x + LN(x) W, with γ and β."""
    return x + x @ w


def w_transposed(x, w, gamma, beta, eps):
    """You use the transpose of W. It is applied from the right, LN(x) W, as in `normalised @ w`. (The library's
    `F.linear` multiplies by the transpose of the weight that it is given.)
    """
    return pre_norm_residual(x, w.T, gamma, beta, eps)


def unbiased_variance(x, w, gamma, beta, eps):
    """You divide the sum of squares by d − 1: `torch.var` and `torch.std` do that unless told otherwise. Layer
    normalisation divides by d: `x.var(dim=-1, unbiased=False)`.
    """
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().sum(dim=-1, keepdim=True) / (x.shape[-1] - 1)  # as `var()`, which warns where d is 1
    return x + (gamma * centred / torch.sqrt(variance + eps) + beta) @ w


def eps_outside_the_root(x, w, gamma, beta, eps):
    """You add ε to the standard deviation, after the root. It belongs inside: √(σ² + ε). For small σ the two differ a
    lot.
    """
    deviation = x.std(dim=-1, keepdim=True, unbiased=False)
    return x + (gamma * (x - x.mean(dim=-1, keepdim=True)) / (deviation + eps) + beta) @ w


def gamma_and_beta_left_out(x, w, gamma, beta, eps):
    """You leave out γ and β. Each feature is scaled and shifted after it is normalised, before the sublayer sees it."""
    return pre_norm_residual(x, w, torch.ones_like(gamma), torch.zeros_like(beta), eps)


def formula(x, w, gamma, beta, eps):
    """x + LN(x) W, with LN(x) = γ (x − μ) / √(σ² + ε) + β."""
    mu = mean(x)
    variance = mean((x - mu) ** 2)
    return x + (gamma * (x - mu) / sqrt(variance + eps) + beta) @ w


PROBLEM = Problem(
    title="Residual connection with pre-norm",
    source="Assignment question 12; Xiong et al. 2020, table 1",
    statement=__doc__,
    formula=Formula(
        r"y = x + \mathrm{LN}(x) \, W, \quad "
        r"\mathrm{LN}(x) = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta",
        formula,
        (Instance({"d": 3}, {"eps": 1e-5}, batch=(2,)), Instance({"d": 2}, {"eps": 0.5})),
    ),
    signature=Signature(
        {
            "x": Tensor("... d", "what the block is given", gradient=Gradient.GRADED),
            "w": Tensor("d d", "the sublayer, a linear map", gradient=Gradient.GRADED),
            "gamma": Tensor("d", "scale of each feature", Normal(1.0, 0.5), Gradient.GRADED),
            "beta": Tensor("d", "shift of each feature", gradient=Gradient.GRADED),
            "eps": Number("added to the variance, inside the root", (1e-5, 1e-3, 1e-6), 1.0),
        },
        returns="... d",
        usual_batch=1,
        least={"d": 2},
    ),
    reference=pre_norm_residual,
    examples=(
        Example("features of very different size", {"d": 7}, {"x": Normal(0.0, 30.0)}, batch=(3,)),
        Example("a sublayer that does little", {"d": 5}, {"w": Normal(0.0, 0.01)}, batch=(3,)),
    ),
    edges=(
        Example("all features equal", values={"x": [[2.0, 2.0, 2.0]], "eps": 1e-5}),
        Example("ε = 0", {"d": 5}, {"eps": 0.0}, batch=(2,)),
        Example("σ about √ε", {"d": 5}, {"x": Normal(0.0, 0.003), "eps": 1e-5}, batch=(3,)),
        Example("a sublayer that swaps two features", {}, {"w": [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]}),
        Example("two batch dimensions", {"d": 7}, batch=(2, 3)),
        Example("a hundred features", {"d": 101}, {"w": Normal(0.0, 0.1)}, batch=(2,)),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        Invariance(
            "the_residual_path_is_clear",
            1,
            "a sublayer that gives 0 lets x pass as it is",
            change=lambda inputs: {"w": torch.zeros_like(inputs["w"])},
            expected=lambda _, changed: changed["x"],
        ),
        Contract(1),
    ),
    misconceptions=(
        post_norm_instead,
        norm_on_the_sublayer_alone,
        residual_forgotten,
        normalised_x_in_the_sum,
        sum_normalised_too,
        not_normalised,
        w_transposed,
        unbiased_variance,
        eps_outside_the_root,
        gamma_and_beta_left_out,
    ),
)
