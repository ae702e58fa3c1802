"""Targets and losses of SAC, TD3 and DDPG against what Stable-Baselines3's own `train` computes on one minibatch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from torch import nn

from reference.continuous import exploration_action, smoothed_target_action, soft_update
from reference.ddpg import ddpg_losses
from reference.sac import sac_actor_loss, sac_temperature_loss
from reference.targets import sac_target, td3_target
from tests.third_party.comparing import SINGLE, library

library("stable_baselines3")
from stable_baselines3 import DDPG, SAC, TD3
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.noise import NormalActionNoise
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm

BATCH, GAMMA, TAU = 32, 0.97, 0.01
COMMON: dict[str, Any] = {
    "policy": "MlpPolicy",
    "gamma": GAMMA,
    "tau": TAU,
    "buffer_size": 100,
    "learning_rate": 0.0,
    "seed": 9,
    "device": "cpu",
}
LOW, HIGH = torch.tensor([-1.0]), torch.tensor([1.0])


@dataclass(slots=True)
class Observed:
    """What went in and out of the parts of a model while its `train` ran, call by call."""

    batches: list[Any] = field(default_factory=list)
    sampled: list[tuple[torch.Tensor, torch.Tensor]] = field(default_factory=list)
    critic: list[tuple[torch.Tensor, ...]] = field(default_factory=list)
    target_critic: list[tuple[torch.Tensor, ...]] = field(default_factory=list)
    next_actions: list[torch.Tensor] = field(default_factory=list)
    logged: dict[str, Any] = field(default_factory=dict)


def made(algorithm: type[OffPolicyAlgorithm], **options: Any) -> OffPolicyAlgorithm:
    """A model whose target networks differ from the others, with random transitions of which some terminated."""
    model = algorithm(env=gymnasium.make("Pendulum-v1"), policy_kwargs={"net_arch": [8]}, **COMMON, **options)
    noise = np.random.default_rng(10)
    for _ in range(60):
        obs, next_obs = noise.normal(size=(2, 1, 3)).astype(np.float32)
        action, ended = noise.uniform(-1, 1, (1, 1)).astype(np.float32), np.array([noise.random() < 0.3])
        model.replay_buffer.add(obs, next_obs, action, noise.normal(size=1), ended, [{}])
    with torch.no_grad():
        for parameter in model.policy.parameters():
            parameter += 0.2 * torch.randn(parameter.shape)
    return model


def watched(model: OffPolicyAlgorithm, monkeypatch: pytest.MonkeyPatch) -> Observed:
    """Let the model train once, and keep what its parts were given and gave."""
    seen = Observed()
    sample = model.replay_buffer.sample

    def sampling(*args: Any, **named: Any) -> Any:
        seen.batches.append(sample(*args, **named))
        return seen.batches[-1]

    def of_target(module: nn.Module, given: tuple[torch.Tensor, ...], gave: tuple[torch.Tensor, ...]) -> None:
        seen.next_actions.append(given[1])
        seen.target_critic.append(tuple(q.squeeze(1) for q in gave))

    monkeypatch.setattr(model.replay_buffer, "sample", sampling)
    model.critic.register_forward_hook(
        lambda module, given, gave: seen.critic.append(tuple(q.squeeze(1) for q in gave))
    )
    model.critic_target.register_forward_hook(of_target)
    if isinstance(model, SAC):
        propose = model.actor.action_log_prob

        def proposing(obs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            seen.sampled.append(propose(obs))
            return seen.sampled[-1]

        monkeypatch.setattr(model.actor, "action_log_prob", proposing)
    model.set_logger(Logger(folder=None, output_formats=[]))
    model.train(gradient_steps=1, batch_size=BATCH)
    seen.logged = dict(model.logger.name_to_value)
    return seen


def mean_square(q_values: torch.Tensor, target: torch.Tensor) -> float:
    return (q_values - target).square().mean().item()


@pytest.fixture
def soft(monkeypatch: pytest.MonkeyPatch) -> Observed:
    return watched(made(SAC, ent_coef="auto_0.3"), monkeypatch)


def test_the_soft_target_gives_their_critic_loss(soft: Observed) -> None:
    """Theirs is half the sum of both critics' mean squares."""
    batch, (next_q1, next_q2) = soft.batches[0], soft.target_critic[0]
    next_log_prob, alpha = soft.sampled[1][1], soft.logged["train/ent_coef"]

    target = sac_target(batch.rewards[:, 0], batch.dones[:, 0], next_q1, next_q2, next_log_prob, alpha, GAMMA)

    assert 0 < batch.dones.sum() < BATCH
    theirs = soft.logged["train/critic_loss"]
    assert sum(mean_square(q, target) for q in soft.critic[0]) / 2 == pytest.approx(theirs, rel=1e-5)


