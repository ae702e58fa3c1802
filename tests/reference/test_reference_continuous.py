"""Exploration, target smoothing, quadratic values and soft updates against numbers worked out by hand."""

from __future__ import annotations

import pytest
import torch
from torch.autograd import gradcheck

from reference.continuous import exploration_action, naf_q_value, smoothed_target_action, soft_update

LOW, HIGH = torch.tensor([-1.0, 0.0]), torch.tensor([1.0, 0.5])


def test_noise_is_scaled_and_each_dimension_has_its_own_bounds() -> None:
    mean, noise = torch.tensor([[0.5, 0.25], [0.5, 0.25]]), torch.tensor([[0.5, -0.25], [4.0, -4.0]])

    actions = exploration_action(mean, noise, 0.5, LOW, HIGH)

    torch.testing.assert_close(actions, torch.tensor([[0.75, 0.125], [1.0, 0.0]]))


def test_smoothing_noise_is_clipped_after_it_is_scaled_and_the_sum_once_more() -> None:
    mean, noise = torch.tensor([[0.0, 0.25], [0.875, 0.5]]), torch.tensor([[0.25, -2.0], [3.0, 3.0]])

    actions = smoothed_target_action(mean, noise, 0.5, 0.1875, LOW, HIGH)

    torch.testing.assert_close(actions, torch.tensor([[0.125, 0.0625], [1.0, 0.5]]))


def test_with_a_large_clip_smoothing_is_exploration() -> None:
    rng = torch.Generator().manual_seed(0)
    mean, noise = torch.randn(2, 50, 2, generator=rng)

    smoothed = smoothed_target_action(mean, noise, 0.3, 1e6, LOW, HIGH)

    torch.testing.assert_close(smoothed, exploration_action(mean, noise, 0.3, LOW, HIGH), rtol=0, atol=0)


def _states(number: int, size: int) -> tuple[torch.Tensor, ...]:
    rng = torch.Generator().manual_seed(size)
    draw = [(number,), (number, size), (number, size, size), (number, size)]
    return tuple(torch.randn(shape, generator=rng, dtype=torch.float64) for shape in draw)


def test_a_known_quadratic_value() -> None:
    # L = [[1, 0], [3, 1]], P = [[1, 3], [3, 10]], (1, 2) P (1, 2)ᵀ = 1 + 12 + 40
    entries = torch.tensor([[[0.0, 99.0], [3.0, 0.0]]])
    mean, actions = torch.tensor([[1.0, -1.0]]), torch.tensor([[2.0, 1.0]])

    assert naf_q_value(torch.tensor([5.0]), mean, entries, actions).item() == 5.0 - 53.0 / 2


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_best_action_is_the_mean_and_its_value_is_v(size: int) -> None:
    value, mean, entries, actions = _states(20, size)

    assert bool((naf_q_value(value, mean, entries, actions) < value).all())
    torch.testing.assert_close(naf_q_value(value, mean, entries, mean), value, rtol=0, atol=0)


def test_the_factor_of_the_curvature_is_its_cholesky_factor() -> None:
    value, mean, entries, actions = _states(3, 4)
    hessian = torch.stack(
        [
            -torch.autograd.functional.hessian(
                lambda a, i=i: naf_q_value(value[i : i + 1], mean[i : i + 1], entries[i : i + 1], a[None])[0],
                actions[i],
            )
            for i in range(3)
        ]
    )

    factor = torch.linalg.cholesky(hessian)

    torch.testing.assert_close(factor.tril(-1), entries.tril(-1))
    torch.testing.assert_close(factor.diagonal(dim1=1, dim2=2).log(), entries.diagonal(dim1=1, dim2=2))


def test_quadratic_values_pass_gradcheck() -> None:
    assert gradcheck(naf_q_value, tuple(tensor.requires_grad_() for tensor in _states(2, 3)))


def test_soft_updates_approach_the_online_network_geometrically() -> None:
    target, online = torch.zeros(2, 3, dtype=torch.float64), torch.ones(2, 3, dtype=torch.float64)
    for _ in range(10):
        target = soft_update(target, online, 0.1)

    torch.testing.assert_close(target, torch.full_like(target, 1 - 0.9**10))


def test_a_soft_update_leaves_both_networks_alone() -> None:
    target, online = torch.tensor([1.0]), torch.tensor([3.0])

    assert soft_update(target, online, 0.25).item() == 1.5
    assert (target.item(), online.item()) == (1.0, 3.0)
