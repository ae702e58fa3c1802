"""Losses of policies against what Stable-Baselines3's own `train` of PPO and A2C reports and differentiates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gymnasium
import pytest
import torch

from reference.actor_critic import a2c_loss
from reference.policy import action_log_prob
from reference.ppo import normalize_advantages, ppo_clip_objective, ppo_loss
from reference.trust_region import categorical_kl, probability_ratio
from reference.value import clipped_value_loss
from tests.third_party.comparing import SINGLE, library

library("stable_baselines3")
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm

STEPS, ENTROPY_COEF, VALUE_COEF, CLIP = 64, 0.01, 0.5, 0.2
COMMON: dict[str, Any] = {
    "policy": "MlpPolicy",
    "n_steps": STEPS,
    "ent_coef": ENTROPY_COEF,
    "vf_coef": VALUE_COEF,
    "max_grad_norm": 1e9,
    "learning_rate": 0.0,
    "seed": 6,
    "device": "cpu",
}


@dataclass(frozen=True, slots=True)
class Trained:
    """One of their updates: what it saw, what it logged, and the gradients it left in the parameters."""

    model: OnPolicyAlgorithm
    logits: torch.Tensor
    values: torch.Tensor
    actions: torch.Tensor
    old_log_prob: torch.Tensor
    old_values: torch.Tensor
    advantages: torch.Tensor
    returns: torch.Tensor
    logged: dict[str, Any]

    @property
    def log_prob(self) -> torch.Tensor:
        return action_log_prob(self.logits, self.actions)


def update(algorithm: type[OnPolicyAlgorithm], **options: Any) -> Trained:
    """Collect with one policy, perturb it, and let their `train` compute one loss over the whole batch.

    The learning rate is 0, so that the policy is the same before and after.
    """
    environment = gymnasium.make("CartPole-v1")
    model = algorithm(env=environment, policy_kwargs={"net_arch": [8]}, **COMMON, **options)
    model.learn(STEPS)
    environment.close()
    noise = torch.Generator().manual_seed(8)
    with torch.no_grad():
        for parameter in model.policy.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=noise)
    model.set_logger(Logger(folder=None, output_formats=[]))
    model.train()
    batch = next(model.rollout_buffer.get(STEPS))
    logits = model.policy.get_distribution(batch.observations).distribution.logits
    values = model.policy.predict_values(batch.observations).flatten()
    actions = batch.actions.long().flatten()
    logged = dict(model.logger.name_to_value)
    return Trained(
        model, logits, values, actions, batch.old_log_prob, batch.old_values, batch.advantages, batch.returns, logged
    )


@pytest.fixture(scope="module")
def plain() -> Trained:
    return update(PPO, batch_size=STEPS, n_epochs=1, clip_range=CLIP, normalize_advantage=False)


def test_the_update_clips_some_samples_and_not_others(plain: Trained) -> None:
    assert 0.1 < plain.logged["train/clip_fraction"] < 0.9


def test_the_clipped_objective_is_minus_their_policy_loss(plain: Trained) -> None:
    ours = ppo_clip_objective(plain.log_prob, plain.old_log_prob, plain.advantages, CLIP)

    assert -ours.item() == pytest.approx(plain.logged["train/policy_gradient_loss"], rel=1e-5)


def loss_of_ppo(of: Trained, value_coef: float) -> torch.Tensor:
    return ppo_loss(
        of.logits,
        of.actions,
        of.old_log_prob,
        of.advantages,
        of.values,
        of.returns,
        CLIP,
        value_coef,
        ENTROPY_COEF,
    )


def test_our_value_coefficient_is_twice_theirs_in_the_whole_loss_of_ppo(plain: Trained) -> None:
    """Ours has ½ in front of the mean square, theirs has none."""
    assert loss_of_ppo(plain, 2 * VALUE_COEF).item() == pytest.approx(plain.logged["train/loss"], rel=1e-5)


def test_the_whole_loss_of_ppo_has_their_gradient(plain: Trained) -> None:
    parameters = list(plain.model.policy.parameters())

    ours = torch.autograd.grad(loss_of_ppo(plain, 2 * VALUE_COEF), parameters, retain_graph=True)

    for own, parameter in zip(ours, parameters, strict=True):
        torch.testing.assert_close(own, parameter.grad, **SINGLE)


def test_the_divergence_that_they_log_is_an_estimate_whose_mean_is_ours(plain: Trained) -> None:
    """They log mean((r − 1) − log r) over the actions taken; under the old policy its expectation is KL(old ‖ new)."""
    ratio = probability_ratio(plain.log_prob, plain.old_log_prob)
    logged = plain.logged["train/approx_kl"]
    old, new = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(0)).double()
    log_ratio = torch.log_softmax(new, -1) - torch.log_softmax(old, -1)
    expected = (torch.softmax(old, -1) * (torch.exp(log_ratio) - 1 - log_ratio)).sum(dim=-1)

    assert logged == pytest.approx((ratio - 1 - ratio.log()).mean().item(), rel=1e-4)
    torch.testing.assert_close(categorical_kl(old, new), expected)


def test_they_normalise_advantages_with_the_unbiased_deviation() -> None:
    """s² = σ² n / (n − 1), so theirs are ours · √((n − 1) / n), but for what ε adds."""
    normalised = update(PPO, batch_size=STEPS, n_epochs=1, clip_range=CLIP, normalize_advantage=True)
    ours = normalize_advantages(normalised.advantages, 0.0)

    objective = ppo_clip_objective(normalised.log_prob, normalised.old_log_prob, ours, CLIP).item()

    factor = ((STEPS - 1) / STEPS) ** 0.5
    assert -objective * factor == pytest.approx(normalised.logged["train/policy_gradient_loss"], rel=1e-5)


def test_their_clipped_value_loss_takes_no_maximum() -> None:
    """Theirs is mean (V_c − R)² alone; ours is half the mean of the larger square, so at least half of theirs."""
    clipping = update(PPO, batch_size=STEPS, n_epochs=1, clip_range=CLIP, clip_range_vf=0.1, normalize_advantage=False)
    values, old_values, returns = clipping.values, clipping.old_values, clipping.returns
    square = (values - returns).square()
    clipped_square = (old_values + (values - old_values).clamp(-0.1, 0.1) - returns).square()
    pessimistic = clipped_square >= square
    theirs = clipping.logged["train/value_loss"]
    ours = clipped_value_loss(values, old_values, returns, 0.1).item()

    assert 0 < pessimistic.sum() < STEPS
    assert theirs == pytest.approx(clipped_square.mean().item(), rel=1e-5)
    assert ours == pytest.approx((theirs + (square - clipped_square).clamp(min=0).mean().item()) / 2, rel=1e-5)
    assert clipped_value_loss(
        values[pessimistic], old_values[pessimistic], returns[pessimistic], 0.1
    ).item() == pytest.approx(clipped_square[pessimistic].mean().item() / 2, rel=1e-5)


def test_the_loss_of_a2c_is_theirs_with_the_same_coefficients() -> None:
    trained = update(A2C, normalize_advantage=False)
    parameters = list(trained.model.policy.parameters())

    ours = a2c_loss(
        trained.logits,
        trained.actions,
        trained.advantages,
        trained.values,
        trained.returns,
        VALUE_COEF,
        ENTROPY_COEF,
    )

    losses = {name: trained.logged[f"train/{name}"] for name in ("policy_loss", "value_loss", "entropy_loss")}
    theirs = losses["policy_loss"] + VALUE_COEF * losses["value_loss"] + ENTROPY_COEF * losses["entropy_loss"]
    assert ours.item() == pytest.approx(theirs, rel=1e-5)
    for own, parameter in zip(torch.autograd.grad(ours, parameters), parameters, strict=True):
        torch.testing.assert_close(own, parameter.grad, **SINGLE)
