"""The losses of SAC against numbers worked out by hand, and the directions in which they push."""

from __future__ import annotations

import math

import pytest
import torch
from torch.autograd import gradcheck

from reference.sac import sac_actor_loss, sac_temperature_loss


def test_a_known_actor_loss() -> None:
    q1, q2, log_prob = torch.tensor([1.0, 5.0]), torch.tensor([2.0, 3.0]), torch.tensor([-2.0, 4.0])

    loss = sac_actor_loss(q1, q2, log_prob, torch.tensor(0.5))

    assert loss.item() == ((-1.0 - 1.0) + (2.0 - 3.0)) / 2


def test_the_actor_learns_from_the_smaller_critic_and_alpha_is_left_alone() -> None:
    q1, q2 = torch.tensor([1.0, 5.0], requires_grad=True), torch.tensor([2.0, 3.0], requires_grad=True)
    log_prob, alpha = torch.tensor([-2.0, 4.0], requires_grad=True), torch.tensor(0.5, requires_grad=True)

    sac_actor_loss(q1, q2, log_prob, alpha).backward()

    torch.testing.assert_close(q1.grad, torch.tensor([-0.5, 0.0]))
    torch.testing.assert_close(q2.grad, torch.tensor([0.0, -0.5]))
    torch.testing.assert_close(log_prob.grad, torch.tensor([0.25, 0.25]))
    assert alpha.grad is None


def test_the_actor_loss_is_least_at_the_boltzmann_policy() -> None:
    # Σ_a π (α log π − Q) over three actions is −α log Σ exp(Q / α) at π ∝ exp(Q / α), and larger elsewhere
    q, alpha = torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64), torch.tensor(0.5, dtype=torch.float64)

    def expected_loss(logits: torch.Tensor) -> float:
        log_prob = torch.log_softmax(logits, dim=0)
        alone = [sac_actor_loss(q[a, None], q[a, None], log_prob[a, None], alpha) for a in range(3)]
        return float((log_prob.exp() * torch.stack(alone)).sum())

    least = expected_loss(q / alpha)

    assert least == pytest.approx(float(-alpha * torch.logsumexp(q / alpha, dim=0)))
    assert least < min(expected_loss(q), expected_loss(2 * q / alpha), expected_loss(torch.zeros_like(q)))


def test_a_known_temperature_loss() -> None:
    log_alpha, log_prob = torch.tensor(math.log(0.5)), torch.tensor([1.0, 4.0])

    assert sac_temperature_loss(log_alpha, log_prob, -2.0).item() == pytest.approx(-0.5 * (2.5 - 2.0))


@pytest.mark.parametrize(("log_prob", "direction"), [(3.0, 1), (1.0, -1)])
def test_the_temperature_rises_while_entropy_is_too_low_and_falls_while_it_is_too_high(
    log_prob: float, direction: int
) -> None:
    log_alpha = torch.tensor(-1.0, requires_grad=True)

    sac_temperature_loss(log_alpha, torch.full((5,), log_prob), -2.0).backward()

    assert log_alpha.grad is not None
    assert -log_alpha.grad.item() * direction > 0


def test_the_temperature_loss_passes_gradcheck_and_has_one_argument_alone() -> None:
    log_alpha = torch.tensor(-0.5, dtype=torch.float64, requires_grad=True)
    log_prob = torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True)

    assert gradcheck(lambda x: sac_temperature_loss(x, log_prob.detach(), -1.0), (log_alpha,))
    sac_temperature_loss(log_alpha, log_prob, -1.0).backward()
    assert log_prob.grad is None
