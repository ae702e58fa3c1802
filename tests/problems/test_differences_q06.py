"""Question 6 writes the objective with E[R], and what is differentiated in practice is log π · Â: how the two agree.

A softmax policy in one state has the exact objective J = Σ_a π(a) R(a) + β H(π). Expectations over its actions are sums
of three terms here, so that all of this is exact.
"""

from __future__ import annotations

import pytest
import sympy
import torch

from reference.entropy import entropy_regularized_loss

ACTIONS = 3
BETA = sympy.Symbol("beta", real=True)
THETA = sympy.symbols(f"theta:{ACTIONS}", real=True)
REWARDS = sympy.symbols(f"R:{ACTIONS}", real=True)
PI = tuple(sympy.exp(z) / sum(map(sympy.exp, THETA)) for z in THETA)
ENTROPY = -sum(p * sympy.log(p) for p in PI)
OBJECTIVE = sum(p * reward for p, reward in zip(PI, REWARDS, strict=True)) + BETA * ENTROPY

POINT = {
    **dict(zip(THETA, (sympy.Rational(1, 2), sympy.Integer(-1), sympy.Rational(1, 4)), strict=True)),
    **dict(zip(REWARDS, (sympy.Integer(2), sympy.Integer(-1), sympy.Rational(1, 2)), strict=True)),
    BETA: sympy.Rational(3, 10),
}


def gradient(expression: sympy.Expr) -> sympy.Matrix:
    """With respect to the logits."""
    return sympy.Matrix([expression.diff(z) for z in THETA])


def expectation(values: list[sympy.Matrix]) -> sympy.Matrix:
    """Over the policy's own actions."""
    return sum((p * value for p, value in zip(PI, values, strict=True)), sympy.zeros(ACTIONS, 1))


def is_zero(vector: sympy.Matrix) -> bool:
    """Exactly, whatever the logits are: in powers of e they are rational functions."""
    powers = dict(zip(map(sympy.exp, THETA), sympy.symbols(f"e:{ACTIONS}", positive=True), strict=True))
    return all(sympy.simplify(sympy.expand_log(entry, force=True).subs(powers)) == 0 for entry in vector)


def loss_of(action: int, advantage: sympy.Expr) -> sympy.Expr:
    """What the problem asks for, of a single sample."""
    return -(sympy.log(PI[action]) * advantage + BETA * ENTROPY)


def test_descending_the_loss_ascends_the_printed_objective_on_average() -> None:
    losses = [gradient(loss_of(action, REWARDS[action])) for action in range(ACTIONS)]

    assert is_zero(expectation(losses) + gradient(OBJECTIVE))


def test_that_holds_with_advantages_for_rewards_whatever_the_baseline() -> None:
    baseline = sympy.Symbol("b", real=True)
    losses = [gradient(loss_of(action, REWARDS[action] - baseline)) for action in range(ACTIONS)]

    assert is_zero(expectation(losses) + gradient(OBJECTIVE))


def test_the_values_of_the_two_are_different_things() -> None:
    mean_loss = sum(PI[action] * loss_of(action, REWARDS[action]) for action in range(ACTIONS))

    assert abs(sympy.N((-mean_loss - OBJECTIVE).subs(POINT))) > 1


def test_a_mean_of_sampled_rewards_has_no_gradient_of_its_own() -> None:
    sampled = sum(REWARDS) / ACTIONS + BETA * ENTROPY

    assert is_zero(gradient(sampled) - BETA * gradient(ENTROPY))
    assert not is_zero(gradient(OBJECTIVE) - BETA * gradient(ENTROPY))


def test_the_surprise_of_the_action_taken_has_the_entropy_for_its_mean_and_no_gradient_on_average() -> None:
    surprises = [-sympy.log(p) for p in PI]

    assert sum(p * surprise for p, surprise in zip(PI, surprises, strict=True)) - ENTROPY == 0
    assert is_zero(expectation([gradient(surprise) for surprise in surprises]))
    assert not is_zero(gradient(ENTROPY))


def test_the_reference_has_the_exact_gradient_where_every_action_is_weighed_with_its_probability() -> None:
    theta = torch.tensor([float(POINT[z]) for z in THETA], dtype=torch.float64, requires_grad=True)
    rewards = torch.tensor([float(POINT[reward]) for reward in REWARDS], dtype=torch.float64)
    probs = torch.softmax(theta, dim=0).detach()

    mean_gradient = torch.zeros(ACTIONS, dtype=torch.float64)
    for action in range(ACTIONS):
        loss = entropy_regularized_loss(theta[None], torch.tensor([action]), rewards[action, None], float(POINT[BETA]))
        mean_gradient += probs[action] * torch.autograd.grad(loss, theta)[0]

    exact = [float(sympy.N(entry.subs(POINT))) for entry in gradient(OBJECTIVE)]
    assert mean_gradient.tolist() == pytest.approx([-entry for entry in exact])
