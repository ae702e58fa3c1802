"""References that return tuples against autograd and numbers by hand; and the annealed weight of the entropy."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn.functional import layer_norm

from reference.actor_critic import actor_critic_losses
from reference.ddpg import ddpg_losses
from reference.entropy import entropy_coefficient
from reference.normalization import layer_norm_backward


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(8)


def leaf(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


def test_known_losses_of_actor_and_critic() -> None:
    logits = torch.zeros(2, 4, dtype=torch.float64)
    rewards, values, dones = leaf(1.0, 2.0), leaf(0.5, 3.0), torch.tensor([0.0, 1.0]).double()

    # δ = 1 + 0.5 · 3 − 0.5 = 2 and 2 − 3 = −1
    actor_loss, critic_loss = actor_critic_losses(
        logits, torch.tensor([0, 3]), rewards, values, leaf(3.0, 100.0), dones, 0.5
    )

    assert actor_loss.item() == pytest.approx(math.log(4) * (2 - 1) / 2)
    assert critic_loss.item() == pytest.approx((4 + 1) / 2 / 2)


def test_each_loss_of_an_actor_critic_trains_its_own_part() -> None:
    logits = torch.zeros(1, 2, dtype=torch.float64, requires_grad=True)
    values, following = leaf(0.5), leaf(3.0)
    dones = torch.zeros(1, dtype=torch.float64)

    actor_loss, critic_loss = actor_critic_losses(logits, torch.tensor([0]), leaf(1.0), values, following, dones, 0.5)
    of_the_actor = torch.autograd.grad(actor_loss, (logits, values, following), allow_unused=True)
    of_the_critic = torch.autograd.grad(critic_loss, (logits, values, following), allow_unused=True)

    torch.testing.assert_close(of_the_actor[0], torch.tensor([[-1.0, 1.0]], dtype=torch.float64))  # −δ (1 − π), δ π
    assert of_the_actor[1:] == (None, None)
    assert of_the_critic[0] is None
    assert of_the_critic[2] is None
    torch.testing.assert_close(of_the_critic[1], torch.tensor([-2.0], dtype=torch.float64))


def test_known_losses_of_ddpg_and_their_gradients() -> None:
    q_values, following, judged = leaf(1.0, 2.0), leaf(4.0, 9.0), leaf(3.0, 5.0)
    rewards, dones = torch.tensor([1.0, 1.0]).double(), torch.tensor([0.0, 1.0]).double()

    critic_loss, actor_loss = ddpg_losses(q_values, rewards, following, dones, 0.5, judged)
    (critic_loss + actor_loss).backward()

    assert critic_loss.item() == ((1 - 3) ** 2 + (2 - 1) ** 2) / 2
    assert actor_loss.item() == -4
    assert following.grad is None
    torch.testing.assert_close(q_values.grad, torch.tensor([-2.0, 1.0], dtype=torch.float64))
    torch.testing.assert_close(judged.grad, torch.tensor([-0.5, -0.5], dtype=torch.float64))


@pytest.mark.parametrize("batch", [(), (4,), (2, 3)])
def test_the_backward_pass_of_layer_norm_is_what_autograd_computes(
    batch: tuple[int, ...], rng: torch.Generator
) -> None:
    grad_output, x = torch.randn(2, *batch, 5, generator=rng, dtype=torch.float64)
    gamma, beta = torch.randn(2, 5, generator=rng, dtype=torch.float64)
    inputs = tuple(each.requires_grad_() for each in (x, gamma, beta))
    wanted = torch.autograd.grad(layer_norm(x, (5,), gamma, beta, 0.01), inputs, grad_output)

    found = layer_norm_backward(grad_output, x.detach(), gamma.detach(), 0.01)

    torch.testing.assert_close(found, wanted)


def test_the_gradient_with_respect_to_x_is_orthogonal_to_what_the_norm_takes_away(rng: torch.Generator) -> None:
    grad_output, x = torch.randn(2, 4, 5, generator=rng, dtype=torch.float64)

    dx, _, _ = layer_norm_backward(grad_output, x, torch.ones(5, dtype=torch.float64), 0.0)

    torch.testing.assert_close(dx.sum(-1), torch.zeros(4, dtype=torch.float64))
    torch.testing.assert_close((dx * x).sum(-1), torch.zeros(4, dtype=torch.float64))


@pytest.mark.parametrize(("step", "weight"), [(-5, 0.5), (0, 0.5), (1, 0.4), (2, 0.3), (4, 0.1), (5, 0.1), (1000, 0.1)])
def test_the_weight_of_the_entropy_goes_in_a_straight_line_and_stays(step: int, weight: float) -> None:
    assert entropy_coefficient(step, 4, 0.5, 0.1) == pytest.approx(weight, rel=1e-12)


def test_the_weight_of_the_entropy_may_grow() -> None:
    assert entropy_coefficient(3, 4, 0.0, 1.0) == 0.75
    assert entropy_coefficient(9, 4, 0.0, 1.0) == 1.0
