"""The soft actor-critic earns rewards *and* entropy: from the next state on, being random is worth something too. The
value that it bootstraps from is therefore soft, Q − α log π, at an action a' sampled from the policy in s'. As in TD3
the smaller of two critics counts: y = r + γ (1 − d) (min(Q₁', Q₂') − α log π(a'|s')).

`rewards` and `dones` belong to N steps. `next_q1` and `next_q2` are the values that the two target critics give to (s',
a'), and `next_log_prob` is log π(a'|s'), a log-density: it may be positive. `alpha` is the temperature α ≥ 0, here a
plain number, and `gamma` is the discount factor. Where `dones` is 1 the episode terminated at that step: its target is
the reward alone, with neither value nor entropy of what would come next.

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
from reference.targets import sac_target, td3_target


def entropy_with_the_wrong_sign(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    """You add α log π. Entropy is the mean of *minus* log π, and it is to be earned: an action that was unlikely is
    worth more. Subtract α log π.
    """
    return sac_target(rewards, dones, next_q1, next_q2, next_log_prob, -alpha, gamma)


def alpha_left_out(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    """You subtract log π without its weight. The temperature α says what entropy is worth against reward: α log π."""
    return sac_target(rewards, dones, next_q1, next_q2, next_log_prob, 1.0, gamma)


def entropy_outside_the_bootstrap(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    """You subtract α log π from the target as a whole. It is part of the *next* state's soft value: like that it is
    discounted by γ, and left out where the episode has ended.
    """
    return td3_target(rewards, dones, next_q1, next_q2, gamma) - alpha * next_log_prob


def entropy_after_the_end(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    """You leave the value out where the episode has ended, but not the entropy. No action is taken there any more:
    multiply the whole soft value by (1 − dones).
    """
    return td3_target(rewards, dones, next_q1, next_q2, gamma) - gamma * alpha * next_log_prob


def entropy_left_out(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    """You leave the entropy out: this is TD3's target. The soft value is min(Q₁', Q₂') − α log π."""
    return td3_target(rewards, dones, next_q1, next_q2, gamma)


def maximum_of_the_critics(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    """You take the larger of the two values. That makes the overestimation worse, which two critics are there to
    prevent: take the minimum.
    """
    return rewards + gamma * (1 - dones) * (torch.maximum(next_q1, next_q2) - alpha * next_log_prob)


def first_critic_alone(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    """You bootstrap from `next_q1` alone. The second critic is there to catch what the first one overestimates: take
    the smaller of both.
    """
    return sac_target(rewards, dones, next_q1, next_q1, next_log_prob, alpha, gamma)


def done_ignored(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    """You bootstrap after the last step of an episode too. Nothing comes after it: multiply the soft value by
    (1 − dones).
    """
    return rewards + gamma * (torch.minimum(next_q1, next_q2) - alpha * next_log_prob)


def probability_for_its_logarithm(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    """You subtract α π, having taken the exponential of `next_log_prob`. It is the logarithm itself that measures the
    surprise: α log π.
    """
    return sac_target(rewards, dones, next_q1, next_q2, torch.exp(next_log_prob), alpha, gamma)


def formula(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    """y = r + γ (1 − d) (min(Q₁', Q₂') − α log π(a'|s'))."""
    return rewards + gamma * (1 - dones) * (minimum(next_q1, next_q2) - alpha * next_log_prob)


PROBLEM = Problem(
    title="Target of the soft critics",
    source="Assignment question 4 (SAC); Haarnoja et al. 2018, arXiv:1812.05905, eq. 3 and 5",
    statement=__doc__,
    formula=Formula(
        r"y = r + \gamma \, (1 - d) \left(\min\left(Q_1'(s', a'), \; Q_2'(s', a')\right)"
        r" - \alpha \log \pi(a' \mid s')\right), \quad a' \sim \pi(\cdot \mid s')",
        formula,
        (
            Instance({"N": 3}, {"dones": [0, 1, 0], "alpha": 0.25, "gamma": 0.75}),
            Instance({"N": 2}, {"dones": [1, 0], "alpha": 0.625, "gamma": 0.875}),
            Instance({"N": 1}, {"dones": [0], "alpha": 0.125, "gamma": 1.0}),
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
            "next_log_prob": Tensor("N", "log-density of the next action", Normal(-1.0, 1.5)),
            "alpha": Number("temperature, the weight of the entropy", (0.2, 0.1, 0.5), 0.25),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.8, 0.5), 0.5),
        },
        returns="N",
    ),
    speed=Speed(gpu=Scale({"N": 1 << 24}), cpu=Scale({"N": 1 << 20})),
    reference=sac_target,
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
        Example("α = 0", {"N": 5}, {"alpha": 0.0}),
        Example("γ = 0", {"N": 5}, {"gamma": 0.0}),
        Example("γ = 1", {"N": 5}, {"gamma": 1.0}),
        Example("log-densities from −1,000 to 1,000", {"N": 5}, {"next_log_prob": Normal(0.0, 500.0)}),
        Example("ten thousand steps", {"N": 10_000}),
    ),
    checks=(
        Agreement(2, drawn=4),
        Symbolic(1),
        full_precision(1),
        Edges(2),
        Invariance(
            "terminal_steps",
            1,
            "after a step that ends its episode neither value nor entropy of the next action counts",
            change=lambda inputs: {
                name: inputs[name] + 8 * inputs["dones"] for name in ("next_q1", "next_q2", "next_log_prob")
            },
        ),
        Contract(1),
    ),
    misconceptions=(
        entropy_with_the_wrong_sign,
        alpha_left_out,
        entropy_outside_the_bootstrap,
        entropy_after_the_end,
        entropy_left_out,
        maximum_of_the_critics,
        first_critic_alone,
        done_ignored,
        probability_for_its_logarithm,
    ),
)
