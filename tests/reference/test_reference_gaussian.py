"""Gaussian log-densities against numbers known by heart, PyTorch's distributions, and exact arithmetic in the tails."""

from __future__ import annotations

import math

import pytest
import torch
from torch.autograd import gradcheck
from torch.distributions import MultivariateNormal

from reference.gaussian import gaussian_log_prob, tanh_gaussian_log_prob


def _policy(*shape: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(4)
    actions, mean, log_std = torch.randn(3, *shape, generator=rng, dtype=torch.float64)
    return actions, mean, 0.5 * log_std


def test_a_standard_normal_is_the_reciprocal_root_of_two_pi_at_its_mean() -> None:
    zero = torch.zeros(1, dtype=torch.float64)

    assert gaussian_log_prob(zero, zero, zero).exp().item() == pytest.approx(0.3989422804014327)


def test_it_is_the_density_of_a_diagonal_covariance() -> None:
    actions, mean, log_std = _policy(2, 5, 3)
    expected = MultivariateNormal(mean, torch.diag_embed(torch.exp(2 * log_std))).log_prob(actions)

    torch.testing.assert_close(gaussian_log_prob(actions, mean, log_std), expected)


def test_a_density_of_two_dimensions_integrates_to_one() -> None:
    axis = torch.linspace(-12.0, 12.0, 481, dtype=torch.float64)
    actions = torch.cartesian_prod(axis, axis)
    mean, log_std = torch.tensor([0.5, -1.0]).double(), torch.tensor([-0.5, 0.25]).double()

    density = gaussian_log_prob(actions, mean.expand_as(actions), log_std.expand_as(actions)).exp()

    assert density.sum().item() * 0.05**2 == pytest.approx(1.0, rel=1e-9)


def test_the_density_of_the_squashed_action_integrates_to_one() -> None:
    # over a in (−1, 1), at the middle of each cell
    action = torch.arange(-0.99995, 1, 1e-4, dtype=torch.float64)
    u = torch.atanh(action).unsqueeze(-1)

    density = tanh_gaussian_log_prob(u, torch.full_like(u, 0.25), torch.full_like(u, -1.0)).exp()

    assert density.sum().item() * 1e-4 == pytest.approx(1.0, rel=1e-6)


def test_without_squashing_to_speak_of_it_is_the_gaussian() -> None:
    u, mean, log_std = _policy(7, 2)

    torch.testing.assert_close(
        tanh_gaussian_log_prob(1e-9 * u, mean, log_std), gaussian_log_prob(1e-9 * u, mean, log_std)
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("u", [-50.0, -20.0, -10.0, -1.0, 0.0, 0.5, 9.0, 30.0, 50.0])
def test_the_correction_is_exact_in_the_tails(u: float, dtype: torch.dtype) -> None:
    # log(1 − tanh² u) = −2 log cosh u, and log cosh u = |u| − log 2 + log(1 + e^{−2|u|})
    log_cosh = abs(u) - math.log(2) + math.log1p(math.exp(-2 * abs(u)))
    at_the_mean = torch.tensor([u], dtype=dtype)

    log_prob = tanh_gaussian_log_prob(at_the_mean, at_the_mean, torch.zeros(1, dtype=dtype))

    expected = torch.tensor(2 * log_cosh - 0.5 * math.log(2 * math.pi), dtype=dtype)
    torch.testing.assert_close(log_prob, expected, rtol=4 * torch.finfo(dtype).eps, atol=4 * torch.finfo(dtype).eps)


@pytest.mark.parametrize("function", [gaussian_log_prob, tanh_gaussian_log_prob])
def test_it_passes_gradcheck(function) -> None:
    assert gradcheck(function, tuple(tensor.requires_grad_() for tensor in _policy(4, 3)))


@pytest.mark.parametrize("u", [-50.0, 50.0])
def test_the_gradient_is_finite_and_right_where_tanh_has_rounded(u: float) -> None:
    pre_tanh = torch.tensor([u], dtype=torch.float64, requires_grad=True)

    tanh_gaussian_log_prob(pre_tanh, pre_tanh.detach(), torch.zeros(1, dtype=torch.float64)).backward()

    assert pre_tanh.grad is not None
    assert pre_tanh.grad.item() == 2 * math.tanh(u)  # d/du of −log(1 − tanh² u)
