"""An agent that doesn't see the state can still keep a belief about it, the probability of each state given what it has
done and seen so far. After the action a and the observation o the new belief is
b'(s') ∝ O(o|s') Σ_s T(s'|s, a) b(s): first predict where the action leads, then weigh every state with how well it
explains what was observed, and normalise.

`belief` is b, one probability for each state; `transition` is T(s'|s, a), with the axes state, action, next state;
`observation` is O(o|s'), one row for each state that may have been reached and one column for each observation.
`action` and `observed` are Python ints, a and o. The observation made is possible: some state that may have been
reached explains it, if only just. Its probability may be as small as 10⁻²⁰, and the result is exact there too.

No gradient is asked of this problem. The result sums to one and has the inputs' dtype and device. Leave the inputs as
they are.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance, every_combination
from grader.model.problem import Problem
from grader.model.sampling import Simplex
from grader.model.signature import Number, Signature, Tensor
from reference.multi_agent import belief_update


def _explained(belief, transition, observation, action, observed):
    return observation[:, observed] * (belief @ transition[:, action])


def _normalised(weights):
    return weights / weights.sum()


def not_normalised(belief, transition, observation, action, observed):
    """You don't normalise. What you have is the probability of each state *together with* the observation; a belief is
    the one *given* the observation: divide by the sum over all states.
    """
    return _explained(belief, transition, observation, action, observed)


def observation_before_the_transition(belief, transition, observation, action, observed):
    """You weigh with the observation before you predict. It is the *new* state that was observed, after the action:
    predict with T first, and multiply by O(o|s') then.
    """
    return _normalised((observation[:, observed] * belief) @ transition[:, action])


def transition_transposed(belief, transition, observation, action, observed):
    """You sum over the next state and keep the one before: Σ_s' T(s'|s, a) b(s'). Sum over the state that you come
    from, the *first* axis of `transition`.
    """
    return _normalised(observation[:, observed] * (transition[:, action] @ belief))


def observation_ignored(belief, transition, observation, action, observed):
    """You return the prediction, and what was observed plays no part. Weigh every state with O(o|s'), and normalise."""
    return _normalised(belief @ transition[:, action])


def transition_ignored(belief, transition, observation, action, observed):
    """You weigh the old belief with the observation, as if the action had led nowhere. Predict first:
    Σ_s T(s'|s, a) b(s).
    """
    return _normalised(observation[:, observed] * belief)


def action_averaged_out(belief, transition, observation, action, observed):
    """You average the transitions over all actions. The agent knows which one it took: `transition[:, action]`."""
    return _normalised(observation[:, observed] * (belief @ transition.mean(dim=1)))


def normalised_with_softmax(belief, transition, observation, action, observed):
    """You normalise with a softmax. That is for logits, and it gives even an impossible state some probability. These
    are weights already: divide them by their sum.
    """
    return torch.softmax(_explained(belief, transition, observation, action, observed), dim=0)


def small_number_in_the_denominator(belief, transition, observation, action, observed):
    """You add a small number to the sum that you divide by. Where an observation is unlikely the sum is small itself,
    and the belief no longer adds up to one. The observation is possible, so the sum is not 0: divide by it as it is.
    """
    weights = _explained(belief, transition, observation, action, observed)
    return weights / (weights.sum() + 1e-8)


def _missed_half_of_the_time(inputs):
    """One observation more, nothing seen, which is made half of the time wherever one is."""
    observation = inputs["observation"] / 2
    return {"observation": torch.cat((observation, torch.full_like(observation[:, :1], 0.5)), dim=1)}


def formula(belief, transition, observation, action, observed):
    """b'(s') = O(o|s') Σ_s T(s'|s, a) b(s), divided by its sum over s'."""
    predicted = (belief[:, None] * transition[:, action]).sum(axis=0)
    weights = observation[:, observed] * predicted
    return weights / weights.sum()


PROBLEM = Problem(
    title="Belief update",
    source="Assignment question 8 (partial observability); Kaelbling, Littman & Cassandra 1998, §3.3",
    statement=__doc__,
    formula=Formula(
        r"b'(s') = \frac{O(o \mid s') \sum_{s} T(s' \mid s, a) \, b(s)}"
        r"{\sum_{s''} O(o \mid s'') \sum_{s} T(s'' \mid s, a) \, b(s)}",
        formula,
        (
            *every_combination({"action": (0, 1), "observed": (0, 2)}, Instance({"S": 2, "A": 2, "O": 3})),
            Instance({"S": 3, "A": 1, "O": 2}, {"action": 0, "observed": 1}),
        ),
        positive=("belief", "transition", "observation"),
    ),
    signature=Signature(
        {
            "belief": Tensor("S", "probability of each state so far", Simplex()),
            "transition": Tensor("S A S", "T(s'|s, a): state, action, next state", Simplex()),
            "observation": Tensor("S O", "O(o|s'): the state reached, what is observed there", Simplex()),
            "action": Number("the action taken", among=lambda sizes, _: range(sizes["A"])),
            "observed": Number("the observation made", among=lambda sizes, _: range(sizes["O"])),
        },
        returns="S",
    ),
    reference=belief_update,
    examples=(
        Example(
            "a tiger behind one of two doors",
            values={
                "belief": [0.5, 0.5],
                "transition": [[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]],
                "observation": [[0.875, 0.125], [0.125, 0.875]],
                "action": 0,
                "observed": 1,
            },
        ),
        Example("many observations", {"S": 3, "A": 2, "O": 13}, {"observed": 12}),
    ),
    edges=(
        Example("a single state", {"S": 1, "A": 2, "O": 3}),
        Example("a single action and a single observation", {"S": 5, "A": 1, "O": 1}),
        Example("a state that is certain", {"A": 2, "O": 3}, {"belief": [0.0, 1.0, 0.0, 0.0]}),
        Example(
            "an observation that only one state explains",
            {"A": 2},
            {"observation": [[0.5, 0.5], [1.0, 0.0], [1.0, 0.0]], "observed": 1},
        ),
        Example(
            "an observation that is hardly possible",
            {"A": 2},
            {
                "observation": [[1e-20, 0.25, 0.75], [3e-20, 0.5, 0.5], [2e-20, 0.125, 0.875], [4e-20, 1.0, 0.0]],
                "observed": 0,
            },
        ),
        Example("a hundred states", {"S": 101, "A": 3, "O": 7}),
    ),
    checks=(
        Agreement(2),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "missed_everywhere_alike",
            1,
            "an observation that is missed half of the time, wherever it is made, tells the same",
            change=_missed_half_of_the_time,
        ),
        Contract(1),
    ),
    misconceptions=(
        not_normalised,
        observation_before_the_transition,
        transition_transposed,
        observation_ignored,
        transition_ignored,
        action_averaged_out,
        normalised_with_softmax,
        small_number_in_the_denominator,
    ),
)
