"""The target of Q-learning takes the best of uncertain estimates, and so it is too high on average. TD3 trains two
critics and believes the one that says less: y = r + γ (1 − d) min(Q₁', Q₂'), clipped double Q-learning.

`rewards` and `dones` belong to N steps. `next_q1` and `next_q2` are the values that the two target critics give to the
next state and to the action taken there. The smaller one counts, for each of the N steps by itself. Where `dones` is 1
the episode terminated at that step: its target is the reward alone. `gamma` is the discount factor.

A target is a constant: in training no gradient may flow through it. Gradients are not graded here. The result has shape
(N,), in the inputs' dtype and on their device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Flags, Near, Normal
from grader.model.signature import Number, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.notation import minimum
from reference.targets import td3_target


def maximum_of_the_critics(rewards, dones, next_q1, next_q2, gamma):
    """You take the larger of the two values. That makes the overestimation worse, which two critics are there to
    prevent: take the minimum.
    """
    return rewards + gamma * (1 - dones) * torch.maximum(next_q1, next_q2)


def mean_of_the_critics(rewards, dones, next_q1, next_q2, gamma):
    """You take the mean of the two values. It errs less than one critic, but still upwards: take the minimum."""
    return rewards + gamma * (1 - dones) * (next_q1 + next_q2) / 2


def first_critic_alone(rewards, dones, next_q1, next_q2, gamma):
    """You bootstrap from `next_q1` alone. The second critic is there to catch what the first one overestimates: take
    the smaller of both.
    """
    return rewards + gamma * (1 - dones) * next_q1


def smallest_of_the_batch(rewards, dones, next_q1, next_q2, gamma):
    """You take one minimum over all steps. Each step has a pair of values of its own: compare them elementwise, with
    `torch.minimum`.
    """
    return rewards + gamma * (1 - dones) * torch.minimum(next_q1.amin(), next_q2.amin())


def done_ignored(rewards, dones, next_q1, next_q2, gamma):
    """You bootstrap after the last step of an episode too. Nothing comes after it: multiply the bootstrap by
    (1 − dones).
    """
    return rewards + gamma * torch.minimum(next_q1, next_q2)


def dones_the_wrong_way_round(rewards, dones, next_q1, next_q2, gamma):
    """You bootstrap only where the episode has ended: you multiply by `dones`. It has to be the opposite, 1 − dones."""
    return td3_target(rewards, 1 - dones, next_q1, next_q2, gamma)


def last_reward_lost(rewards, dones, next_q1, next_q2, gamma):
    """You multiply the whole target by (1 − dones), so the last reward of an episode is lost. It is still earned: only
    the bootstrap is left out.
    """
    return (1 - dones) * (rewards + gamma * torch.minimum(next_q1, next_q2))


def undiscounted(rewards, dones, next_q1, next_q2, gamma):
    """You leave γ out. What comes one step later counts γ times: r + γ (1 − d) min(Q₁', Q₂')."""
    return td3_target(rewards, dones, next_q1, next_q2, 1.0)


def formula(rewards, dones, next_q1, next_q2, gamma):
    """y = r + γ (1 − d) min(Q₁', Q₂')."""
    return rewards + gamma * (1 - dones) * minimum(next_q1, next_q2)


PROBLEM = Problem(
    title="Clipped double Q-learning",
    source="Assignment question 4 (TD3); Fujimoto et al. 2018, eq. 10",
    statement=__doc__,
    formula=Formula(
        r"y = r + \gamma \, (1 - d) \, \min\left(Q_1'(s', \tilde{a}), \; Q_2'(s', \tilde{a})\right)",
        formula,
        (
            Instance({"N": 3}, {"dones": [0, 1, 0], "gamma": 0.75}),
            Instance({"N": 2}, {"dones": [1, 0], "gamma": 0.625}),
            Instance({"N": 1}, {"dones": [0], "gamma": 1.0}),
        ),
    ),
    signature=Signature(
        {
            "rewards": Tensor("N", "reward of every step"),
            "dones": Tensor(
                "N", "1 where the episode terminated at that step, else 0; in the dtype of the rewards", Flags(0.3)
            ),
            "next_q1": Tensor("N", "value of the next state and action by the first critic"),
            "next_q2": Tensor("N", "the same by the second critic", Near("next_q1", 1.0)),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.99, 0.5), 0.5),
        },
        returns="N",
    ),
    speed=Speed(gpu=Scale({"N": 1 << 24}), cpu=Scale({"N": 1 << 20})),
    reference=td3_target,
    examples=(
        Example("thirty-one steps", {"N": 31}),
        Example("a hundred steps", {"N": 100}),
        Example("no episode ends", {"N": 13}, {"dones": Flags(0.0)}),
        Example("every other episode ends", {"N": 23}, {"dones": Flags(0.5)}),
    ),
    edges=(
        Example("a single step", {"N": 1}, {"dones": [0]}),
        Example("a single step that ends the episode", {"N": 1}, {"dones": [1]}),
        Example("every step ends its episode", values={"dones": [1, 1, 1]}),
        Example("the critics agree", {"N": 5}, {"next_q2": Near("next_q1", 0.0)}),
        Example("γ = 0", {"N": 5}, {"gamma": 0.0}),
        Example("γ = 1", {"N": 5}, {"gamma": 1.0}),
        Example("values of ten thousand", {"N": 5}, {"next_q1": Normal(1e4, 10.0)}),
        Example("ten thousand steps", {"N": 10_000}),
    ),
    checks=(
        Agreement(1, drawn=4),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "either_critic_first",
            1,
            "exchanging the two critics changes nothing",
            change=lambda inputs: {"next_q1": inputs["next_q2"], "next_q2": inputs["next_q1"]},
        ),
        Contract(1),
    ),
    misconceptions=(
        maximum_of_the_critics,
        mean_of_the_critics,
        first_critic_alone,
        smallest_of_the_batch,
        done_ignored,
        dones_the_wrong_way_round,
        last_reward_lost,
        undiscounted,
    ),
)
