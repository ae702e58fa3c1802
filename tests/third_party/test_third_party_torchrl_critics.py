"""Losses and targets of DDPG, TD3 and SAC against TorchRL's loss modules, on small networks with random weights."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from reference.continuous import soft_update
from reference.ddpg import ddpg_losses
from reference.sac import sac_actor_loss, sac_temperature_loss
from reference.targets import sac_target, td3_target
from tests.third_party.comparing import EXACT, library, normal

library("torchrl")
from tensordict import TensorDict
from tensordict.nn import NormalParamExtractor, TensorDictModule
from torchrl.data import Bounded
from torchrl.modules import ProbabilisticActor, TanhNormal, ValueOperator
from torchrl.objectives import DDPGLoss, LossModule, SACLoss, SoftUpdate, TD3Loss

SAMPLES, OBSERVED, ACTIONS = 9, 3, 2
GAMMA, TAU = 31 / 32, 0.25  # they round γ to float32, which holds this one exactly


class ActionValue(nn.Module):
    """A Q that is nonlinear in both."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(OBSERVED + ACTIONS, 5), nn.Tanh(), nn.Linear(5, 1))

    def forward(self, observation: Tensor, action: Tensor) -> Tensor:
        return self.layers(torch.cat([observation, action], dim=-1))


def critic() -> ValueOperator:
    return ValueOperator(ActionValue(), in_keys=["observation", "action"])


def deterministic_actor() -> TensorDictModule:
    return TensorDictModule(
        nn.Sequential(nn.Linear(OBSERVED, ACTIONS), nn.Tanh()), in_keys=["observation"], out_keys=["action"]
    )


def stochastic_actor() -> ProbabilisticActor:
    network = nn.Sequential(nn.Linear(OBSERVED, 2 * ACTIONS), NormalParamExtractor())
    return ProbabilisticActor(
        TensorDictModule(network, in_keys=["observation"], out_keys=["loc", "scale"]),
        in_keys=["loc", "scale"],
        spec=Bounded(-1, 1, (ACTIONS,)),
        distribution_class=TanhNormal,
    )


def ready(module: LossModule) -> SoftUpdate:
    """In float64, with our discount and target networks that differ from the others."""
    module.double().make_value_estimator(gamma=GAMMA)
    updater = SoftUpdate(module, tau=TAU)
    for _, parameter in module.named_buffers():
        if parameter.ndim > 0:
            parameter += 0.3 * torch.randn_like(parameter)
    return updater


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(12)


@pytest.fixture
def batch(rng: torch.Generator) -> TensorDict:
    terminated = torch.rand(SAMPLES, 1, generator=rng) < 0.4
    following = {
        "observation": normal(rng, SAMPLES, OBSERVED),
        "reward": normal(rng, SAMPLES, 1),
        "done": terminated | (torch.rand(SAMPLES, 1, generator=rng) < 0.4),
        "terminated": terminated,
    }
    observation, action = normal(rng, SAMPLES, OBSERVED), torch.tanh(normal(rng, SAMPLES, ACTIONS))
    return TensorDict({"observation": observation, "action": action, "next": following}, batch_size=[SAMPLES])


def twin_values(module: LossModule, params: TensorDict, observation: Tensor, action: Tensor) -> list[Tensor]:
    """Values of both critics, from the weights that the loss keeps side by side."""
    values = []
    for number in range(2):
        with params[number].to_module(module.qvalue_network):
            values.append(module.qvalue_network(observation=observation, action=action).squeeze(-1))
    return values


def rewards_and_terminations(batch: TensorDict) -> tuple[Tensor, Tensor]:
    return batch["next", "reward"].squeeze(-1), batch["next", "terminated"].squeeze(-1).double()


def test_the_losses_of_ddpg(batch: TensorDict) -> None:
    """Their target asks `terminated`, so a step that is only truncated keeps its bootstrap."""
    module = DDPGLoss(deterministic_actor(), critic(), loss_function="l2", delay_actor=True, delay_value=True)
    ready(module)
    theirs = module(batch.clone())
    rewards, terminated = rewards_and_terminations(batch)
    with module.value_network_params.to_module(module.value_network):
        q_values = module.value_network(observation=batch["observation"], action=batch["action"])
        with module.actor_network_params.to_module(module.actor_network):
            proposed = module.actor_network(observation=batch["observation"])
        actor_q_values = module.value_network(observation=batch["observation"], action=proposed)
    with module.target_actor_network_params.to_module(module.actor_network):
        next_action = module.actor_network(observation=batch["next", "observation"])
    with module.target_value_network_params.to_module(module.value_network):
        next_q_values = module.value_network(observation=batch["next", "observation"], action=next_action)

    critic_loss, actor_loss = ddpg_losses(
        q_values.squeeze(-1), rewards, next_q_values.squeeze(-1), terminated, GAMMA, actor_q_values.squeeze(-1)
    )

    assert not torch.equal(batch["next", "done"], batch["next", "terminated"])
    torch.testing.assert_close(critic_loss, theirs["loss_value"], **EXACT)
    torch.testing.assert_close(actor_loss, theirs["loss_actor"], **EXACT)


