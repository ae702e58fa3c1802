"""Losses of policies against TorchRL's loss modules, in values and gradients.

The networks are identities, so that logits and values go in as they are. TorchRL makes its coefficients in float32:
those here are sums of few powers of two, which float32 holds exactly, and `double()` lets it compute in float64.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from reference.actor_critic import a2c_loss, actor_critic_losses
from reference.entropy import entropy_regularized_loss
from reference.policy import action_log_prob, categorical_entropy, policy_gradient_loss
from reference.ppo import (
    adaptive_kl_coefficient,
    normalize_advantages,
    ppo_clip_objective,
    ppo_kl_penalty_objective,
    ppo_loss,
)
from reference.returns import td_error
from reference.sampling import policy_gradient_estimate
from reference.trust_region import categorical_kl, surrogate_objective
from reference.value import clipped_value_loss
from tests.third_party.comparing import EXACT, gradients, leaf, library, normal

library("torchrl")
from tensordict import TensorDict
from tensordict.nn import TensorDictModule
from torchrl.modules import MaskedCategorical, ProbabilisticActor, ValueOperator
from torchrl.objectives import A2CLoss, ClipPPOLoss, KLPENPPOLoss, PPOLoss, ReinforceLoss
from torchrl.objectives.value.functional import reward2go

SAMPLES, CHOICES = 9, 4
CLIP, VALUE_COEF, ENTROPY_COEF = 0.25, 0.5, 0.125


def actor() -> ProbabilisticActor:
    policy = TensorDictModule(nn.Identity(), in_keys=["observation"], out_keys=["logits"])
    return ProbabilisticActor(policy, in_keys=["logits"], distribution_class=torch.distributions.Categorical)


def critic() -> ValueOperator:
    return ValueOperator(nn.Identity(), in_keys=["prediction"])


class Batch:
    """Samples of an old policy, and what a new one and its critic say about them."""

    def __init__(self, rng: torch.Generator) -> None:
        self.logits, self.values = leaf(rng, SAMPLES, CHOICES), leaf(rng, SAMPLES)
        self.old_logits, self.old_values = normal(rng, SAMPLES, CHOICES), normal(rng, SAMPLES)
        self.actions = torch.randint(CHOICES, (SAMPLES,), generator=rng)
        self.advantages, self.returns = normal(rng, 2, SAMPLES)

    @property
    def log_prob(self) -> Tensor:
        return action_log_prob(self.logits, self.actions)

    @property
    def old_log_prob(self) -> Tensor:
        return action_log_prob(self.old_logits, self.actions)

    def theirs(self) -> TensorDict:
        return TensorDict(
            observation=self.logits,
            logits=self.old_logits,
            action=self.actions,
            action_log_prob=self.old_log_prob,
            prediction=self.values[:, None],
            state_value=self.old_values[:, None],
            advantage=self.advantages[:, None],
            value_target=self.returns[:, None],
            batch_size=[SAMPLES],
        )


@pytest.fixture
def batch(rng: torch.Generator) -> Batch:
    return Batch(rng)


def same(batch: Batch, ours: Tensor, theirs: Tensor) -> None:
    """Equal, and so are the gradients in the logits and the values."""
    torch.testing.assert_close(ours, theirs, **EXACT)
    inputs = (batch.logits, batch.values)
    torch.testing.assert_close(gradients(ours, *inputs), gradients(theirs, *inputs), **EXACT)


def test_the_policy_gradient_loss(batch: Batch) -> None:
    theirs = ReinforceLoss(actor(), critic())(batch.theirs())

    same(batch, policy_gradient_loss(batch.logits, batch.actions, batch.advantages), theirs["loss_actor"])


def test_the_surrogate_objective_is_minus_their_unclipped_loss(batch: Batch) -> None:
    theirs = PPOLoss(actor(), None, entropy_bonus=False)(batch.theirs())

    ours = surrogate_objective(batch.log_prob, batch.old_log_prob, batch.advantages)
    same(batch, -ours, theirs["loss_objective"])


def test_the_clipped_objective_is_minus_their_loss(batch: Batch) -> None:
    theirs = ClipPPOLoss(actor(), None, clip_epsilon=CLIP, entropy_bonus=False).double()(batch.theirs())

    ours = ppo_clip_objective(batch.log_prob, batch.old_log_prob, batch.advantages, CLIP)
    assert 0 < theirs["clip_fraction"] < 1
    same(batch, -ours, theirs["loss_objective"])


def test_our_value_coefficient_is_twice_theirs_in_the_whole_loss_of_ppo(batch: Batch) -> None:
    """Ours has ½ in front of the mean square; theirs has none, and takes a smooth L1 loss unless told otherwise."""
    module = ClipPPOLoss(
        actor(),
        critic(),
        clip_epsilon=CLIP,
        critic_coeff=VALUE_COEF,
        entropy_coeff=ENTROPY_COEF,
        loss_critic_type="l2",
    )
    theirs = module.double()(batch.theirs())
    ours = ppo_loss(
        batch.logits,
        batch.actions,
        batch.old_log_prob,
        batch.advantages,
        batch.values,
        batch.returns,
        CLIP,
        2 * VALUE_COEF,
        ENTROPY_COEF,
    )

    same(batch, ours, theirs["loss_objective"] + theirs["loss_critic"] + theirs["loss_entropy"])


def test_the_clipped_value_loss_is_half_theirs(batch: Batch) -> None:
    module = ClipPPOLoss(actor(), critic(), critic_coeff=1.0, clip_value=CLIP, loss_critic_type="l2")

    theirs = module(batch.theirs())

    ours = clipped_value_loss(batch.values, batch.old_values, batch.returns, CLIP)
    assert theirs["value_clip_fraction"] > 0
    same(batch, ours, theirs["loss_critic"] / 2)


def test_they_normalise_advantages_with_the_unbiased_deviation(batch: Batch) -> None:
    """s² = σ² n / (n − 1): theirs are ours · √((n − 1) / n); in place of adding ε they bound the deviation by it."""
    module = ClipPPOLoss(actor(), None, clip_epsilon=CLIP, entropy_bonus=False, normalize_advantage=True)
    theirs = module.double()(batch.theirs())["loss_objective"]

    normalised = normalize_advantages(batch.advantages, 0.0) * ((SAMPLES - 1) / SAMPLES) ** 0.5

    same(batch, -ppo_clip_objective(batch.log_prob, batch.old_log_prob, normalised, CLIP), theirs)


def penalised(batch: Batch, target: float) -> Tensor:
    module = KLPENPPOLoss(actor(), None, beta=0.75, dtarg=target, entropy_bonus=False)
    return module(batch.theirs())["loss_objective"]


def test_the_penalised_objective_is_minus_their_loss(batch: Batch) -> None:
    kl = categorical_kl(batch.old_logits, batch.logits)

    ours = ppo_kl_penalty_objective(batch.log_prob, batch.old_log_prob, batch.advantages, kl, 0.75)

    same(batch, -ours, penalised(batch, target=kl.mean().item()))


def test_where_the_weight_adapts_their_loss_has_the_old_one_and_its_gradient_the_new_one(batch: Batch) -> None:
    """They double β in place between the forward and the backward pass; ours takes β and changes nothing."""
    kl = categorical_kl(batch.old_logits, batch.logits)
    before, after = (
        -ppo_kl_penalty_objective(batch.log_prob, batch.old_log_prob, batch.advantages, kl, beta)
        for beta in (0.75, 1.5)
    )

    theirs = penalised(batch, target=0.5 * kl.mean().item())

    torch.testing.assert_close(theirs, before, **EXACT)
    torch.testing.assert_close(gradients(theirs, batch.logits), gradients(after, batch.logits), **EXACT)


@pytest.mark.parametrize(("multiple", "expected"), [(0.5, 2.0), (0.9, 1.0), (1.1, 1.0), (2.0, 0.5)])
def test_the_weight_of_the_penalty_adapts_alike(batch: Batch, multiple: float, expected: float) -> None:
    kl = categorical_kl(batch.old_logits, batch.logits).mean().item()
    module = KLPENPPOLoss(actor(), None, beta=1.0, dtarg=multiple * kl, entropy_bonus=False)

    module(batch.theirs())

    assert adaptive_kl_coefficient(1.0, kl, multiple * kl) == module.beta.item() == expected


def test_the_loss_of_a2c_is_theirs_with_the_same_coefficients(batch: Batch) -> None:
    module = A2CLoss(actor(), critic(), critic_coeff=VALUE_COEF, entropy_coeff=ENTROPY_COEF, loss_critic_type="l2")
    theirs = module(batch.theirs())

    ours = a2c_loss(
        batch.logits, batch.actions, batch.advantages, batch.values, batch.returns, VALUE_COEF, ENTROPY_COEF
    )

    same(batch, ours, theirs["loss_objective"] + theirs["loss_critic"] + theirs["loss_entropy"])


def test_an_entropy_bonus_is_the_loss_of_a2c_without_its_critic(batch: Batch) -> None:
    theirs = A2CLoss(actor(), critic(), entropy_coeff=ENTROPY_COEF)(batch.theirs())

    ours = entropy_regularized_loss(batch.logits, batch.actions, batch.advantages, ENTROPY_COEF)

    same(batch, ours, theirs["loss_objective"] + theirs["loss_entropy"])
    assert categorical_entropy(batch.logits).mean().item() == pytest.approx(theirs["entropy"].item(), rel=1e-12)


def test_the_losses_of_one_step_actor_critics(batch: Batch, rng: torch.Generator) -> None:
    """Their critic's loss has no ½."""
    rewards, next_values = normal(rng, 2, SAMPLES)
    dones = (torch.rand(SAMPLES, generator=rng) < 0.3).double()
    errors = td_error(rewards, batch.values, next_values, dones, 0.9).detach()
    batch.advantages, batch.returns = errors, errors + batch.values.detach()
    theirs = ReinforceLoss(actor(), critic(), loss_critic_type="l2")(batch.theirs())

    policy_loss, value_loss = actor_critic_losses(
        batch.logits, batch.actions, rewards, batch.values, next_values, dones, 0.9
    )

    same(batch, policy_loss, theirs["loss_actor"])
    same(batch, value_loss, theirs["loss_value"] / 2)


