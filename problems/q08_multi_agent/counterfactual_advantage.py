"""When a team earns one reward, what did a single agent contribute? COMA asks what would have happened if it alone had
acted otherwise. A central critic gives Q for each action this agent might have taken, with those of the others as they
were; its mean under the agent's own policy is the baseline, and the advantage of the action taken is
Q(a) − Σ_a' π(a') Q(a').

`q_values` holds those Q, one row for each sample and one column for each action of the agent; `policy` the agent's
probabilities π, rows that sum to one already; `actions` says which action it took.

No gradient is asked of this problem. The result has one advantage for each sample, in the dtype and on the device of
`q_values`. Leave the inputs as they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Indices, Normal, Simplex
from grader.model.signature import Signature, Tensor
from reference.multi_agent import counterfactual_advantage


def _taken(q_values, actions):
    return q_values.gather(1, actions.unsqueeze(1)).squeeze(1)


def baseline_left_out(q_values, policy, actions):
    """You return Q of the action taken. In that the contributions of all agents are mixed up: subtract what this one
    would have got on average, Σ_a π(a) Q(a).
    """
    return _taken(q_values, actions)


def best_action_as_baseline(q_values, policy, actions):
    """You compare with the best action, max_a Q(a), so that no advantage is ever positive. The baseline is what the
    policy gets on average: weigh every action's Q with its probability π(a).
    """
    return _taken(q_values, actions) - q_values.amax(dim=1)


def uniform_baseline(q_values, policy, actions):
    """You compare with the plain mean of Q over the actions, as if the agent chose at random. The baseline belongs to
    its own policy: weigh every action's Q with its probability π(a).
    """
    return _taken(q_values, actions) - q_values.mean(dim=1)


def most_likely_action_as_baseline(q_values, policy, actions):
    """You compare with the policy's most likely action. The baseline is an expectation over *all* actions,
    Σ_a π(a) Q(a).
    """
    return _taken(q_values, actions) - _taken(q_values, policy.argmax(dim=1))


def other_actions_alone(q_values, policy, actions):
    """You leave the action that was taken out of the baseline. The expectation runs over all actions of the agent, that
    one included; only then is the advantage 0 on average.
    """
    taken = _taken(q_values, actions)
    return taken - ((policy * q_values).sum(dim=1) - _taken(policy, actions) * taken)


def weighed_with_the_policy(q_values, policy, actions):
    """You multiply Q of the action taken with its probability. The agent did take it, so it counts fully: Q(a). The
    probabilities belong into the baseline alone.
    """
    return _taken(policy * q_values, actions) - (policy * q_values).sum(dim=1)


def wrong_sign(q_values, policy, actions):
    """You subtract Q of the action taken from the baseline. An action that is better than average has a positive
    advantage: Q(a) − Σ_a' π(a') Q(a').
    """
    return -counterfactual_advantage(q_values, policy, actions)


def advantages_of_all_actions(q_values, policy, actions):
    """You return the advantage of every action. Only one was taken in each sample: pick it with `gather`, so that the
    result has shape (N,).
    """
    return q_values - (policy * q_values).sum(dim=1, keepdim=True)


def every_sample_with_every_baseline(q_values, policy, actions):
    """You subtract a vector (N,) from a column (N, 1), which PyTorch broadcasts to (N, N): every sample is compared
    with the baselines of all of them. Look at the shape after `gather`: `.squeeze(-1)` makes it (N,).
    """
    return q_values.gather(1, actions.unsqueeze(1)) - (policy * q_values).sum(dim=1)


def _only_the_action_taken(inputs):
    one_hot = torch.nn.functional.one_hot(inputs["actions"], inputs["policy"].shape[1])
    return {"policy": one_hot.to(inputs["policy"].dtype)}


def formula(q_values, policy, actions):
    """Â = Q(a) − Σ_a' π(a') Q(a')."""
    taken = q_values[range(len(actions)), actions]
    return taken - (policy * q_values).sum(axis=1)


# the policies are numbers that sum to one, because a right answer may divide by their sum
_POLICIES = [[0.5, 0.375, 0.125], [0.125, 0.25, 0.625]]

PROBLEM = Problem(
    title="Counterfactual advantage",
    source="Assignment question 8 (credit assignment); Foerster et al. 2018, eq. 4",
    statement=__doc__,
    formula=Formula(
        r"\hat{A}_i = Q(s_i, a_i) - \sum_{a'} \pi(a' \mid s_i) \, Q(s_i, a')",
        formula,
        (
            Instance({"N": 2, "A": 3}, {"actions": [0, 2], "policy": _POLICIES}),
            Instance({"N": 2, "A": 3}, {"actions": [1, 0], "policy": _POLICIES[::-1]}),
            Instance({"N": 1, "A": 2}, {"actions": [1], "policy": [[0.75, 0.25]]}),
        ),
    ),
    signature=Signature(
        {
            "q_values": Tensor("N A", "Q for each action of this agent, the others' held fixed", Normal(1.0, 2.0)),
            "policy": Tensor("N A", "probability of each action under the agent's policy", Simplex()),
            "actions": Tensor("N", "the action it took in each sample", Indices("A")),
        },
        returns="N",
    ),
    reference=counterfactual_advantage,
    examples=(
        Example("thirty-one samples", {"N": 31, "A": 5}),
        Example(
            "every action was taken",
            values={"actions": [0, 1, 2], "policy": [[0.25, 0.5, 0.25]] * 3, "q_values": [[1.0, 4.0, -2.0]] * 3},
        ),
    ),
    edges=(
        Example("a single sample", {"N": 1, "A": 3}),
        Example("a single action", {"N": 5, "A": 1}),
        Example("as many samples as actions", {"N": 3, "A": 3}),
        Example(
            "a deterministic policy", values={"policy": [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]], "actions": [0, 0, 1]}
        ),
        Example("all actions are worth the same", values={"q_values": [[2.0, 2.0], [-1.0, -1.0]]}),
        Example("values much larger than their differences", {"N": 5, "A": 4}, {"q_values": Normal(1000.0, 1.0)}),
        Example("ten thousand samples", {"N": 10_000, "A": 4}),
    ),
    checks=(
        Agreement(1),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "nothing_to_compare_with",
            1,
            "an agent that was sure to act as it did has the advantage 0",
            change=_only_the_action_taken,
            expected=lambda result, _: torch.zeros_like(result),
        ),
        Contract(1),
    ),
    misconceptions=(
        baseline_left_out,
        best_action_as_baseline,
        uniform_baseline,
        most_likely_action_as_baseline,
        other_actions_alone,
        weighed_with_the_policy,
        wrong_sign,
        advantages_of_all_actions,
        every_sample_with_every_baseline,
    ),
)
