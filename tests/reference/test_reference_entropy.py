"""References of entropies in losses and in continuous spaces against torch.distributions and an integral."""

from __future__ import annotations

import math

import torch
from torch.autograd import gradcheck
from torch.distributions import Categorical, Independent, Normal

from reference.entropy import entropy_regularized_loss, gaussian_entropy


def _drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_gaussian_entropy_is_the_library_s() -> None:
    log_std = _drawn(2, 3, 4)

    expected = Independent(Normal(torch.zeros_like(log_std), log_std.exp()), 1).entropy()

    torch.testing.assert_close(gaussian_entropy(log_std), expected)


def test_gaussian_entropy_is_the_integral_of_minus_p_log_p() -> None:
    log_std = torch.tensor([-0.5], dtype=torch.float64)
    normal = Normal(torch.zeros((), dtype=torch.float64), log_std.exp())
    x = torch.linspace(-8.0, 8.0, 20_001, dtype=torch.float64)

    log_p = normal.log_prob(x)

    torch.testing.assert_close(gaussian_entropy(log_std), torch.trapezoid(-log_p.exp() * log_p, x))


def test_a_gaussian_of_one_nat_less_for_each_of_two_dimensions() -> None:
    wide, narrow = gaussian_entropy(torch.zeros(2)), gaussian_entropy(-torch.ones(2))

    torch.testing.assert_close(wide - narrow, torch.tensor(2.0))
    torch.testing.assert_close(wide, torch.tensor(math.log(2 * math.pi * math.e)))


def test_the_loss_of_a_batch_is_that_of_the_library() -> None:
    logits, advantages = _drawn(5, 3), _drawn(5, seed=1)
    actions = torch.tensor([0, 2, 1, 1, 0])
    policy = Categorical(logits=logits)

    expected = -(policy.log_prob(actions) * advantages + 0.1 * policy.entropy()).mean()

    torch.testing.assert_close(entropy_regularized_loss(logits, actions, advantages, 0.1), expected)


def test_the_loss_of_two_equally_likely_actions_by_hand() -> None:
    # log π = −log 2 and H = log 2: −(−2 log 2 + ½ log 2)
    result = entropy_regularized_loss(torch.zeros(1, 2), torch.tensor([1]), torch.tensor([2.0]), 0.5)

    torch.testing.assert_close(result, torch.tensor(1.5 * math.log(2.0)))


def test_the_loss_passes_gradcheck_in_the_logits_alone() -> None:
    logits, advantages = _drawn(4, 3).requires_grad_(), _drawn(4, seed=1).requires_grad_()
    actions = torch.tensor([0, 2, 1, 1])

    assert gradcheck(lambda z: entropy_regularized_loss(z, actions, advantages.detach(), 0.3), [logits])
    entropy_regularized_loss(logits, actions, advantages, 0.3).backward()
    assert advantages.grad is None


def test_descending_the_loss_without_advantages_makes_a_policy_uniform() -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0]], dtype=torch.float64, requires_grad=True)
    for _ in range(300):
        loss = entropy_regularized_loss(logits, torch.tensor([0]), torch.zeros(1, dtype=torch.float64), 1.0)
        (gradient,) = torch.autograd.grad(loss, logits)
        logits = (logits - gradient).detach().requires_grad_()

    torch.testing.assert_close(
        torch.softmax(logits, -1), torch.full((1, 3), 1 / 3, dtype=torch.float64), rtol=1e-3, atol=0
    )


def test_a_forbidden_action_leaves_loss_and_gradient_finite() -> None:
    logits = torch.tensor([[0.5, -torch.inf, -1.0]], requires_grad=True)

    loss = entropy_regularized_loss(logits, torch.tensor([2]), torch.tensor([1.0]), 0.1)
    loss.backward()

    assert loss.isfinite()
    assert logits.grad is not None
    assert logits.grad[logits.isfinite()].isfinite().all()
