"""Distributions, the mixing network, replay and positions against TorchRL's modules."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from reference.entropy import gaussian_entropy
from reference.gaussian import gaussian_log_prob, tanh_gaussian_log_prob
from reference.multi_agent import qmix_mixing
from reference.positions import sinusoidal_positional_encoding
from reference.replay import ReplayBuffer
from reference.trust_region import gaussian_kl
from tests.third_party.comparing import EXACT, SINGLE, gradients, leaf, library, normal

library("torchrl")
from tensordict import TensorDict
from torchrl import data
from torchrl.modules import IndependentNormal, QMixer, TanhNormal
from torchrl.modules.models import ACTModel


def test_gaussian_policies(rng: torch.Generator) -> None:
    actions, mean, log_std, new_mean, new_log_std = normal(rng, 5, 6, 3)
    old, new = IndependentNormal(mean, log_std.exp()), IndependentNormal(new_mean, new_log_std.exp())

    torch.testing.assert_close(gaussian_log_prob(actions, mean, log_std), old.log_prob(actions), **EXACT)
    torch.testing.assert_close(gaussian_entropy(log_std), old.entropy(), **EXACT)
    theirs = torch.distributions.kl_divergence(old, new)
    torch.testing.assert_close(gaussian_kl(mean, log_std, new_mean, new_log_std), theirs, **EXACT)


def test_squashed_gaussian_policies(rng: torch.Generator) -> None:
    mean, log_std = leaf(rng, 6, 3), leaf(rng, 6, 3)
    policy = TanhNormal(mean, log_std.exp(), event_dims=1)
    pre_tanh = normal(rng, 6, 3)

    theirs = policy.log_prob(torch.tanh(pre_tanh))
    ours = tanh_gaussian_log_prob(pre_tanh, mean, log_std)

    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)
    parameters = (mean, log_std)
    torch.testing.assert_close(
        gradients(ours.sum(), *parameters), gradients(theirs.sum(), *parameters), rtol=1e-9, atol=1e-9
    )


def test_where_tanh_saturates_they_take_a_nearer_action() -> None:
    """What only the squashed action tells is bounded by 1 − 1e-15 in float64, that is u ≤ 17.6; ours is given u."""
    pre_tanh = torch.full((1, 1), 20.0, dtype=torch.float64)
    policy = TanhNormal(torch.zeros(1, 1).double(), torch.ones(1, 1).double(), event_dims=1)
    nearer = torch.atanh(torch.tensor([[1 - 1e-15]], dtype=torch.float64))
    ours = tanh_gaussian_log_prob(pre_tanh, torch.zeros_like(pre_tanh), torch.zeros_like(pre_tanh))

    theirs = policy.log_prob(torch.tanh(pre_tanh))

    log_slope = tanh_gaussian_log_prob(nearer, nearer, torch.zeros_like(nearer)) - gaussian_log_prob(
        nearer, nearer, torch.zeros_like(nearer)
    )
    expected = gaussian_log_prob(nearer, torch.zeros_like(nearer), torch.zeros_like(nearer)) + log_slope
    torch.testing.assert_close(theirs, expected, rtol=1e-6, atol=1e-6)
    assert (theirs - ours).item() > 1


def test_the_mixing_network_without_its_hypernetworks(rng: torch.Generator) -> None:
    """Theirs makes the weights from the state and takes their absolute values, as ours does with what it is given."""
    torch.manual_seed(15)
    agents, width, samples = 3, 4, 6
    mixer = QMixer((5,), width, agents, device=None).double()
    agent_q_values, state = leaf(rng, samples, agents), normal(rng, samples, 5)
    w1 = mixer.hyper_w_1(state).view(samples, agents, width)
    b1, w2, b2 = mixer.hyper_b_1(state), mixer.hyper_w_final(state), mixer.V(state).squeeze(-1)

    ours = qmix_mixing(agent_q_values, w1, b1, w2, b2)
    theirs = mixer(agent_q_values[..., None], state).squeeze(-1)

    assert (w1 < 0).any()
    assert (w2 < 0).any()
    torch.testing.assert_close(ours, theirs, **EXACT)
    inputs = (agent_q_values, *mixer.parameters())
    torch.testing.assert_close(gradients(ours.sum(), *inputs), gradients(theirs.sum(), *inputs), **EXACT)


def filled(
    transitions: int, capacity: int, sampler: data.replay_buffers.Sampler
) -> tuple[ReplayBuffer, data.ReplayBuffer]:
    """Both buffers after the same transitions; number i observes (i, −i) and is paid i."""
    ours = ReplayBuffer(capacity, 2, 1)
    theirs = data.ReplayBuffer(storage=data.LazyTensorStorage(capacity), sampler=sampler)
    for number in map(float, range(transitions)):
        obs, next_obs = torch.tensor([number, -number]), torch.tensor([number + 1, -number - 1])
        action, done = torch.tensor([number / 100]), number % 3 == 0
        ours.add(obs, action, number, next_obs, float(done))
        theirs.add(
            TensorDict(
                {
                    "observation": obs,
                    "action": action,
                    "reward": torch.tensor(number),
                    "next": next_obs,
                    "terminated": torch.tensor(float(done)),
                }
            )
        )
    return ours, theirs


@pytest.mark.parametrize("transitions", [3, 5, 13])
def test_both_replay_buffers_hold_the_same_transitions(rng: torch.Generator, transitions: int) -> None:
    ours, theirs = filled(transitions, 5, data.replay_buffers.RandomSampler())
    everything = theirs[:]
    order = everything["reward"].argsort()
    drawn = ours.sample(len(ours), rng)
    order_of_ours = drawn[2].argsort()

    assert len(ours) == len(theirs)
    for own, name in zip(drawn, ("observation", "action", "reward", "next", "terminated"), strict=True):
        assert torch.equal(own[order_of_ours], everything[name][order])


def paid(theirs: data.ReplayBuffer, batch_size: int) -> Tensor:
    return theirs.sample(batch_size)["reward"]


def test_a_sampler_of_theirs_without_replacement_draws_each_once_and_the_default_one_does_not(
    rng: torch.Generator,
) -> None:
    ours, theirs = filled(4, 5, data.replay_buffers.SamplerWithoutReplacement())
    _, default = filled(4, 5, data.replay_buffers.RandomSampler())

    assert sorted(paid(theirs, 4).tolist()) == sorted(ours.sample(4, rng)[2].tolist()) == [0.0, 1.0, 2.0, 3.0]
    assert len(paid(default, 50)) == 50


def test_positions_are_encoded_alike() -> None:
    """Sines and cosines alternate in both; theirs is that of the action-chunking transformer."""
    model = ACTModel(obs_dim=2, action_dim=1, chunk_size=14, hidden_dim=8, nheads=2)

    torch.testing.assert_close(sinusoidal_positional_encoding(16, 8), model.enc_pos, **SINGLE)
