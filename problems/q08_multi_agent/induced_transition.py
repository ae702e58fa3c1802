"""An agent that learns among others takes them for part of its environment. When the other one plays the policy
π(b|s), the transitions that it sees are P̃(s'|s, a) = Σ_b π(b|s) P(s'|s, a, b): as soon as the other one learns, P̃
changes, although the game P has not. That is what "non-stationary" means, in one line.

`transition` is P(s'|s, a, b), with the axes state, own action, the other's action, next state. `other_policy` is
π(b|s), one row for each state; the other one chooses in the *present* state, at the same time as the agent. The rows of
both are probabilities already: there is nothing to normalise.

No gradient is asked of this problem. The result has the inputs' dtype and device. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Simplex
from grader.model.signature import Signature, Tensor
from reference.multi_agent import induced_transition


def other_policy_ignored(transition, other_policy):
    """You average over the other's actions as if all were equally likely. It is the other's policy that says how likely
    they are: weigh each action b with π(b|s).
    """
    return transition.mean(dim=2)


def summed_without_weights(transition, other_policy):
    """You add the other's actions up without weighing them, so a row no longer sums to one. Weigh each action b with
    its probability π(b|s).
    """
    return transition.sum(dim=2)


def most_likely_action_only(transition, other_policy):
    """You let the other one always take its most likely action. A policy is a distribution: every action b counts, with
    the weight π(b|s).
    """
    states = torch.arange(len(other_policy), device=transition.device)
    return transition[states, :, other_policy.argmax(dim=1)]


def policy_at_the_next_state(transition, other_policy):
    """You weigh with π(b|s'), the other's policy in the *next* state. Both act at the same time, in the state s in
    which they are; the next state is what comes of it.
    """
    return torch.einsum("sabt,tb->sat", transition, other_policy)


def policy_averaged_over_the_states(transition, other_policy):
    """You weigh with the other's policy averaged over all states. What it does depends on where it is: use the row of
    the present state, π(b|s).
    """
    return torch.einsum("sabt,b->sat", transition, other_policy.mean(dim=0))


def own_action_summed_out(transition, other_policy):
    """You sum over the agent's own action and keep the other's. It is the other one's action that the agent can't
    choose: the third axis of `transition` goes away.
    """
    return torch.einsum("sabt,sb->sbt", transition, other_policy)


def next_state_before_own_action(transition, other_policy):
    """You have the last two axes the wrong way round. The result is P̃(s'|s, a) with the axes state, action, next
    state, so that each row over the last axis sums to one.
    """
    return torch.einsum("sabt,sb->sta", transition, other_policy)


def _certain_actions(other_policy):
    """Another one in each state, as far as there are enough."""
    states, actions = other_policy.shape
    return torch.arange(states) % actions


def _one_certain_action_in_each_state(inputs):
    policy = torch.zeros_like(inputs["other_policy"])
    policy[torch.arange(len(policy)), _certain_actions(policy)] = 1.0
    return {"other_policy": policy}


def _transitions_of_that_action(_, changed):
    transition = changed["transition"]
    return transition[torch.arange(len(transition)), :, _certain_actions(changed["other_policy"])]


def formula(transition, other_policy):
    """P̃(s'|s, a) = Σ_b π(b|s) P(s'|s, a, b)."""
    weighted = other_policy[:, None, :, None] * transition
    return weighted.sum(axis=2)


PROBLEM = Problem(
    title="Transitions that one agent sees",
    source="Assignment question 8 (non-stationarity); Littman 1994, “Markov games”, §2",
    statement=__doc__,
    formula=Formula(
        r"\tilde{P}(s' \mid s, a) = \sum_{b} \pi(b \mid s) \, P(s' \mid s, a, b)",
        formula,
        (
            Instance({"S": 2, "A1": 1, "A2": 3}, {"other_policy": [[0.5, 0.375, 0.125], [0.25, 0.0, 0.75]]}),
            Instance({"S": 3, "A1": 2, "A2": 2}, {"other_policy": [[0.75, 0.25], [0.375, 0.625], [0.0, 1.0]]}),
        ),
    ),
    signature=Signature(
        {
            "transition": Tensor("S A1 A2 S", "P(s'|s, a, b): state, own and other action, next state", Simplex()),
            "other_policy": Tensor("S A2", "π(b|s), how the other one acts in each state", Simplex()),
        },
        returns="S A1 S",
    ),
    reference=induced_transition,
    examples=(
        Example("many actions of the other one", {"S": 3, "A1": 2, "A2": 11}),
        Example(
            "the other one acts differently in each state",
            {"A1": 2},
            {"other_policy": [[1.0, 0.0, 0.0], [0.0, 0.25, 0.75], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]},
        ),
    ),
    edges=(
        Example("a single state", {"S": 1, "A1": 2, "A2": 3}),
        Example("a single action of the agent's own", {"S": 3, "A1": 1, "A2": 2}),
        Example("a single action of the other one", {"S": 3, "A1": 2, "A2": 1}),
        Example("the other one never takes its last action", {"A1": 2}, {"other_policy": [[0.5, 0.5, 0.0]] * 2}),
        Example("a hundred states", {"S": 101, "A1": 3, "A2": 5}),
    ),
    checks=(
        Agreement(1),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "a_certain_action",
            1,
            "where the other one's action is certain, the agent sees the transitions of that action",
            change=_one_certain_action_in_each_state,
            expected=_transitions_of_that_action,
        ),
        Contract(1),
    ),
    misconceptions=(
        other_policy_ignored,
        summed_without_weights,
        most_likely_action_only,
        policy_at_the_next_state,
        policy_averaged_over_the_states,
        own_action_summed_out,
        next_state_before_own_action,
    ),
)
