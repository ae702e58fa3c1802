"""Where the model of a finite Markov decision process is known, nothing has to be sampled: the gradient of
J(θ) = E Σ_t γ^t r_t can be computed. The policy gradient theorem gives it for the tabular softmax policy
π(a|s) ∝ exp θ[s, a] as

    ∂J/∂θ[s, a] = d(s) π(a|s) (Q(s, a) − V(s)),

where d(s) = Σ_t γ^t Pr(s_t = s) is the discounted occupancy: how often the state is visited, a later visit counting
less. It is *not* normalised: over all states it adds up to 1/(1 − γ) if no episode ends. Both V and d solve a linear
system with the matrix P_π(s, s') = Σ_a π(a|s) P(s'|s, a): V = r_π + γ P_π V, and d = start + γ P_πᵀ d.

`theta` has shape `(S, A)`. `transition[s, a, t]` is the probability P(t|s, a) to come from state s to state t with
action a, `reward[s, a]` the expected reward of that action, and `start` the distribution of the first state. The rows
`transition[s, a]` may add up to less than 1: the rest is the probability that the episode ends, and nothing comes after
that. `gamma` is the discount factor; it may be 1 where every episode ends some time. Entries of `theta` may be as large
as ±10,000.

Return the gradient, of shape `(S, A)`, in the inputs' dtype and on their device; that of J, so that it ascends. Leave
the inputs as they are. No gradient is asked of the result.

**Where the assignment's text and the field differ:** question 1 defines J with γ^t and prints its gradient without
this factor in front of each score. This problem follows J: its γ^t is in d(s). What is printed has the *undiscounted*
occupancy in its place. It is the estimator that everybody uses, and the gradient of J for γ = 1 alone (Thomas 2014,
"Bias in natural actor-critic algorithms").
"""

import numpy as np
import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal, Simplex
from grader.model.signature import Number, Signature, Tensor
from problems.notation import softmax
from reference.tabular import exact_policy_gradient

_ENDING = [
    [[0.25, 0.5, 0.0], [0.0, 0.25, 0.25]],
    [[0.5, 0.0, 0.5], [0.125, 0.0, 0.0]],
    [[0.0, 0.0, 0.0], [0.25, 0.25, 0.25]],
]
"""Transitions of three states and two actions with which every episode ends some time."""


def _system(theta, transition, gamma):
    """I − γ P_π."""
    state_transition = torch.einsum("sa,sat->st", torch.softmax(theta, dim=-1), transition)
    return torch.eye(len(theta), dtype=theta.dtype, device=theta.device) - gamma * state_transition


def _values(theta, transition, reward, gamma):
    """Q and V."""
    mean_reward = (torch.softmax(theta, dim=-1) * reward).sum(dim=-1)
    values = torch.linalg.solve(_system(theta, transition, gamma), mean_reward)
    return reward + gamma * transition @ values, values


def _occupied(theta, transition, start, gamma):
    """d(s) π(a|s)."""
    occupancy = torch.linalg.solve(_system(theta, transition, gamma).T, start)
    return occupancy[:, None] * torch.softmax(theta, dim=-1)


def occupancy_normalised(theta, transition, reward, start, gamma):
    """You normalise the occupancy, so that your result is 1 − γ times too small. d(s) = Σ_t γ^t Pr(s_t = s) adds up to
    1/(1 − γ), and the gradient of J has it as it is.
    """
    return (1 - gamma) * exact_policy_gradient(theta, transition, reward, start, gamma)


def start_instead_of_occupancy(theta, transition, reward, start, gamma):
    """You weigh the states with `start`, and so count the first step alone. The policy acts at every step: weigh a
    state with how often it is visited, d = start + γ P_πᵀ d.
    """
    q_values, values = _values(theta, transition, reward, gamma)
    return start[:, None] * torch.softmax(theta, dim=-1) * (q_values - values[:, None])


def score_of_the_softmax_forgotten(theta, transition, reward, start, gamma):
    """You weigh π(a|s) with Q(s, a) alone. θ[s, a] also lowers the probabilities of the *other* actions, as they add up
    to 1: in the derivative of the softmax that leaves Q(s, a) − V(s).
    """
    q_values, _ = _values(theta, transition, reward, gamma)
    return _occupied(theta, transition, start, gamma) * q_values


def policy_left_out(theta, transition, reward, start, gamma):
    """You leave π(a|s) out of d(s) π(a|s) (Q(s, a) − V(s)). An action that is hardly ever chosen hardly matters for J:
    multiply with its probability.
    """
    q_values, values = _values(theta, transition, reward, gamma)
    occupancy = _occupied(theta, transition, start, gamma).sum(dim=-1, keepdim=True)
    return occupancy * (q_values - values[:, None])


def transition_transposed(theta, transition, reward, start, gamma):
    """You solve (I − γ P_π) d = start, the system of the values. Occupancy flows the other way, from a state to those
    that follow it: d(s') = start(s') + γ Σ_s d(s) P_π(s, s'). Transpose P_π there.
    """
    q_values, values = _values(theta, transition, reward, gamma)
    occupancy = torch.linalg.solve(_system(theta, transition, gamma), start)
    return occupancy[:, None] * torch.softmax(theta, dim=-1) * (q_values - values[:, None])


