"""Distributions, schedules, the soft update and the replay buffer against Stable-Baselines3's."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
import torch

from reference.continuous import soft_update
from reference.entropy import entropy_coefficient, gaussian_entropy
from reference.gaussian import gaussian_log_prob, tanh_gaussian_log_prob
from reference.policy import action_log_prob, categorical_entropy
from reference.replay import ReplayBuffer
from reference.trust_region import categorical_kl, gaussian_kl
from tests.third_party.comparing import EXACT, library, normal

library("stable_baselines3")
from stable_baselines3.common import buffers, distributions, utils

OBSERVATIONS, ACTIONS = gymnasium.spaces.Box(-1, 1, (2,)), gymnasium.spaces.Box(-1, 1, (1,))


def categorical(logits: torch.Tensor) -> distributions.CategoricalDistribution:
    return distributions.CategoricalDistribution(logits.shape[-1]).proba_distribution(logits)


def gaussian(mean: torch.Tensor, log_std: torch.Tensor) -> distributions.DiagGaussianDistribution:
    return distributions.DiagGaussianDistribution(mean.shape[-1]).proba_distribution(mean, log_std)


def test_discrete_policies(rng: torch.Generator) -> None:
    old, new = 2 * normal(rng, 2, 6, 4)
    actions = torch.randint(4, (6,), generator=rng)

    torch.testing.assert_close(action_log_prob(old, actions), categorical(old).log_prob(actions), **EXACT)
    torch.testing.assert_close(categorical_entropy(old), categorical(old).entropy(), **EXACT)
    theirs = distributions.kl_divergence(categorical(old), categorical(new))
    torch.testing.assert_close(categorical_kl(old, new), theirs, **EXACT)


def test_gaussian_policies(rng: torch.Generator) -> None:
    """Their divergence of Gaussians is left per dimension; ours is summed."""
    mean, log_std, new_mean, new_log_std, actions = normal(rng, 5, 6, 3)
    old, new = gaussian(mean, log_std), gaussian(new_mean, new_log_std)

    torch.testing.assert_close(gaussian_log_prob(actions, mean, log_std), old.log_prob(actions), **EXACT)
    torch.testing.assert_close(gaussian_entropy(log_std), old.entropy(), **EXACT)
    theirs = distributions.kl_divergence(old, new).sum(dim=-1)
    torch.testing.assert_close(gaussian_kl(mean, log_std, new_mean, new_log_std), theirs, **EXACT)


def squashed(mean: torch.Tensor, log_std: torch.Tensor, pre_tanh: torch.Tensor, epsilon: float) -> torch.Tensor:
    policy = distributions.SquashedDiagGaussianDistribution(mean.shape[-1], epsilon=epsilon)
    return policy.proba_distribution(mean, log_std).log_prob(torch.tanh(pre_tanh), pre_tanh)


def test_squashed_policies_without_their_epsilon(rng: torch.Generator) -> None:
    mean, log_std, pre_tanh = normal(rng, 3, 6, 3)

    ours = tanh_gaussian_log_prob(pre_tanh, mean, log_std)

    torch.testing.assert_close(ours, squashed(mean, log_std, pre_tanh, 0.0), rtol=1e-10, atol=1e-10)


def test_their_epsilon_takes_the_log_of_one_plus_epsilon_over_the_slope_off_a_squashed_density(
    rng: torch.Generator,
) -> None:
    """log(1 − a² + ε) = log(1 − a²) + log(1 + ε / (1 − a²)), with ε = 1e-6 unless told otherwise."""
    mean, log_std, pre_tanh = normal(rng, 3, 6, 3)
    slope = 1 / torch.cosh(pre_tanh).square()

    theirs = squashed(mean, log_std, pre_tanh, 1e-6)

    expected = tanh_gaussian_log_prob(pre_tanh, mean, log_std) - torch.log1p(1e-6 / slope).sum(dim=-1)
    torch.testing.assert_close(theirs, expected, rtol=1e-10, atol=1e-10)


def test_where_tanh_saturates_theirs_is_off_by_much() -> None:
    """At u = 20 tanh(u) is 1 in float64: their log-slope stops at log ε, the true one is about log 4 − 2u."""
    pre_tanh = torch.full((1, 1), 20.0, dtype=torch.float64)
    log_std = torch.zeros(1, 1).double()

    theirs = squashed(pre_tanh, log_std, pre_tanh, 1e-6)

    excess = tanh_gaussian_log_prob(pre_tanh, pre_tanh, log_std) - theirs
    assert excess.item() == pytest.approx(40 - np.log(4) + np.log(1e-6), abs=1e-6)


@pytest.mark.parametrize("step", [0, 30, 80, 100])
def test_a_linear_schedule_counts_down_what_remains(step: int) -> None:
    theirs = utils.LinearSchedule(start=0.05, end=0.01, end_fraction=1.0)(1 - step / 100)

    assert entropy_coefficient(step, 100, 0.05, 0.01) == pytest.approx(theirs, rel=1e-12)


def test_beyond_the_last_step_both_schedules_stay() -> None:
    theirs = utils.LinearSchedule(start=0.05, end=0.01, end_fraction=0.5)

    assert entropy_coefficient(80, 50, 0.05, 0.01) == pytest.approx(theirs(1 - 80 / 100), rel=1e-12)


def test_the_soft_update_which_they_do_in_place(rng: torch.Generator) -> None:
    target, online = normal(rng, 2, 5)
    ours = soft_update(target, online, 0.005)
    before = target.clone()

    utils.polyak_update([online], [target], 0.005)

    torch.testing.assert_close(ours, target, **EXACT)
    assert not torch.equal(before, target)


def filled(transitions: int, capacity: int) -> tuple[ReplayBuffer, buffers.ReplayBuffer]:
    """Both buffers after the same transitions; number i observes (i, −i) and is paid i."""
    ours = ReplayBuffer(capacity, 2, 1)
    theirs = buffers.ReplayBuffer(capacity, OBSERVATIONS, ACTIONS, device="cpu")
    for number in range(transitions):
        obs, next_obs = np.array([number, -number], np.float32), np.array([number + 1, -number - 1], np.float32)
        action, done = np.array([number / 100], np.float32), float(number % 3 == 0)
        ours.add(obs, action, float(number), next_obs, done)
        theirs.add(obs, next_obs, action, np.array([number]), np.array([done]), [{}])
    return ours, theirs


@pytest.mark.parametrize("transitions", [3, 5, 13])
def test_both_replay_buffers_hold_the_same_transitions(rng: torch.Generator, transitions: int) -> None:
    ours, theirs = filled(transitions, capacity=5)
    everything = theirs._get_samples(np.arange(theirs.size()))
    order = everything.rewards.flatten().argsort()
    obs, actions, rewards, next_obs, dones = ours.sample(len(ours), rng)
    order_of_ours = rewards.argsort()

    assert len(ours) == theirs.size()
    for own, other in (
        (obs, everything.observations),
        (actions, everything.actions),
        (rewards, everything.rewards.squeeze(-1)),
        (next_obs, everything.next_observations),
        (dones, everything.dones.squeeze(-1)),
    ):
        assert torch.equal(own[order_of_ours], other[order])


def test_they_draw_with_replacement_and_we_do_not(rng: torch.Generator) -> None:
    ours, theirs = filled(4, capacity=5)

    assert len(theirs.sample(50).rewards) == 50
    assert len(ours.sample(4, rng)[2].unique()) == 4
    with pytest.raises(ValueError, match="a batch of 50 from a buffer that holds 4"):
        ours.sample(50, rng)


def test_they_take_a_truncated_step_for_not_done() -> None:
    """Whoever fills our buffer passes 0 there; theirs is told of the truncation and drops the flag when it samples."""
    theirs = buffers.ReplayBuffer(5, OBSERVATIONS, ACTIONS, device="cpu")
    zeros = np.zeros(2, np.float32)
    for truncated in (False, True):
        info = [{"TimeLimit.truncated": truncated}]
        theirs.add(zeros, zeros, np.zeros(1, np.float32), np.zeros(1), np.array([True]), info)

    assert theirs._get_samples(np.arange(2)).dones.flatten().tolist() == [1.0, 0.0]
