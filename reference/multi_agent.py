"""Several agents in one environment: joint behaviour, what one agent sees of the others, credit, and equilibria."""

from __future__ import annotations

import torch
from torch import Tensor


def joint_policy(policies: Tensor) -> Tensor:
    """Probability of each combination of actions when agents choose independently, Π_i π_i(a_i).

    Args:
        policies: `(n, A)`, one row of probabilities for each agent.

    Returns:
        `(A, ..., A)` with n axes: the first belongs to the first agent.

    Source: Albrecht, Christianos & Schäfer 2024, "Multi-agent reinforcement learning", §4.1.
    """
    joint = policies[0]
    for policy in policies[1:]:
        joint = joint.unsqueeze(-1) * policy
    return joint


def induced_transition(transition: Tensor, other_policy: Tensor) -> Tensor:
    """Transitions that one agent sees while the other plays a fixed policy, Σ_b π(b|s) P(s'|s, a, b).

    Args:
        transition: `(S, A1, A2, S)`, P(s'|s, a, b): state, own action, the other's action, next state.
        other_policy: `(S, A2)`, π(b|s) of the other agent; rows sum to one.

    Returns:
        `(S, A1, S)`.

    Source: Littman 1994, §2; Hernandez-Leal et al. 2017, "A survey of learning in multiagent environments", §2.
    """
    return torch.einsum("sabt,sb->sat", transition, other_policy)


def belief_update(belief: Tensor, transition: Tensor, observation: Tensor, action: int, observed: int) -> Tensor:
    """What an agent believes about the state after it acted and observed: b'(s') ∝ O(o|s') Σ_s T(s'|s, a) b(s).

    Args:
        belief: `(S,)`, b(s), how likely each state was before.
        transition: `(S, A, S)`, T(s'|s, a): state, action, next state.
        observation: `(S, O)`, O(o|s').
        action: the action a that was taken.
        observed: the observation o that followed; possible in some state that may have been reached.

    Returns:
        `(S,)`, sums to one.

    Source: Kaelbling, Littman & Cassandra 1998, "Planning and acting in partially observable stochastic domains", §3.3.
    """
    predicted = belief @ transition[:, action]
    likelihood = observation[:, observed] * predicted
    return likelihood / likelihood.sum()


def counterfactual_advantage(q_values: Tensor, policy: Tensor, actions: Tensor) -> Tensor:
    """What the action of one agent was worth compared with its policy, Q(a) − Σ_a' π(a') Q(a').

    Args:
        q_values: `(N, A)`, Q of the joint action for each action of this agent, those of the others held fixed.
        policy: `(N, A)`, probabilities of this agent's actions.
        actions: `(N,)` int64, the actions it took.

    Returns:
        `(N,)`.

    Source: Foerster et al. 2018, "Counterfactual multi-agent policy gradients", eq. 4.
    """
    taken = q_values.gather(1, actions.unsqueeze(1)).squeeze(1)
    baseline = (policy * q_values).sum(dim=1)
    return taken - baseline


def exploitability(payoff: Tensor, row_policy: Tensor, column_policy: Tensor) -> Tensor:
    """What best responses gain against a pair of strategies, max_i (A y)_i − min_j (xᵀ A)_j.

    Args:
        payoff: `(A1, A2)`, what the row player wins and the column player loses.
        row_policy: `(A1,)`, probabilities x of the rows.
        column_policy: `(A2,)`, probabilities y of the columns.

    Returns:
        `()`, zero at a Nash equilibrium and positive elsewhere.

    Source: Lanctot et al. 2017, "A unified game-theoretic approach to multiagent reinforcement learning", NashConv.
    """
    best_response_of_rows = (payoff @ column_policy).max()
    best_response_of_columns = (row_policy @ payoff).min()
    return best_response_of_rows - best_response_of_columns


def qmix_mixing(agent_q_values: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    """Value of the team, never decreasing in the value of an agent: ELU(q |W1| + b1) · |w2| + b2.

    Args:
        agent_q_values: `(N, n)`, Q of each of n agents for the action it took.
        w1: `(N, n, E)`, weights of the first layer, one set for each sample (a network makes them from the state).
        b1: `(N, E)`.
        w2: `(N, E)`, weights of the second layer.
        b2: `(N,)`.

    Returns:
        `(N,)`.

    Source: Rashid et al. 2018, "QMIX", §4 and fig. 2.
    """
    hidden = torch.nn.functional.elu(torch.einsum("na,nae->ne", agent_q_values, w1.abs()) + b1)
    return (hidden * w2.abs()).sum(dim=1) + b2