def test_the_twin_target(batch: TensorDict) -> None:
    module = TD3Loss(deterministic_actor(), critic(), bounds=(-1.0, 1.0), policy_noise=0.0, loss_function="l2")
    ready(module)
    theirs = module(batch.clone())
    with module.target_actor_network_params.to_module(module.actor_network):
        next_action = module.actor_network(observation=batch["next", "observation"])
    next_q1, next_q2 = twin_values(
        module, module.target_qvalue_network_params, batch["next", "observation"], next_action
    )

    ours = td3_target(*rewards_and_terminations(batch), next_q1, next_q2, GAMMA)

    assert not torch.equal(next_q1 < next_q2, torch.ones(SAMPLES, dtype=torch.bool))
    torch.testing.assert_close(ours, theirs["target_value"], **EXACT)


def soft() -> SACLoss:
    module = SACLoss(stochastic_actor(), critic(), loss_function="l2", alpha_init=0.5)
    ready(module)
    return module


def only(observation: Tensor) -> TensorDict:
    return TensorDict({"observation": observation}, batch_size=observation.shape[:1])


def sampled(module: SACLoss, observation: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """The action that the module draws next after this seed, and its log-density."""
    torch.manual_seed(seed)
    with module.actor_network_params.to_module(module.actor_network):
        policy = module.actor_network.get_dist(only(observation))
    return policy.rsample_and_log_prob()


def test_the_soft_target_gives_their_critic_loss(batch: TensorDict) -> None:
    """Theirs is the sum of both critics' mean squares."""
    module = soft()
    next_action, next_log_prob = sampled(module, batch["next", "observation"], seed=13)
    torch.manual_seed(13)
    theirs, _ = module.qvalue_v2_loss(batch.clone())
    next_q1, next_q2 = twin_values(
        module, module.target_qvalue_network_params, batch["next", "observation"], next_action
    )

    alpha = module.log_alpha.exp().item()
    target = sac_target(*rewards_and_terminations(batch), next_q1, next_q2, next_log_prob, alpha, GAMMA)

    values = twin_values(module, module.qvalue_network_params, batch["observation"], batch["action"])
    torch.testing.assert_close(sum((q - target).square().mean() for q in values), theirs, **EXACT)


def test_the_actor_loss_of_sac(batch: TensorDict) -> None:
    module = soft()
    action, log_prob = sampled(module, batch["observation"], seed=14)
    torch.manual_seed(14)
    theirs, _ = module.actor_loss(batch.clone())

    q1, q2 = twin_values(module, module.qvalue_network_params, batch["observation"], action)

    ours = sac_actor_loss(q1, q2, log_prob, module.log_alpha.exp())
    torch.testing.assert_close(ours, theirs, **EXACT)


def test_their_temperature_loss_has_log_alpha_where_ours_has_alpha(rng: torch.Generator) -> None:
    """−log α · mean(log π + H̄), of which the gradient in log α is 1/α times ours; their H̄ is −D by default."""
    module, log_prob = soft(), normal(rng, SAMPLES)
    theirs = module.alpha_loss(log_prob).mean()

    ours = sac_temperature_loss(module.log_alpha, log_prob, target_entropy=-ACTIONS)

    alpha = module.log_alpha.exp().detach()
    torch.testing.assert_close(ours * module.log_alpha, theirs * alpha, **EXACT)
    (own,) = torch.autograd.grad(ours, module.log_alpha)
    (other,) = torch.autograd.grad(theirs, module.log_alpha)
    torch.testing.assert_close(own, alpha * other, **EXACT)


def test_target_networks_follow_softly() -> None:
    """Their `tau` is ours; their `eps` is 1 − τ."""
    module = DDPGLoss(deterministic_actor(), critic(), delay_value=True)
    updater = ready(module)
    online = [value.clone() for value in module.value_network_params.values(True, True)]
    before = [value.clone() for value in module.target_value_network_params.values(True, True)]

    updater.step()

    after = module.target_value_network_params.values(True, True)
    for old, followed, new in zip(before, online, after, strict=True):
        assert not torch.equal(old, followed)
        torch.testing.assert_close(soft_update(old, followed, TAU), new, **EXACT)