def test_the_actor_loss_of_sac(soft: Observed) -> None:
    q1, q2 = soft.critic[1]
    alpha = torch.tensor(soft.logged["train/ent_coef"])

    ours = sac_actor_loss(q1, q2, soft.sampled[0][1], alpha)

    assert ours.item() == pytest.approx(soft.logged["train/actor_loss"], rel=1e-5)


def test_their_temperature_loss_has_log_alpha_where_ours_has_alpha(soft: Observed) -> None:
    """−log α · mean(log π + H̄) for −α · mean(log π + H̄): the gradient in log α is α times theirs."""
    log_alpha = torch.tensor(soft.logged["train/ent_coef"]).log().requires_grad_()
    theirs = soft.logged["train/ent_coef_loss"]

    ours = sac_temperature_loss(log_alpha, soft.sampled[0][1], target_entropy=-1.0)

    alpha = log_alpha.exp().item()
    assert ours.item() == pytest.approx(theirs * alpha / log_alpha.item(), rel=1e-5)
    (slope,) = torch.autograd.grad(ours, log_alpha)
    assert slope.item() == pytest.approx(alpha * theirs / log_alpha.item(), rel=1e-5)


def test_the_twin_target_gives_their_critic_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Theirs is the sum of both critics' mean squares."""
    seen = watched(made(TD3), monkeypatch)
    batch, (next_q1, next_q2) = seen.batches[0], seen.target_critic[0]

    target = td3_target(batch.rewards[:, 0], batch.dones[:, 0], next_q1, next_q2, GAMMA)

    theirs = seen.logged["train/critic_loss"]
    assert sum(mean_square(q, target) for q in seen.critic[0]) == pytest.approx(theirs, rel=1e-5)


def test_the_smoothed_action_is_the_one_that_they_evaluate(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made(TD3, target_policy_noise=0.6, target_noise_clip=0.5)
    torch.manual_seed(11)
    seen = watched(model, monkeypatch)
    proposed = model.actor_target(seen.batches[0].next_observations)
    torch.manual_seed(11)
    noise = torch.empty_like(proposed).normal_(0, 1)

    ours = smoothed_target_action(proposed, noise, 0.6, 0.5, LOW, HIGH)

    assert (0.6 * noise.abs() > 0.5).any()
    torch.testing.assert_close(ours, seen.next_actions[0], **SINGLE)


def test_the_losses_of_ddpg(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made(DDPG)
    seen = watched(model, monkeypatch)
    batch = seen.batches[0]
    actor_q_values = model.critic.q1_forward(batch.observations, model.actor(batch.observations))

    critic_loss, actor_loss = ddpg_losses(
        seen.critic[0][0],
        batch.rewards[:, 0],
        seen.target_critic[0][0],
        batch.dones[:, 0],
        GAMMA,
        actor_q_values[:, 0],
    )

    assert critic_loss.item() == pytest.approx(seen.logged["train/critic_loss"], rel=1e-5)
    assert actor_loss.item() == pytest.approx(seen.logged["train/actor_loss"], rel=1e-5)


def test_their_target_networks_follow_softly(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made(SAC)
    before = [parameter.clone() for parameter in model.critic_target.parameters()]
    watched(model, monkeypatch)

    for old, online, new in zip(before, model.critic.parameters(), model.critic_target.parameters(), strict=True):
        torch.testing.assert_close(soft_update(old, online, TAU), new, **SINGLE)


def test_the_exploring_action_is_theirs_in_actions_scaled_to_one() -> None:
    model = made(DDPG, action_noise=NormalActionNoise(np.zeros(1), np.full(1, 0.8)), learning_starts=0)
    model._last_obs = np.array([[0.6, -0.8, 0.1]], np.float32)
    proposed = model.actor(torch.from_numpy(model._last_obs))
    outcomes = []
    for seed in range(12):
        np.random.seed(seed)
        _, stored = model._sample_action(0, model.action_noise)
        np.random.seed(seed)
        noise = torch.from_numpy(np.random.normal(0, 1, (1, 1))).float()
        ours = exploration_action(proposed, noise, 0.8, LOW, HIGH)
        torch.testing.assert_close(ours, torch.from_numpy(stored).float(), **SINGLE)
        outcomes.append(ours.abs().item())

    assert min(outcomes) < 1.0 == max(outcomes)
