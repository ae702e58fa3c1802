"""The temporal-difference error compares what a step turned out to be worth, its reward plus the discounted value of
the state that it led to, with what the critic had expected: δ = r + γ V(s') − V(s). A positive δ is a pleasant
surprise.

`rewards`, `values` (V of the state before each step), `next_values` (V of the state after it) and `dones` all have the
same shape, with any number of batch dimensions after time. Where `dones` is 1 the episode terminated at that step: its
target is the reward alone, with no bootstrap from `next_values`. `gamma` is the discount factor.

The target is a constant: differentiate through `values`, and let no gradient flow into `next_values`. That is the
semi-gradient of TD learning. Whether one flows into `rewards` is not graded.

The result has the inputs' dtype and device. Leave the inputs as they are.
"""

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Flags, Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from grader.model.speed import Scale, Speed
from problems.episodes import EVERY_END_OF_THREE_STEPS
from reference.returns import td_error


def done_ignored(rewards, values, next_values, dones, gamma):
    """You bootstrap from `next_values` after the last step of an episode too. Nothing comes after it: multiply the
    bootstrap by (1 − dones).
    """
    return rewards + gamma * next_values.detach() - values


def wrong_sign(rewards, values, next_values, dones, gamma):
    """You compute V(s) − target, the negative of the TD error. δ is target − V(s): positive where the step went better
    than expected.
    """
    return -td_error(rewards, values, next_values, dones, gamma)


def gamma_on_the_reward(rewards, values, next_values, dones, gamma):
    """You discount the reward, and not the value of the next state. The reward is earned now; γ belongs to what comes
    one step later: r + γ V(s').
    """
    return gamma * rewards + ((1 - dones) * next_values).detach() - values


def gamma_on_the_whole_target(rewards, values, next_values, dones, gamma):
    """You discount the whole target, γ (r + V(s')). The reward is earned now; γ belongs only to V(s')."""
    return gamma * (rewards + (1 - dones) * next_values).detach() - values


def values_swapped(rewards, values, next_values, dones, gamma):
    """You have V(s) and V(s') the wrong way round. The value of the *next* state is part of the target, with γ; the
    value of the present one is subtracted.
    """
    return rewards + gamma * (1 - dones) * values - next_values


def dones_the_wrong_way_round(rewards, values, next_values, dones, gamma):
    """You bootstrap only where the episode has ended: you multiply by `dones`. It has to be the opposite, 1 − dones."""
    return rewards + gamma * dones * next_values.detach() - values


def undiscounted(rewards, values, next_values, dones, gamma):
    """You leave γ out. The value of the next state counts γ times: r + γ V(s')."""
    return td_error(rewards, values, next_values, dones, 1.0)


def gradient_through_the_target(rewards, values, next_values, dones, gamma):
    """You let a gradient flow into `next_values`. Then the critic could lower its error by dragging the target towards
    its guess. The target is a constant: `next_values.detach()`.
    """
    return rewards + gamma * (1 - dones) * next_values - values


def values_detached(rewards, values, next_values, dones, gamma):
    """You detach `values` as well as the target. Then the critic has nothing to learn from: only the target is a
    constant.
    """
    return td_error(rewards, values, next_values, dones, gamma).detach()


def formula(rewards, values, next_values, dones, gamma):
    """δ = r + γ (1 − d) V(s') − V(s)."""
    return rewards + gamma * (1 - dones) * next_values - values


PROBLEM = Problem(
    title="Temporal-difference error",
    source="Assignment question 2; Sutton & Barto 2018, eq. 6.5",
    statement=__doc__,
    formula=Formula(
        r"\delta_t = r_t + \gamma \, (1 - d_t) \, V(s_{t+1}) - V(s_t)",
        formula,
        tuple(Instance({"T": 3}, {"dones": dones, "gamma": 0.75}, batch=(2,)) for dones in EVERY_END_OF_THREE_STEPS),
    ),
    signature=Signature(
        {
            "rewards": Tensor("T ...", "reward of every step"),
            "values": Tensor("T ...", "V of the state before every step", gradient=Gradient.GRADED),
            "next_values": Tensor("T ...", "V of the state after it, a constant", gradient=Gradient.CONSTANT),
            "dones": Tensor(
                "T ...", "1 where the episode terminated at that step, else 0; in the dtype of the rewards", Flags(0.3)
            ),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.99, 0.5), 0.5),
        },
        returns="T ...",
        usual_batch=1,
    ),
    speed=Speed(gpu=Scale({"T": 1024}, (16384,)), cpu=Scale({"T": 512}, (2048,))),
    reference=td_error,
    examples=(
        Example("two episodes, one after the other", values={"dones": [0, 0, 1, 0, 1], "gamma": 0.9}),
        Example("no episode ends", values={"dones": [0, 0, 0, 0, 0], "gamma": 0.9}),
    ),
    edges=(
        Example("a single step", {"T": 1}, {"dones": [0]}),
        Example("a single step that ends the episode", {"T": 1}, {"dones": [1]}),
        Example("the episode ends at the last step", values={"dones": [0, 0, 0, 1]}),
        Example("every step ends its episode", values={"dones": [1, 1, 1]}),
        Example("γ = 0", {"T": 5}, {"gamma": 0.0}),
        Example("γ = 1", {"T": 5}, {"gamma": 1.0}),
        Example(
            "values much larger than their differences",
            {"T": 7},
            {"values": Normal(1000.0, 1.0), "next_values": Normal(1000.0, 1.0), "gamma": 1.0},
        ),
        Example("a thousand steps", {"T": 1000}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(2),
        Edges(2),
        Invariance(
            "terminal_steps",
            1,
            "after a step that ends its episode the next value does not count",
            change=lambda inputs: {"next_values": inputs["next_values"] + 8 * inputs["dones"]},
        ),
        Contract(1),
    ),
    misconceptions=(
        done_ignored,
        wrong_sign,
        gamma_on_the_reward,
        gamma_on_the_whole_target,
        values_swapped,
        dones_the_wrong_way_round,
        undiscounted,
        gradient_through_the_target,
        values_detached,
    ),
)
