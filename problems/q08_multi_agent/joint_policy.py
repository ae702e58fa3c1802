"""Agents that choose independently of each other play a combination of actions with the product of their
probabilities: π(a_1, …, a_n) = Π_i π_i(a_i). Written out, that is a table with A^n entries, the exponential growth that
makes many agents hard.

`policies` has one row for each of n agents and one column for each of A actions. Rows are probabilities already: they
sum to one, so the products do too, and there is nothing to normalise. The result has n axes of size A; axis i belongs
to agent i, in the order of the rows. For a single agent it is that agent's policy, with shape (A,).

No gradient is asked of this problem. The result has the dtype and the device of `policies`. Leave the input as it is.
"""

import numpy as np
import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Simplex
from grader.model.signature import Signature, Tensor
from reference.multi_agent import joint_policy


def _axes_in_reverse(table):
    return table.permute(*reversed(range(table.dim())))


def probabilities_summed(policies):
    """You add the agents' probabilities up. Independent events happen together with the *product* of their
    probabilities.
    """
    joint = policies[0]
    for policy in policies[1:]:
        joint = joint.unsqueeze(-1) + policy
    return joint


def probabilities_averaged(policies):
    """You average the agents' probabilities. Independent events happen together with the *product* of their
    probabilities, and that is less likely than each of them alone.
    """
    return probabilities_summed(policies) / len(policies)


def normalised_again(policies):
    """You divide the product by its sum. The sum of a product of distributions is 1, so there is nothing to divide by;
    and if a row did not sum to one, that would be a mistake which you had better see. Multiply, and leave it at that.
    """
    joint = joint_policy(policies)
    return joint / joint.sum()


def normalised_with_softmax(policies):
    """You put the result through a softmax. It sums to one already, as a product of distributions does; a softmax makes
    another distribution of it.
    """
    joint = joint_policy(policies)
    return torch.softmax(joint.flatten(), dim=0).reshape(joint.shape)


def policies_taken_for_logits(policies):
    """You put the agents' rows through a softmax, as if they were logits. They are probabilities already: multiply them
    as they are.
    """
    return joint_policy(torch.softmax(policies, dim=-1))


def axes_in_reverse_order(policies):
    """You have the axes the wrong way round: your first axis belongs to the last agent. Axis i belongs to agent i, so
    that `result[a_1, …, a_n]` is the probability of a_1, …, a_n.
    """
    return _axes_in_reverse(joint_policy(policies))


def log_probabilities(policies):
    """You return the sum of the logarithms. It is the logarithm of what is asked for: take `exp` of it."""
    return torch.log(joint_policy(policies))


def first_agent_for_all(policies):
    """You multiply the first agent's policy with itself. Every agent has a policy of its own: row i for axis i."""
    return joint_policy(policies[:1].expand_as(policies))


def same_action_for_all(policies):
    """You multiply the rows element by element, which gives the probability that *all agents take the same action*.
    They may take different ones: every agent needs an axis of its own.
    """
    return policies.prod(dim=0)


def one_long_row(policies):
    """You return all combinations in one long row. The statement asks for a table with one axis for each agent:
    reshape it to (A, …, A).
    """
    return joint_policy(policies).flatten()


def formula(policies):
    """π(a_1, …, a_n) = Π_i π_i(a_i)."""
    agents, actions = policies.shape
    joint = np.empty((actions,) * agents, dtype=object)
    for chosen in np.ndindex(joint.shape):
        joint[chosen] = np.prod([policies[agent, action] for agent, action in enumerate(chosen)])
    return joint


PROBLEM = Problem(
    title="Joint policy",
    source="Assignment question 8 (joint action space)",
    statement=__doc__,
    formula=Formula(
        r"\pi(a_1, \ldots, a_n) = \prod_{i=1}^{n} \pi_i(a_i)",
        formula,
        (Instance({"n": 2, "A": 3}), Instance({"n": 3, "A": 2}), Instance({"n": 1, "A": 2})),
        positive=("policies",),
    ),
    signature=Signature(
        {"policies": Tensor("n A", "probabilities of the actions, one row for each agent", Simplex())},
        returns="A^n",
        most={"n": 3, "A": 7},
    ),
    reference=joint_policy,
    examples=(
        Example("two agents", {"n": 2, "A": 3}),
        Example("three agents who differ", values={"policies": [[0.5, 0.5], [0.25, 0.75], [0.875, 0.125]]}),
        Example("five agents", {"n": 5, "A": 3}),
    ),
    edges=(
        Example("a single agent", {"n": 1, "A": 5}),
        Example("a single action", {"n": 3, "A": 1}),
        Example("agents who are certain", values={"policies": [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]}),
        Example("agents who are all alike", values={"policies": [[0.25, 0.75], [0.25, 0.75], [0.25, 0.75]]}),
        Example("ten agents", {"n": 10, "A": 2}),
    ),
    checks=(
        Agreement(1),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "agents_in_another_order",
            1,
            "if the agents change places, the axes of the result do",
            change=lambda inputs: {"policies": inputs["policies"].roll(1, 0)},
            expected=lambda result, _: result.movedim(-1, 0),
        ),
        Contract(1),
    ),
    misconceptions=(
        probabilities_summed,
        probabilities_averaged,
        normalised_again,
        normalised_with_softmax,
        policies_taken_for_logits,
        axes_in_reverse_order,
        log_probabilities,
        first_agent_for_all,
        same_action_for_all,
        one_long_row,
    ),
)