def test_the_estimate_of_the_policy_gradient_sums_over_time_where_theirs_averages(rng: torch.Generator) -> None:
    """Their loss is a mean over all steps, so the descent direction is T times smaller."""
    trajectories, length, gamma = 5, 3, 0.9
    theta = leaf(rng, 2, CHOICES)
    states = torch.randint(2, (trajectories, length), generator=rng)
    actions = torch.randint(CHOICES, (trajectories, length), generator=rng)
    rewards = normal(rng, trajectories, length)
    ends = torch.zeros(trajectories, length, dtype=torch.bool).index_fill(1, torch.tensor(length - 1), True)
    data = TensorDict(
        observation=theta[states],
        action=actions,
        advantage=reward2go(rewards[..., None], ends[..., None], gamma),
        prediction=rewards[..., None],
        value_target=rewards[..., None],
        batch_size=[trajectories, length],
    )
    loss = ReinforceLoss(actor(), critic())(data)["loss_actor"]

    ours = policy_gradient_estimate(theta.detach(), states, actions, rewards, gamma)

    torch.testing.assert_close(ours, -length * gradients(loss, theta)[0], **EXACT)


def test_forbidden_actions_are_a_mask_in_theirs_and_minus_infinity_in_ours(batch: Batch) -> None:
    mask = torch.ones(SAMPLES, CHOICES, dtype=torch.bool)
    mask[:, 0] = False
    allowed = batch.actions.clamp(min=1)
    masked_logits = batch.logits.masked_fill(~mask, -torch.inf)

    theirs = MaskedCategorical(logits=batch.logits, mask=mask)

    torch.testing.assert_close(action_log_prob(masked_logits, allowed), theirs.log_prob(allowed), **EXACT)
    torch.testing.assert_close(categorical_entropy(masked_logits), theirs.entropy(), **EXACT)
