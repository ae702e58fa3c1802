"""The TD error of one step estimates the advantage with little variance and much bias; the whole return minus the value
does the opposite. Generalised advantage estimation mixes all lengths in between, with weights that fall off by γλ from
step to step: Â_t = δ_t + γλ (1 − d_t) Â_{t+1}, where δ_t = r_t + γ (1 − d_t) V(s_{t+1}) − V(s_t).

`rewards`, `values` (V of the state before each step), `next_values` (V of the state after it) and `dones` all have the
same shape, with any number of batch dimensions after time. A batch may hold several episodes one after the other: where
`dones[t]` is 1 the episode terminated at step t. Then nothing after it counts, neither in the bootstrap of δ_t nor in
the trace that carries Â_{t+1} back. The last step of the data starts the recursion: its advantage is its δ. Don't rely
on `next_values[t]` being `values[t + 1]`: another critic may have computed it.

`gamma` is the discount factor and `lam` is λ. T may be 1,000: go through time once, as a loop over all pairs of steps
may take too long.

Advantages are results here, so no gradient is asked: you may detach them or not. They are not normalised. The result
has the inputs' dtype and device; leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Flags
from grader.model.signature import Number, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.episodes import EVERY_END_OF_THREE_STEPS, doubled_after_the_first_episode
from reference.returns import generalized_advantage_estimate, td_error


def _accumulated_backwards(deltas, carried):
    advantages = torch.zeros_like(deltas)
    following = torch.zeros_like(deltas[0])
    for t in reversed(range(len(deltas))):
        following = deltas[t] + carried[t] * following
        advantages[t] = following
    return advantages


def trace_not_cut_at_dones(rewards, values, next_values, dones, gamma, lam):
    """You carry the advantage of the next episode back over the end of the one before. The bootstrap in δ_t is cut, but
    the trace has to be cut too: γλ (1 − dones[t]) Â_{t+1}.
    """
    deltas = td_error(rewards, values, next_values, dones, gamma)
    return _accumulated_backwards(deltas, torch.full_like(dones, gamma * lam))


def bootstrap_not_cut_at_dones(rewards, values, next_values, dones, gamma, lam):
    """You cut the trace at the end of an episode, but δ_t still bootstraps from `next_values` there. Nothing comes
    after the end: γ (1 − dones[t]) V(s_{t+1}).
    """
    deltas = rewards + gamma * next_values - values
    return _accumulated_backwards(deltas, gamma * lam * (1 - dones))


def done_ignored(rewards, values, next_values, dones, gamma, lam):
    """You treat the data as one long episode. Where `dones[t]` is 1 nothing after step t counts: (1 − dones[t]) belongs
    both to the bootstrap of δ_t and to the trace.
    """
    return generalized_advantage_estimate(rewards, values, next_values, torch.zeros_like(dones), gamma, lam)


def gamma_without_lambda_in_the_trace(rewards, values, next_values, dones, gamma, lam):
    """You carry Â_{t+1} back with γ alone. That is the whole return minus the value, the case λ = 1; the trace falls
    off by γλ from step to step.
    """
    deltas = td_error(rewards, values, next_values, dones, gamma)
    return _accumulated_backwards(deltas, gamma * (1 - dones))


def lambda_without_gamma_in_the_trace(rewards, values, next_values, dones, gamma, lam):
    """You carry Â_{t+1} back with λ alone. It lies one step in the future, so it is discounted as well: γλ."""
    deltas = td_error(rewards, values, next_values, dones, gamma)
    return _accumulated_backwards(deltas, lam * (1 - dones))


def lambda_return_instead_of_advantage(rewards, values, next_values, dones, gamma, lam):
    """You return Â_t + V(s_t). That is the λ-return, the target that a critic is trained on; the advantage is without
    the value.
    """
    return generalized_advantage_estimate(rewards, values, next_values, dones, gamma, lam) + values


def accumulated_from_the_front(rewards, values, next_values, dones, gamma, lam):
    """You accumulate from the first step on, so Â_t holds the past. An advantage is about the future: go through time
    backwards.
    """
    deltas = td_error(rewards, values, next_values, dones, gamma)
    advantages = torch.zeros_like(deltas)
    so_far = torch.zeros_like(deltas[0])
    for t in range(len(deltas)):
        so_far = deltas[t] + gamma * lam * so_far
        advantages[t] = so_far
        so_far = so_far * (1 - dones[t])
    return advantages


def one_step_only(rewards, values, next_values, dones, gamma, lam):
    """You return the TD errors themselves: that is the case λ = 0. Add up the later ones too, each with one more factor
    γλ.
    """
    return td_error(rewards, values, next_values, dones, gamma)


def value_of_the_following_row(rewards, values, next_values, dones, gamma, lam):
    """You take V(s_{t+1}) from `values[t + 1]`, and use `next_values` for the last step only. The two need not be the
    same: bootstrap every step from `next_values[t]`.
    """
    following = torch.cat((values[1:], next_values[-1:]))
    return generalized_advantage_estimate(rewards, values, following, dones, gamma, lam)


def normalised(rewards, values, next_values, dones, gamma, lam):
    """You normalise the advantages. Many programs do that before they compute the loss, but it is a step of its own:
    return them as the recursion gives them.
    """
    advantages = generalized_advantage_estimate(rewards, values, next_values, dones, gamma, lam)
    centred = advantages - advantages.mean()
    variance = centred.square().sum() / (centred.numel() - 1)  # as `std()`, which warns where this is 0 / 0
    return centred / (variance.sqrt() + 1e-8)


def formula(rewards, values, next_values, dones, gamma, lam):
    """Â_t = δ_t + γ λ (1 − d_t) Â_{t+1}, with δ = r + γ (1 − d) V(s') − V(s)."""
    advantages = rewards + gamma * (1 - dones) * next_values - values
    for t in reversed(range(len(rewards) - 1)):
        advantages[t] += gamma * lam * (1 - dones[t]) * advantages[t + 1]
    return advantages


PROBLEM = Problem(
    title="Generalised advantage estimation",
    source="Assignment question 2; Schulman et al. 2016, eq. 16",
    statement=__doc__,
    formula=Formula(
        r"\hat{A}_t = \delta_t + \gamma \lambda \, (1 - d_t) \, \hat{A}_{t+1}, \quad "
        r"\delta_t = r_t + \gamma \, (1 - d_t) \, V(s_{t+1}) - V(s_t)",
        formula,
        tuple(
            Instance({"T": 3}, {"dones": dones, "gamma": 0.75, "lam": 0.625}, batch=(2,))
            for dones in EVERY_END_OF_THREE_STEPS
        ),
    ),
    signature=Signature(
        {
            "rewards": Tensor("T ...", "reward of every step"),
            "values": Tensor("T ...", "V of the state before every step"),
            "next_values": Tensor("T ...", "V of the state after it"),
            "dones": Tensor(
                "T ...", "1 where the episode terminated at that step, else 0; in the dtype of the rewards", Flags(0.3)
            ),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.99, 0.5), 0.5),
            "lam": Number("λ, between 0 and 1", (0.95, 0.8, 0.5), 0.5),
        },
        returns="T ...",
        usual_batch=1,
    ),
    speed=Speed(gpu=Scale({"T": 1024}, (16384,)), cpu=Scale({"T": 512}, (1024,))),
    reference=generalized_advantage_estimate,
    examples=(
        Example("two episodes, one after the other", values={"dones": [0, 0, 1, 0, 1], "gamma": 0.9, "lam": 0.8}),
        Example("no episode ends", values={"dones": [0, 0, 0, 0, 0], "gamma": 0.9, "lam": 0.8}),
    ),
    edges=(
        Example("a single step", {"T": 1}),
        Example("the episode ends at the last step", values={"dones": [0, 0, 0, 1]}),
        Example("every step ends its episode", values={"dones": [1, 1, 1]}),
        Example("λ = 0", {"T": 5}, {"lam": 0.0}),
        Example("λ = 1", {"T": 5}, {"lam": 1.0}),
        Example("γ = 0", {"T": 5}, {"gamma": 0.0}),
        Example("γ = 1 and λ = 1", {"T": 5}, {"gamma": 1.0, "lam": 1.0}),
        Example("a thousand steps", {"T": 1000}, {"gamma": 0.99, "lam": 0.95, "dones": Flags(0.01)}),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Edges(3),
        Invariance(
            "separate_episodes",
            1,
            "twice the numbers of the later episodes give twice their advantages and leave the first episode's alone",
            change=lambda inputs: {
                name: doubled_after_the_first_episode(inputs[name], inputs["dones"])
                for name in ("rewards", "values", "next_values")
            },
            expected=lambda result, changed: doubled_after_the_first_episode(result, changed["dones"]),
        ),
        Contract(1),
    ),
    misconceptions=(
        trace_not_cut_at_dones,
        bootstrap_not_cut_at_dones,
        done_ignored,
        gamma_without_lambda_in_the_trace,
        lambda_without_gamma_in_the_trace,
        lambda_return_instead_of_advantage,
        accumulated_from_the_front,
        one_step_only,
        value_of_the_following_row,
        normalised,
    ),
)
