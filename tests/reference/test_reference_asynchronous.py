"""Updates of several workers against numbers by hand and against a simulation with separate workers."""

from __future__ import annotations

import pytest
import torch

from reference.asynchronous import a2c_update, a3c_update


def test_a_known_synchronous_step() -> None:
    gradients = torch.tensor([[1.0, 0.0], [3.0, 4.0]])

    torch.testing.assert_close(a2c_update(torch.tensor([1.0, 1.0]), gradients, 0.5), torch.tensor([0.0, 0.0]))


def test_known_asynchronous_steps() -> None:
    # θ = 0, centers 4 and 8, α = ½. Worker 0: 0 − ½(0 − 4) = 2. Worker 1, stale: 2 − ½(0 − 8) = 6.
    # Worker 0, whose copy is 2: 6 − ½(2 − 4) = 7. Worker 1, whose copy is 6: 7 − ½(6 − 8) = 8.
    theta, centers = torch.tensor([0.0]), torch.tensor([[4.0], [8.0]])
    results = [a3c_update(theta, centers, torch.tensor([0, 1, 0, 1][:pushes]), 0.5).item() for pushes in range(1, 5)]

    assert results == [2.0, 6.0, 7.0, 8.0]


def test_a_single_worker_is_plain_gradient_descent() -> None:
    theta, center = torch.tensor([1.0, -2.0]), torch.tensor([[3.0, 2.0]])

    found = a3c_update(theta, center, torch.zeros(6, dtype=torch.int64), 0.25)

    torch.testing.assert_close(found, center[0] + 0.75**6 * (theta - center[0]))


def test_workers_that_push_once_each_come_to_w_synchronous_steps_in_one() -> None:
    rng = torch.Generator().manual_seed(1)
    theta = torch.randn(5, generator=rng, dtype=torch.float64)
    centers = torch.randn(4, 5, generator=rng, dtype=torch.float64)

    found = a3c_update(theta, centers, torch.tensor([2, 0, 3, 1]), 0.1)

    torch.testing.assert_close(found, a2c_update(theta, theta - centers, 4 * 0.1))


class _Worker:
    """Differentiates its own loss at its own copy."""

    def __init__(self, center: torch.Tensor) -> None:
        self._center = center
        self._copy = torch.empty(0)

    def pull(self, shared: torch.Tensor) -> None:
        self._copy = shared.clone().requires_grad_()

    def gradient(self) -> torch.Tensor:
        loss = 0.5 * (self._copy - self._center).square().sum()
        return torch.autograd.grad(loss, self._copy)[0]


@pytest.mark.parametrize("seed", range(3))
def test_stale_gradients_are_those_of_workers_that_pull_after_their_own_pushes(seed: int) -> None:
    rng = torch.Generator().manual_seed(seed)
    theta = torch.randn(3, generator=rng, dtype=torch.float64)
    centers = torch.randn(4, 3, generator=rng, dtype=torch.float64)
    schedule = torch.randint(4, (20,), generator=rng)
    shared, workers = theta.clone(), [_Worker(center) for center in centers]
    for worker in workers:
        worker.pull(shared)
    for number in schedule:
        shared -= 0.1 * workers[number].gradient()
        workers[number].pull(shared)

    torch.testing.assert_close(a3c_update(theta, centers, schedule, 0.1), shared)
