"""Returns and advantages against Stable-Baselines3's rollout buffer, filled by hand and by its own collection."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
import torch

from reference.returns import discounted_returns, generalized_advantage_estimate
from reference.sampling import minibatch_indices
from reference.td import n_step_advantages
from tests.third_party.comparing import EXACT, SINGLE, library
from tests.third_party.rollouts import GAMMA, LAMBDA, Rollout, cartpole_rollout, random_rollout

library("stable_baselines3")
from stable_baselines3 import A2C
from stable_baselines3.common.buffers import RolloutBuffer

OBSERVATIONS, ACTIONS = gymnasium.spaces.Box(-1, 1, (2,)), gymnasium.spaces.Discrete(2)


def buffer(rewards: torch.Tensor, values: torch.Tensor, dones: torch.Tensor, lam: float) -> RolloutBuffer:
    """Their buffer with our data, in float64: row t of `episode_starts` says that row t − 1 ended an episode."""
    steps, environments = rewards.shape
    made = RolloutBuffer(steps, OBSERVATIONS, ACTIONS, "cpu", gae_lambda=lam, gamma=GAMMA, n_envs=environments)
    made.rewards, made.values = rewards.numpy(), values.numpy()
    made.episode_starts = np.vstack([np.ones((1, environments)), dones[:-1].numpy()])
    made.advantages = np.zeros_like(made.rewards)
    return made


@pytest.mark.parametrize("lam", [0.0, LAMBDA, 1.0])
def test_generalized_advantages(rng: torch.Generator, lam: float) -> None:
    rollout = random_rollout(rng)
    theirs = buffer(rollout.rewards, rollout.values, rollout.dones, lam)
    theirs.compute_returns_and_advantage(rollout.next_values[-1], rollout.dones[-1].numpy())

    ours = generalized_advantage_estimate(
        rollout.rewards, rollout.values, rollout.next_values, rollout.dones, GAMMA, lam
    )

    torch.testing.assert_close(ours, torch.from_numpy(theirs.advantages), **EXACT)
    torch.testing.assert_close(ours + rollout.values, torch.from_numpy(theirs.returns), **EXACT)


def test_n_step_advantages_are_theirs_for_lambda_one(rng: torch.Generator) -> None:
    rollout = random_rollout(rng)
    theirs = buffer(rollout.rewards, rollout.values, rollout.dones, 1.0)
    theirs.compute_returns_and_advantage(rollout.next_values[-1], rollout.dones[-1].numpy())

    ours = n_step_advantages(rollout.rewards, rollout.values, rollout.next_values[-1], rollout.dones, GAMMA)

    torch.testing.assert_close(ours, torch.from_numpy(theirs.advantages), **EXACT)


def test_discounted_returns_are_theirs_without_values(rng: torch.Generator) -> None:
    rollout = random_rollout(rng)
    theirs = buffer(rollout.rewards, torch.zeros_like(rollout.values), rollout.dones, 1.0)
    theirs.compute_returns_and_advantage(torch.zeros(3), rollout.dones[-1].numpy())

    ours = discounted_returns(rollout.rewards, rollout.dones, GAMMA)

    torch.testing.assert_close(ours, torch.from_numpy(theirs.returns), **EXACT)


@pytest.fixture(scope="module")
def collected() -> RolloutBuffer:
    """What their A2C collects on CartPole when episodes are cut after nine steps."""
    environment = gymnasium.make("CartPole-v1", max_episode_steps=9)
    model = A2C("MlpPolicy", environment, n_steps=64, gamma=GAMMA, gae_lambda=LAMBDA, seed=4, device="cpu")
    model.learn(64)
    environment.close()
    return model.rollout_buffer


def test_a_truncated_step_is_paid_the_value_of_the_last_state_on_top(collected: RolloutBuffer) -> None:
    """CartPole pays 1 for every step; their buffer holds 1 + γ V(s') where the limit ended the episode."""
    paid = collected.rewards.flatten()
    ended = np.append(collected.episode_starts.flatten()[1:], 0.0)

    assert set(paid[ended == 0]) == {1.0}
    assert (paid[ended == 1] != 1.0).sum() >= 3


def test_from_what_they_collected_we_compute_their_advantages(collected: RolloutBuffer) -> None:
    """Their flags cut everywhere, so theirs is our `dones`; the reward carries the bootstrap of truncated episodes.

    After learning the buffer is flat; the value after the last step is no longer in it, so that step is left out.
    """
    rewards, values, starts, theirs = (
        torch.from_numpy(part.flatten())
        for part in (collected.rewards, collected.values, collected.episode_starts, collected.advantages)
    )
    last_end = int(starts.nonzero()[-1])

    ours = generalized_advantage_estimate(
        rewards[:last_end], values[:last_end], values[1 : last_end + 1], starts[1 : last_end + 1], GAMMA, LAMBDA
    )

    assert last_end > 40
    torch.testing.assert_close(ours, theirs[:last_end], **SINGLE)


def test_truncation_is_treated_alike_once_the_reward_carries_the_bootstrap() -> None:
    rollout: Rollout = cartpole_rollout()
    rewards = rollout.rewards + GAMMA * rollout.truncated * rollout.next_values
    theirs = buffer(rewards, rollout.values, rollout.dones, LAMBDA)
    theirs.compute_returns_and_advantage(rollout.next_values[-1], rollout.dones[-1].numpy())

    ours = generalized_advantage_estimate(rewards, rollout.values, rollout.next_values, rollout.dones, GAMMA, LAMBDA)

    torch.testing.assert_close(ours, torch.from_numpy(theirs.advantages), **EXACT)


def test_their_minibatches_also_take_every_row_once_in_an_epoch(rng: torch.Generator) -> None:
    theirs = buffer(torch.arange(12.0).view(4, 3), torch.zeros(4, 3), torch.zeros(4, 3), 1.0)
    theirs.values = theirs.rewards
    theirs.full = True
    drawn = [batch.old_values for batch in theirs.get(4)]
    ours = minibatch_indices(12, 4, 1, rng)

    assert [len(rows) for rows in drawn] == [len(rows) for rows in ours] == [4, 4, 4]
    assert sorted(torch.cat(drawn).tolist()) == sorted(ours.flatten().tolist()) == list(range(12))
