"""The plain gradient says which change of the *parameters* improves a policy fastest. The natural gradient F⁻¹g asks
for the fastest improvement for each bit of change in the *policy*: F is the Fisher information, and ½ sᵀF s the
divergence that a step s causes, to second order. A trust region spends all of its budget δ on the best direction, so
that ½ sᵀF s = δ: the step is √(2δ / gᵀF⁻¹g) · F⁻¹g.

`gradient` is g, never 0; `fisher` is F, symmetric and positive definite; `max_kl` is δ. The step is to be *added* to
the parameters: it ascends. F may be ill-conditioned, with eigenvalues 10,000 times as large as others.

No gradient is asked of the result. It has the inputs' dtype and device. Leave the inputs as they are.
"""

import sympy
import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal, PositiveDefinite
from grader.model.signature import Number, Signature, Tensor
from problems.notation import sqrt
from reference.optimisation import natural_gradient_step


def budget_not_doubled(gradient, fisher, max_kl):
    """You leave out the 2. The divergence is *half* of sᵀF s; so that ½ sᵀF s = δ the root is of 2δ / gᵀF⁻¹g."""
    return natural_gradient_step(gradient, fisher, max_kl / 2)


def root_left_out(gradient, fisher, max_kl):
    """You multiply by 2δ / gᵀF⁻¹g without the root. The divergence grows with the *square* of the step, so its length
    is a square root.
    """
    direction = torch.linalg.solve(fisher, gradient)
    return 2 * max_kl / (gradient @ direction) * direction


def fisher_not_inverted_in_the_length(gradient, fisher, max_kl):
    """You divide by gᵀF g. For s = c F⁻¹g the divergence is ½ c² gᵀF⁻¹g: the inverse stays, since F⁻¹F F⁻¹ = F⁻¹."""
    direction = torch.linalg.solve(fisher, gradient)
    return torch.sqrt(2 * max_kl / (gradient @ fisher @ gradient)) * direction


def plain_gradient_rescaled(gradient, fisher, max_kl):
    """You go along the plain gradient, as far as the budget allows. That is the steepest direction in the parameters;
    in the policy it is F⁻¹g: solve F x = g.
    """
    return torch.sqrt(2 * max_kl / (gradient @ fisher @ gradient)) * gradient


def multiplied_with_the_fisher(gradient, fisher, max_kl):
    """You go along F g. Directions in which the policy changes much have to become *shorter*: multiply with the inverse
    of F, that is, solve F x = g.
    """
    direction = fisher @ gradient
    return torch.sqrt(2 * max_kl / (gradient @ direction)) * direction


def not_rescaled(gradient, fisher, max_kl):
    """You return F⁻¹g as it is. Its direction is right, its length depends on the gradient's: the trust region sets it,
    so that ½ sᵀF s = δ.
    """
    return torch.linalg.solve(fisher, gradient)


def descent(gradient, fisher, max_kl):
    """You return the negative, a step down. The gradient is one of an objective, and the step is added to the
    parameters: leave the minus sign out.
    """
    return -natural_gradient_step(gradient, fisher, max_kl)


def euclidean_length(gradient, fisher, max_kl):
    """You make ½ ‖s‖² equal to δ, the length in the *parameters*. The budget is one of divergence: make it
    ½ sᵀF s = δ, with the root of 2δ / gᵀF⁻¹g.
    """
    direction = torch.linalg.solve(fisher, gradient)
    return torch.sqrt(2 * max_kl / (direction @ direction)) * direction


def formula(gradient, fisher, max_kl):
    """s = √(2δ / gᵀF⁻¹g) F⁻¹g."""
    natural = sympy.Matrix(fisher).inv().tolist() @ gradient
    return sqrt(2 * max_kl / (gradient @ natural)) * natural


PROBLEM = Problem(
    title="Natural gradient step",
    source="Assignment question 5; Schulman et al. 2015, appendix C; Kakade 2002",
    statement=__doc__,
    formula=Formula(
        r"s = \sqrt{\frac{2 \delta}{g^T F^{-1} g}} \; F^{-1} g",
        formula,
        (
            Instance({"n": 2}, {"fisher": [[2.0, 0.5], [0.5, 1.0]], "max_kl": 0.125}),
            Instance({"n": 3}, {"fisher": [[1.0, 0.5, 0.0], [0.5, 2.0, 0.25], [0.0, 0.25, 3.0]], "max_kl": 0.0625}),
            Instance({"n": 1}, {"max_kl": 0.125}),
        ),
        positive=("fisher",),
    ),
    signature=Signature(
        {
            "gradient": Tensor("n", "g, of the objective"),
            "fisher": Tensor("n n", "F, symmetric and positive definite", PositiveDefinite()),
            "max_kl": Number("δ, the divergence that the step may cause", (0.01, 0.02, 0.05), 0.5),
        },
        returns="n",
    ),
    reference=natural_gradient_step,
    examples=(Example("thirty-one parameters", {"n": 31}), Example("two parameters", {"n": 2}, {"max_kl": 0.01})),
    edges=(
        Example("a single parameter", {"n": 1}),
        Example(
            "eigenvalues from 0.001 to 10",
            values={
                "fisher": [[10.0, 0.0, 0.0], [0.0, 0.5, 0.4990], [0.0, 0.4990, 0.5]],
                "gradient": [1.0, -2.0, 0.5],
            },
        ),
        Example("a gradient of length 10⁻⁶", {"n": 5}, {"gradient": Normal(0.0, 1e-6)}),
        Example("a budget of 10⁻⁶", {"n": 5}, {"max_kl": 1e-6}),
        Example("a hundred parameters", {"n": 101}),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "length_of_the_gradient",
            1,
            "a gradient in the same direction leads to the same step, however long it is",
            change=lambda inputs: {"gradient": 4 * inputs["gradient"]},
        ),
        Contract(1),
    ),
    misconceptions=(
        budget_not_doubled,
        root_left_out,
        fisher_not_inverted_in_the_length,
        plain_gradient_rescaled,
        multiplied_with_the_fisher,
        not_rescaled,
        descent,
        euclidean_length,
    ),
)
