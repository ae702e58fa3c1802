"""Returns of real episodes of CartPole-v1, some terminated and some truncated, against what Gymnasium counts itself."""

from __future__ import annotations

import gymnasium
import pytest
import torch
from gymnasium.wrappers import RecordEpisodeStatistics

from reference.returns import discounted_returns, generalized_advantage_estimate
from reference.tabular import exact_policy_gradient
from tests.third_party.comparing import EXACT, leaf
from tests.third_party.rollouts import GAMMA, LAMBDA, Rollout, cartpole_rollout


@pytest.fixture(scope="module")
def cartpole() -> Rollout:
    return cartpole_rollout()


def test_the_rollout_has_episodes_of_both_kinds(cartpole: Rollout) -> None:
    assert cartpole.terminated.sum() >= 2
    assert cartpole.truncated.sum() >= 2


def test_the_return_of_the_first_step_is_what_gymnasium_records() -> None:
    environment = RecordEpisodeStatistics(gymnasium.make("CartPole-v1"))
    environment.action_space.seed(1)
    environment.reset(seed=1)
    rewards: list[float] = []
    info: dict = {}
    while "episode" not in info:
        _, reward, _, _, info = environment.step(environment.action_space.sample())
        rewards.append(float(reward))
    ends = torch.zeros(len(rewards)).index_fill(0, torch.tensor(len(rewards) - 1), 1.0)

    assert discounted_returns(torch.tensor(rewards), ends, 1.0)[0].item() == info["episode"]["r"]


def test_a_truncated_episode_ends_a_return_only_when_it_counts_as_done(cartpole: Rollout) -> None:
    """With `terminated` alone, the return of the next episode leaks back, discounted by the steps in between."""
    separate = discounted_returns(cartpole.rewards, cartpole.dones, GAMMA)
    leaking = discounted_returns(cartpole.rewards, cartpole.terminated, GAMMA)
    end = int(cartpole.truncated[:, 0].nonzero()[0])
    episode = torch.arange(int(cartpole.terminated[:end, 0].nonzero()[-1]) + 1, end + 1)
    leaked = GAMMA ** (end + 1 - episode).double() * leaking[end + 1, 0]

    torch.testing.assert_close(leaking[episode, 0], separate[episode, 0] + leaked, **EXACT)


def test_truncation_needs_the_value_of_the_last_state_as_a_reward(cartpole: Rollout) -> None:
    """One flag can't both cut the episode and keep its bootstrap: with r + γ V(s') where it was truncated it can."""
    rewards = cartpole.rewards + GAMMA * cartpole.truncated * cartpole.next_values
    whole = generalized_advantage_estimate(
        rewards, cartpole.values, cartpole.next_values, cartpole.dones, GAMMA, LAMBDA
    )
    start = 0
    for end in (cartpole.dones[:, 0].nonzero()[:, 0] + 1).tolist():
        alone = generalized_advantage_estimate(
            cartpole.rewards[start:end],
            cartpole.values[start:end],
            cartpole.next_values[start:end],
            cartpole.terminated[start:end],
            GAMMA,
            LAMBDA,
        )
        torch.testing.assert_close(whole[start:end], alone, **EXACT)
        start = end
    assert start > 0


def test_a_vector_environment_adds_a_step_that_is_none_after_each_episode() -> None:
    """By default the step after an episode's end resets: reward 0, and its action and flags mean nothing."""
    environments = gymnasium.make_vec("CartPole-v1", num_envs=1)
    environments.action_space.seed(2)
    environments.reset(seed=2)
    rewards, dones = [], []
    for _ in range(60):
        _, reward, terminated, truncated, _ = environments.step(environments.action_space.sample())
        rewards.append(float(reward[0]))
        dones.append(float(terminated[0] or truncated[0]))
    environments.close()
    returns = discounted_returns(torch.tensor(rewards), torch.tensor(dones), GAMMA)
    after = torch.tensor(dones[:-1]).nonzero()[:, 0] + 1

    assert len(after) > 0
    assert all(rewards[step] == 0.0 for step in after)
    torch.testing.assert_close(returns[after[0]], GAMMA * returns[after[0] + 1])


def frozen_lake() -> tuple[torch.Tensor, torch.Tensor]:
    """P(s'|s, a) and expected rewards from the tables of FrozenLake-v1; what ends the episode leads nowhere."""
    tables = gymnasium.make("FrozenLake-v1").unwrapped.P
    transition, reward = torch.zeros(16, 4, 16).double(), torch.zeros(16, 4).double()
    for state, of_state in tables.items():
        for action, outcomes in of_state.items():
            for probability, following, paid, terminated in outcomes:
                transition[state, action, following] += probability * (not terminated)
                reward[state, action] += probability * paid
    return transition, reward


def test_the_exact_policy_gradient_of_frozen_lake_is_that_of_evaluating_its_tables(rng: torch.Generator) -> None:
    theta, (transition, reward) = leaf(rng, 16, 4), frozen_lake()
    policy = torch.softmax(theta, dim=-1)
    values = torch.zeros(16).double()
    for _ in range(400):  # 0.9^400 is below 1e-18
        values = (policy * (reward + 0.9 * transition @ values)).sum(dim=-1)
    (expected,) = torch.autograd.grad(values[0], theta)
    start = torch.nn.functional.one_hot(torch.tensor(0), 16).double()

    ours = exact_policy_gradient(theta.detach(), transition, reward, start, 0.9)

    assert expected.abs().max() > 1e-4
    torch.testing.assert_close(ours, expected, **EXACT)
