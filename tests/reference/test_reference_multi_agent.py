"""References of several agents against enumeration, Bayes' rule, known games and finite differences."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch
from torch.autograd import gradcheck

from reference.multi_agent import (
    belief_update,
    counterfactual_advantage,
    exploitability,
    induced_transition,
    joint_policy,
    qmix_mixing,
)


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(6)


def simplices(rng: torch.Generator, *shape: int) -> torch.Tensor:
    """Probabilities along the last axis."""
    return torch.softmax(torch.randn(shape, generator=rng, dtype=torch.float64), dim=-1)


@pytest.mark.parametrize("agents", [1, 2, 3])
def test_a_joint_policy_multiplies_what_each_agent_does(rng: torch.Generator, agents: int) -> None:
    policies = simplices(rng, agents, 4)
    joint = joint_policy(policies)

    assert joint.shape == (4,) * agents
    assert joint.sum().item() == pytest.approx(1)
    for chosen in product(range(4), repeat=agents):
        wanted = math.prod(float(policies[agent, action]) for agent, action in enumerate(chosen))
        assert joint[chosen].item() == pytest.approx(wanted)


def test_the_marginals_of_a_joint_policy_are_the_agents_policies(rng: torch.Generator) -> None:
    policies = simplices(rng, 3, 2)
    joint = joint_policy(policies)

    for agent in range(3):
        others = [axis for axis in range(3) if axis != agent]
        torch.testing.assert_close(joint.sum(dim=others), policies[agent])


def test_induced_transitions_weigh_the_others_actions(rng: torch.Generator) -> None:
    transition, policy = simplices(rng, 2, 3, 4, 2), simplices(rng, 2, 4)
    induced = induced_transition(transition, policy)

    assert induced.shape == (2, 3, 2)
    for s, a, following in product(range(2), range(3), range(2)):
        wanted = sum(float(policy[s, b] * transition[s, a, b, following]) for b in range(4))
        assert induced[s, a, following].item() == pytest.approx(wanted)
    torch.testing.assert_close(induced.sum(dim=-1), torch.ones(2, 3, dtype=torch.float64))


def test_another_policy_of_the_other_agent_is_another_environment() -> None:
    transition = torch.tensor([[[[1.0, 0.0], [0.0, 1.0]]]] * 2)

    stays = induced_transition(transition, torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
    leaves = induced_transition(transition, torch.tensor([[0.0, 1.0], [0.5, 0.5]]))

    assert stays.tolist() == [[[1.0, 0.0]], [[1.0, 0.0]]]
    assert leaves.tolist() == [[[0.0, 1.0]], [[0.5, 0.5]]]


def test_the_tiger_is_probably_where_it_was_heard() -> None:
    stays = torch.eye(2, dtype=torch.float64)[:, None, :]
    heard = torch.tensor([[0.85, 0.15], [0.15, 0.85]], dtype=torch.float64)
    belief = torch.tensor([0.5, 0.5], dtype=torch.float64)

    once = belief_update(belief, stays, heard, 0, 0)
    twice = belief_update(once, stays, heard, 0, 0)

    assert once.tolist() == pytest.approx([0.85, 0.15])
    assert twice.tolist() == pytest.approx([0.7225 / 0.745, 0.0225 / 0.745])


def test_a_belief_is_the_conditional_probability_under_the_joint_distribution(rng: torch.Generator) -> None:
    belief, transition, observation = simplices(rng, 3), simplices(rng, 3, 2, 3), simplices(rng, 3, 4)
    joint = torch.zeros(3, dtype=torch.float64)
    for before, after in product(range(3), repeat=2):
        joint[after] += belief[before] * transition[before, 1, after] * observation[after, 2]

    torch.testing.assert_close(belief_update(belief, transition, observation, 1, 2), joint / joint.sum())


def test_counterfactual_advantages_are_zero_on_average_under_the_policy(rng: torch.Generator) -> None:
    q_values, policy = torch.randn(5, 3, generator=rng, dtype=torch.float64), simplices(rng, 5, 3)
    of_each = [counterfactual_advantage(q_values, policy, torch.full((5,), action)) for action in range(3)]

    average = (torch.stack(of_each, dim=1) * policy).sum(dim=1)

    torch.testing.assert_close(average, torch.zeros_like(average))


def test_the_counterfactual_advantage_of_one_sample() -> None:
    q_values, policy = torch.tensor([[1.0, 5.0, -2.0]]), torch.tensor([[0.5, 0.25, 0.25]])

    assert counterfactual_advantage(q_values, policy, torch.tensor([1])).tolist() == [3.75]


@pytest.mark.parametrize(
    ("payoff", "row_policy", "column_policy", "expected"),
    [
        ([[1.0, -1.0], [-1.0, 1.0]], [0.5, 0.5], [0.5, 0.5], 0.0),
        ([[1.0, -1.0], [-1.0, 1.0]], [1.0, 0.0], [0.5, 0.5], 1.0),
        ([[1.0, -1.0], [-1.0, 1.0]], [1.0, 0.0], [1.0, 0.0], 2.0),
        ([[3.0, 5.0], [1.0, 2.0]], [1.0, 0.0], [1.0, 0.0], 0.0),
        ([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], 2.0),
    ],
    ids=["pennies", "row can be exploited", "both can be exploited", "dominance", "rock against scissors"],
)
def test_exploitability_of_known_games(
    payoff: list[list[float]], row_policy: list[float], column_policy: list[float], expected: float
) -> None:
    result = exploitability(torch.tensor(payoff), torch.tensor(row_policy), torch.tensor(column_policy))

    assert result.item() == expected


def test_nobody_is_exploited_less_than_not_at_all(rng: torch.Generator) -> None:
    for _ in range(20):
        payoff = torch.randn(3, 4, generator=rng, dtype=torch.float64)
        assert exploitability(payoff, simplices(rng, 3), simplices(rng, 4)).item() > 0


def test_mixing_one_sample_by_hand() -> None:
    q = torch.tensor([[1.0, -2.0]], dtype=torch.float64)
    w1 = torch.tensor([[[0.5, -1.0], [-0.25, 2.0]]], dtype=torch.float64)
    b1 = torch.tensor([[1.0, 0.5]], dtype=torch.float64)
    w2 = torch.tensor([[-2.0, 3.0]], dtype=torch.float64)
    b2 = torch.tensor([-1.0], dtype=torch.float64)

    mixed = qmix_mixing(q, w1, b1, w2, b2)

    hidden = (0.5 - 0.5 + 1.0, math.expm1(1.0 - 4.0 + 0.5))
    assert mixed.tolist() == pytest.approx([2 * hidden[0] + 3 * hidden[1] - 1])


def test_the_best_actions_of_the_agents_are_the_best_for_the_team(rng: torch.Generator) -> None:
    tables = torch.randn(2, 3, generator=rng, dtype=torch.float64)
    w1, b1 = torch.randn(2, 4, generator=rng, dtype=torch.float64), torch.randn(4, generator=rng, dtype=torch.float64)
    w2, b2 = torch.randn(4, generator=rng, dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    joint = torch.cartesian_prod(*tables)
    network = [each.expand(len(joint), *each.shape) for each in (w1, b1, w2, b2)]

    best = qmix_mixing(joint, *network).argmax()

    assert joint[best].tolist() == tables.amax(dim=1).tolist()


def test_mixing_passes_gradcheck(rng: torch.Generator) -> None:
    shapes = ((3, 2), (3, 2, 4), (3, 4), (3, 4), (3,))
    inputs = [torch.randn(s, generator=rng, dtype=torch.float64, requires_grad=True) for s in shapes]

    assert gradcheck(qmix_mixing, inputs)
