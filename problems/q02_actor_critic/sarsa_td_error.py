"""A critic of actions, Q(s, a), learns from the action that was taken next: δ = r + γ Q(s', a') − Q(s, a). The
quintuple (s, a, r, s', a') gave the method its name, SARSA. Because a' is what the policy did, and not the best it
could have done, Q becomes the value of the policy that acts: SARSA learns on-policy.

Row n of `q_values` holds Q(s_n, ·) of all A actions, and `actions` says which of them was taken; row n of
`next_q_values` holds Q(s'_n, ·) of the state that followed, and `next_actions` which action was taken there. `rewards`
and `dones` have one number for each sample. Where `dones` is 1 the episode terminated: its target is the reward alone.
`gamma` is the discount factor.

The target is a constant: differentiate through `q_values`, and let no gradient flow into `next_q_values`. Whether one
flows into `rewards` is not graded.

The result has shape `(N,)`, and the inputs' dtype and device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Gradients, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Flags, Indices, Normal
from grader.model.signature import Gradient, Number, Signature, Tensor
from grader.model.speed import Scale, Speed
from reference.returns import td_error
from reference.td import sarsa_td_error


def _of(q_values, actions):
    return q_values.gather(1, actions[:, None]).squeeze(1)


def best_next_action(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    """You bootstrap from the largest Q of the next state. That is Q-learning, which learns about the greedy policy
    whatever was done. SARSA takes the action that was taken: pick `next_actions` from `next_q_values`.
    """
    return td_error(rewards, _of(q_values, actions), next_q_values.amax(dim=1), dones, gamma)


def mean_over_the_next_actions(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    """You bootstrap from the mean of Q over the actions of the next state, an expectation as in expected SARSA, and
    that of a policy that chooses blindly. SARSA uses one sample of it, the action that was taken: `next_actions`.
    """
    return td_error(rewards, _of(q_values, actions), next_q_values.mean(dim=1), dones, gamma)


def same_action_twice(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    """You look up `actions` in `next_q_values` too. In the next state another action was taken: look up `next_actions`
    there.
    """
    return td_error(rewards, _of(q_values, actions), _of(next_q_values, actions), dones, gamma)


def best_action_instead_of_the_one_taken(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    """You subtract the largest Q of the state, whatever `actions` says. The error belongs to the action that was
    taken, and only its value is to be corrected: pick it from `q_values`.
    """
    return td_error(rewards, q_values.amax(dim=1), _of(next_q_values, next_actions), dones, gamma)


def all_actions_corrected(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    """You subtract the whole row of `q_values`, and return an error for every action. The step tells something about
    the action that was taken alone: pick it with `gather`, which leaves shape (N,).
    """
    target = td_error(rewards, torch.zeros_like(rewards), _of(next_q_values, next_actions), dones, gamma)
    return target[:, None] - q_values


def done_ignored(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    """You bootstrap from `next_q_values` after the last step of an episode too. Nothing comes after it: multiply the
    bootstrap by (1 − dones).
    """
    return sarsa_td_error(rewards, q_values, actions, next_q_values, next_actions, torch.zeros_like(dones), gamma)


def wrong_sign(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    """You compute Q(s, a) − target, the negative of the TD error. δ is target − Q(s, a): positive where the step went
    better than expected.
    """
    return -sarsa_td_error(rewards, q_values, actions, next_q_values, next_actions, dones, gamma)


def gradient_through_the_target(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    """You let a gradient flow into `next_q_values`. Then the critic could lower its error by dragging the target
    towards its guess. The target is a constant: `next_q_values.detach()`.
    """
    return rewards + gamma * (1 - dones) * _of(next_q_values, next_actions) - _of(q_values, actions)


def q_values_detached(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    """You detach `q_values` as well as the target. Then the critic has nothing to learn from: only the target is a
    constant.
    """
    return sarsa_td_error(rewards, q_values, actions, next_q_values, next_actions, dones, gamma).detach()


def _raised_except_at(q_values, actions):
    """`q_values`, higher at all actions but the ones taken."""
    return q_values + 8 * (1 - torch.nn.functional.one_hot(actions, q_values.shape[1]))


def formula(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    """δ = r + γ (1 − d) Q(s', a') − Q(s, a)."""
    n = range(len(rewards))
    return rewards + gamma * (1 - dones) * next_q_values[n, next_actions] - q_values[n, actions]


PROBLEM = Problem(
    title="SARSA's temporal-difference error",
    source="Assignment question 2; Sutton & Barto 2018, eq. 6.7",
    statement=__doc__,
    formula=Formula(
        r"\delta_i = r_i + \gamma \, (1 - d_i) \, Q(s'_i, a'_i) - Q(s_i, a_i)",
        formula,
        tuple(
            Instance({"N": 2, "A": 3}, {"actions": actions, "next_actions": following, "dones": dones, "gamma": 0.75})
            for actions, following, dones in (
                ([0, 2], [1, 0], [0, 1]),
                ([1, 0], [2, 1], [1, 0]),
                ([2, 1], [0, 2], [0, 0]),
                ([1, 1], [1, 1], [1, 1]),
            )
        ),
    ),
    signature=Signature(
        {
            "rewards": Tensor("N", "reward of every step"),
            "q_values": Tensor("N A", "Q of every action in the state before the step", gradient=Gradient.GRADED),
            "actions": Tensor("N", "the action taken there", Indices("A")),
            "next_q_values": Tensor(
                "N A", "Q of every action in the state after it, a constant", gradient=Gradient.CONSTANT
            ),
            "next_actions": Tensor("N", "the action taken in that state", Indices("A")),
            "dones": Tensor(
                "N", "1 where the episode terminated at that step, else 0; in the dtype of the rewards", Flags(0.3)
            ),
            "gamma": Number("discount factor per step, between 0 and 1", (0.9, 0.99, 0.5), 0.5),
        },
        returns="N",
    ),
    speed=Speed(
        gpu=Scale({"N": 1 << 20, "A": 16}),
        cpu=Scale({"N": 1 << 17, "A": 8}),
        partly_read={"q_values": "N", "next_q_values": "N"},  # of each row the action that was taken
    ),
    reference=sarsa_td_error,
    examples=(
        Example("no episode ends", {"A": 4}, {"dones": [0, 0, 0, 0, 0], "gamma": 0.9}),
        Example(
            "other actions than the best ones were taken",
            values={
                "q_values": [[1.0, 2.0, 3.0], [3.0, 1.0, 2.0]],
                "actions": [0, 2],
                "next_q_values": [[1.0, 5.0, 3.0], [4.0, 2.0, 1.0]],
                "next_actions": [2, 1],
                "dones": [0, 0],
            },
        ),
    ),
    edges=(
        Example("a single sample", {"N": 1, "A": 3}, {"dones": [0]}),
        Example("a single action", {"N": 5, "A": 1}),
        Example("as many actions as samples", {"N": 4, "A": 4}),
        Example("every step ends its episode", {"A": 2}, {"dones": [1, 1, 1]}),
        Example("γ = 0", {"N": 5, "A": 3}, {"gamma": 0.0}),
        Example("γ = 1", {"N": 5, "A": 3}, {"gamma": 1.0}),
        Example(
            "values much larger than their differences",
            {"N": 7, "A": 3},
            {"q_values": Normal(1000.0, 1.0), "next_q_values": Normal(1000.0, 1.0), "gamma": 1.0},
        ),
        Example("a thousand samples", {"N": 1000, "A": 5}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Gradients(1),
        Edges(1),
        Invariance(
            "other_actions",
            1,
            "what Q says of actions that were not taken does not count",
            change=lambda inputs: {
                "q_values": _raised_except_at(inputs["q_values"], inputs["actions"]),
                "next_q_values": _raised_except_at(inputs["next_q_values"], inputs["next_actions"]),
            },
        ),
        Contract(1),
    ),
    misconceptions=(
        best_next_action,
        mean_over_the_next_actions,
        same_action_twice,
        best_action_instead_of_the_one_taken,
        all_actions_corrected,
        done_ignored,
        wrong_sign,
        gradient_through_the_target,
        q_values_detached,
    ),
)
