"""SARSA, the linear critic and n-step advantages against numbers by hand, autograd and sums by the definition."""

from __future__ import annotations

import pytest
import torch

from reference.returns import discounted_returns, td_error
from reference.td import critic_update, n_step_advantages, sarsa_td_error


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(9)


def test_known_sarsa_errors() -> None:
    q, q_next = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[10.0, 20.0], [30.0, 40.0]])
    actions, next_actions = torch.tensor([1, 0]), torch.tensor([0, 1])

    error = sarsa_td_error(torch.tensor([1.0, 1.0]), q, actions, q_next, next_actions, torch.tensor([0.0, 1.0]), 0.5)

    torch.testing.assert_close(error, torch.tensor([1.0 + 5.0 - 2.0, 1.0 - 3.0]))


def test_sarsa_differentiates_the_taken_action_alone(rng: torch.Generator) -> None:
    q, q_next = torch.randn(2, 4, 3, generator=rng).unbind()
    q, q_next = q.requires_grad_(), q_next.requires_grad_()
    actions = torch.tensor([2, 0, 1, 1])

    sarsa_td_error(torch.ones(4), q, actions, q_next, actions, torch.zeros(4), 0.9).sum().backward()

    torch.testing.assert_close(q.grad, -torch.nn.functional.one_hot(actions, 3).float())
    assert q_next.grad is None


def test_a_critic_with_one_feature_for_each_state_is_tabular() -> None:
    # one sample, from state 0 to state 2: only w[0] moves, by α δ
    weights, states = torch.tensor([1.0, 2.0, 4.0]), torch.eye(3)

    new = critic_update(weights, states[:1], torch.tensor([1.0]), states[2:], torch.tensor([0.0]), 0.5, 0.1)

    torch.testing.assert_close(new, torch.tensor([1.0 + 0.1 * (1.0 + 0.5 * 4.0 - 1.0), 2.0, 4.0]))


def test_a_critic_descends_half_the_mean_squared_error_with_a_constant_target(rng: torch.Generator) -> None:
    numbers = torch.randn(2, 7, 3, generator=rng, dtype=torch.float64)
    rewards, dones = torch.randn(7, generator=rng, dtype=torch.float64), torch.tensor([0.0, 1, 0, 0, 1, 0, 0]).double()
    weights = torch.randn(3, generator=rng, dtype=torch.float64, requires_grad=True)
    errors = td_error(rewards, numbers[0] @ weights, numbers[1] @ weights, dones, 0.9)
    (gradient,) = torch.autograd.grad(errors.square().mean() / 2, weights)

    new = critic_update(weights.detach(), numbers[0], rewards, numbers[1], dones, 0.9, 0.3)

    torch.testing.assert_close(new, (weights - 0.3 * gradient).detach())


def test_known_n_step_advantages() -> None:
    rewards = torch.tensor([[1.0, 1.0], [2.0, 2.0], [4.0, 4.0]])
    values, dones = torch.ones(3, 2), torch.tensor([[0.0, 0.0], [0.0, 1.0], [0.0, 1.0]])

    advantages = n_step_advantages(rewards, values, torch.tensor([8.0, 8.0]), dones, 0.5)

    torch.testing.assert_close(advantages, torch.tensor([[3.0, 1.0], [5.0, 1.0], [7.0, 3.0]]))


def test_n_step_returns_are_discounted_returns_with_the_bootstrap_as_one_more_reward(rng: torch.Generator) -> None:
    rewards, values = torch.randn(2, 11, 4, generator=rng, dtype=torch.float64)
    bootstrap = torch.randn(4, generator=rng, dtype=torch.float64)
    dones = (torch.rand(11, 4, generator=rng) < 0.2).double()
    returns = discounted_returns(torch.vstack((rewards, bootstrap)), torch.vstack((dones, torch.zeros(4))), 0.9)

    torch.testing.assert_close(n_step_advantages(rewards, values, bootstrap, dones, 0.9), returns[:-1] - values)