def immediate_rewards_alone(theta, transition, reward, start, gamma):
    """You compare the rewards of the actions, and not what they lead to. Q(s, a) also holds γ Σ_{s'} P(s'|s, a) V(s'),
    the value of the state that follows.
    """
    policy = torch.softmax(theta, dim=-1)
    mean_reward = (policy * reward).sum(dim=-1, keepdim=True)
    return _occupied(theta, transition, start, gamma) * (reward - mean_reward)


def gradient_of_a_loss(theta, transition, reward, start, gamma):
    """You return −∇J, what an optimiser that descends would need. Here the gradient of J itself is asked for: it
    ascends.
    """
    return -exact_policy_gradient(theta, transition, reward, start, gamma)


def _solved(matrix, right):
    """The solution of two linear equations, by Cramer's rule."""
    (a, b), (c, d) = matrix
    return np.array([d * right[0] - b * right[1], a * right[1] - c * right[0]]) / (a * d - b * c)


def formula(theta, transition, reward, start, gamma):
    """d(s) π(a|s) (Q(s, a) − V(s)) of two states, with (I − γ P_π) V = r_π and (I − γ P_π)ᵀ d = start."""
    pi = softmax(theta)
    p_pi = np.array([pi[s] @ transition[s] for s in (0, 1)])
    r_pi = (pi * reward).sum(axis=-1)
    system = np.eye(2, dtype=int) - gamma * p_pi
    v = _solved(system, r_pi)
    d = _solved(system.T, start)
    q = reward + gamma * (transition @ v)
    return d[:, None] * pi * (q - v[:, None])


PROBLEM = Problem(
    title="Exact policy gradient of a tabular MDP",
    source="Assignment question 1; Sutton et al. 2000, theorem 1; Sutton & Barto 2018, §13.2",
    statement=__doc__,
    formula=Formula(
        r"\frac{\partial J}{\partial \theta_{sa}} = d(s) \, \pi(a \mid s) \, (Q(s, a) - V(s)), \quad "
        r"d = (I - \gamma P_\pi^\top)^{-1} \mu, \quad V = (I - \gamma P_\pi)^{-1} r_\pi, \quad "
        r"Q(s, a) = r(s, a) + \gamma \sum_{s'} P(s' \mid s, a) \, V(s')",
        formula,
        (
            Instance(
                {"S": 2, "A": 3},
                {
                    "transition": [[[0.25, 0.75], [0.5, 0.5], [1.0, 0.0]], [[0.625, 0.375], [0.0, 1.0], [0.5, 0.25]]],
                    "gamma": 0.75,
                },
            ),
            Instance({"S": 2, "A": 2}, {"gamma": 0.5}),
        ),
    ),
    signature=Signature(
        {
            "theta": Tensor("S A", "parameters of the policy, π(a|s) ∝ exp θ[s, a]"),
            "transition": Tensor("S A S", "P(s'|s, a), the state that follows on the last axis", Simplex()),
            "reward": Tensor("S A", "expected reward of each action in each state"),
            "start": Tensor("S", "distribution of the first state", Simplex()),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.8, 0.5), 0.5),
        },
        returns="S A",
    ),
    reference=exact_policy_gradient,
    examples=(
        Example("the first state is known", {"A": 3}, {"start": [0.0, 1.0, 0.0, 0.0, 0.0], "gamma": 0.9}),
        Example(
            "every action leads to one state for certain",
            values={
                "transition": [[[0, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [1, 0, 0]]],
                "gamma": 0.9,
            },
        ),
        Example("episodes may end", values={"transition": _ENDING, "gamma": 0.9}),
    ),
    edges=(
        Example("a single state", {"S": 1, "A": 3}),
        Example("a single action", {"S": 3, "A": 1}),
        Example("all sizes equal", {"S": 3, "A": 3}),
        Example("γ = 0", {"S": 3, "A": 2}, {"gamma": 0.0}),
        Example("γ = 1, and every episode ends some time", values={"transition": _ENDING, "gamma": 1.0}),
        Example("γ = 0.99", {"S": 5, "A": 3}, {"gamma": 0.99}),
        Example(
            "a state that is never visited",
            values={
                "transition": [[[0.5, 0.5, 0], [0.25, 0.75, 0]], [[1, 0, 0], [0, 1, 0]], [[0, 0.5, 0.5], [0, 0, 1]]],
                "start": [1.0, 0.0, 0.0],
            },
        ),
        Example(
            "entries of θ of ±10,000",
            {"S": 3, "A": 2},
            {"theta": [[1e4, -1e4], [0.0, 0.5], [1e4, 1e4]], "reward": Normal(1.0, 1.0)},
        ),
        Example("fifty states", {"S": 50, "A": 4}, {"gamma": 0.9}),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Edges(3),
        Invariance(
            "baseline",
            1,
            "adding the same number to all rewards changes nothing: it is paid whatever the policy does",
            change=lambda inputs: {"reward": inputs["reward"] + 2.0},
        ),
        Contract(1),
    ),
    misconceptions=(
        occupancy_normalised,
        start_instead_of_occupancy,
        score_of_the_softmax_forgotten,
        policy_left_out,
        transition_transposed,
        immediate_rewards_alone,
        gradient_of_a_loss,
    ),
)
