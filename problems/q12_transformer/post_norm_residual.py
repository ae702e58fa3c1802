"""Around each sublayer of a Transformer, attention or feed-forward, runs a residual connection, so that a gradient can
pass by the sublayer; layer normalisation keeps what flows in range. In the *post-norm* block of the original
Transformer, the output of the sublayer is added to its input first, and the sum is normalised then: LN(x + f).

`x` is what went into the sublayer, and `sublayer_output` is f, what came out, in the same shape; there may be any
number of dimensions before the features, also none. LN is layer normalisation over the features, with the biased
variance, ε (the argument `eps`) inside the root, and the learnt scale and shift `gamma` and `beta`, of shape (d,):
γ · (z − μ) / √(σ² + ε) + β. `x`, `sublayer_output`, `gamma` and `beta` are differentiated.

The result has the inputs' dtype and device. Leave the inputs as they are.

**Where the assignment's text and the field differ:** question 12 says that layer normalisation is applied "before the
addition of the residual connection". That is the pre-norm block, which has a problem of its own; the original
Transformer adds first. This problem is named for what it is: post-norm, the normalisation comes last.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from problems.notation import mean, sqrt
from reference.normalization import layer_norm, post_norm_residual


def pre_norm_instead(x, sublayer_output, gamma, beta, eps):
    """You normalise x before you add the sublayer's output, and the sum is not normalised. In the post-norm block the
    normalisation comes last: LN(x + f).
    """
    return layer_norm(x, gamma, beta, eps) + sublayer_output


def norm_on_the_sublayer_alone(x, sublayer_output, gamma, beta, eps):
    """You normalise the sublayer's output and add x then. In the post-norm block the *sum* is normalised: LN(x + f)."""
    return x + layer_norm(sublayer_output, gamma, beta, eps)


def residual_forgotten(x, sublayer_output, gamma, beta, eps):
    """You leave out the residual connection: x itself isn't in your sum. Add it to the sublayer's output before you
    normalise.
    """
    return layer_norm(sublayer_output, gamma, beta, eps)


def sublayer_forgotten(x, sublayer_output, gamma, beta, eps):
    """You normalise x and leave the sublayer's output out. It is the sum of both that is normalised: LN(x + f)."""
    return layer_norm(x, gamma, beta, eps)


def residual_added_again(x, sublayer_output, gamma, beta, eps):
    """You add x once more after the normalisation. In the post-norm block nothing goes past the norm: LN(x + f) is the
    whole of it.
    """
    return x + post_norm_residual(x, sublayer_output, gamma, beta, eps)


def both_normalised_before_the_sum(x, sublayer_output, gamma, beta, eps):
    """You normalise x and the sublayer's output each by itself, and add then. The norm of a sum is not the sum of the
    norms: add first, LN(x + f).
    """
    return layer_norm(x, gamma, beta, eps) + layer_norm(sublayer_output, gamma, beta, eps)


def not_normalised(x, sublayer_output, gamma, beta, eps):
    """You return the sum as it is. Normalise it: LN(x + f), with γ and β."""
    return x + sublayer_output


def unbiased_variance(x, sublayer_output, gamma, beta, eps):
    """You divide the sum of squares by d − 1: `torch.var` and `torch.std` do that unless told otherwise. Layer
    normalisation divides by d: `var(dim=-1, unbiased=False)`.
    """
    total = x + sublayer_output
    centred = total - total.mean(dim=-1, keepdim=True)
    variance = centred.square().sum(dim=-1, keepdim=True) / (x.shape[-1] - 1)  # as `var()`, which warns where d is 1
    return gamma * centred / torch.sqrt(variance + eps) + beta


def eps_outside_the_root(x, sublayer_output, gamma, beta, eps):
    """You add ε to the standard deviation, after the root. It belongs inside: √(σ² + ε). For small σ the two differ a
    lot.
    """
    total = x + sublayer_output
    deviation = total.std(dim=-1, keepdim=True, unbiased=False)
    return gamma * (total - total.mean(dim=-1, keepdim=True)) / (deviation + eps) + beta


def gamma_and_beta_swapped(x, sublayer_output, gamma, beta, eps):
    """You scale by β and shift by γ. It is γ · x̂ + β."""
    return post_norm_residual(x, sublayer_output, beta, gamma, eps)


def _one_number_for_each_vector(x):
    vectors = x.shape[:-1]
    return torch.arange(vectors.numel(), dtype=x.dtype).reshape(*vectors, 1)


def formula(x, sublayer_output, gamma, beta, eps):
    """LN(x + f), with LN(z) = γ (z − μ) / √(σ² + ε) + β."""
    z = x + sublayer_output
    mu = mean(z)
    variance = mean((z - mu) ** 2)
    return gamma * (z - mu) / sqrt(variance + eps) + beta


PROBLEM = Problem(
    title="Residual connection with post-norm",
    source="Assignment question 12; Vaswani et al. 2017, §3.1",
    statement=__doc__,
    formula=Formula(
        r"y = \mathrm{LN}(x + f), \quad "
        r"\mathrm{LN}(z) = \gamma \odot \frac{z - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta",
        formula,
        (Instance({"d": 3}, {"eps": 1e-5}, batch=(2,)), Instance({"d": 4}, {"eps": 0.5})),
    ),
    signature=Signature(
        {
            "x": Tensor("... d", "what went into the sublayer", gradient=Gradient.GRADED),
            "sublayer_output": Tensor("... d", "what came out of it", gradient=Gradient.GRADED),
            "gamma": Tensor("d", "scale of each feature", Normal(1.0, 0.5), Gradient.GRADED),
            "beta": Tensor("d", "shift of each feature", gradient=Gradient.GRADED),
            "eps": Number("added to the variance, inside the root", (1e-5, 1e-3, 1e-6), 1.0),
        },
        returns="... d",
        usual_batch=1,
        least={"d": 2},
    ),
    reference=post_norm_residual,
    examples=(
        Example("a sublayer that does little", {"d": 7}, {"sublayer_output": Normal(0.0, 0.01)}, batch=(3,)),
        Example("a sublayer that does much", {"d": 5}, {"sublayer_output": Normal(0.0, 30.0)}, batch=(3,)),
    ),
    edges=(
        Example(
            "the sublayer takes all of x away",
            values={"x": [[2.0, -1.0, 0.5]], "sublayer_output": [[-2.0, 1.0, -0.5]], "eps": 1e-5},
        ),
        Example("the sublayer gives 0", values={"x": [[2.0, -1.0, 0.5]], "sublayer_output": [[0.0, 0.0, 0.0]]}),
        Example("ε = 0", {"d": 5}, {"eps": 0.0}, batch=(2,)),
        Example("σ about √ε", {"d": 5}, {"x": Normal(0.0, 0.003), "sublayer_output": Normal(0.0, 0.003), "eps": 1e-5}),
        Example("two batch dimensions", {"d": 7}, batch=(2, 3)),
        Example("a thousand features", {"d": 1009}, batch=(2,)),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(1),
        Invariance(
            "the_norm_comes_last",
            1,
            "adding a number to all features of x, another one for each vector, changes nothing",
            change=lambda inputs: {"x": inputs["x"] + _one_number_for_each_vector(inputs["x"])},
        ),
        Contract(1),
    ),
    misconceptions=(
        pre_norm_instead,
        norm_on_the_sublayer_alone,
        residual_forgotten,
        sublayer_forgotten,
        residual_added_again,
        both_normalised_before_the_sum,
        not_normalised,
        unbiased_variance,
        eps_outside_the_root,
        gamma_and_beta_swapped,
    ),
)
