"""References of returns and advantages against sums written out by their definitions."""

from __future__ import annotations

import pytest
import torch

from reference.returns import discounted_returns, generalized_advantage_estimate, td_error

T = 11


def _steps(seed: int, *batch: int) -> dict[str, torch.Tensor]:
    rng = torch.Generator().manual_seed(seed)
    numbers = torch.randn(3, T, *batch, generator=rng, dtype=torch.float64)
    dones = (torch.rand(T, *batch, generator=rng) < 0.3).double()
    return {"rewards": numbers[0], "values": numbers[1], "next_values": numbers[2], "dones": dones}


def _sum_until_done(terms: torch.Tensor, dones: torch.Tensor, factor: float) -> torch.Tensor:
    """Σ_k factor^k terms[t + k] up to the first done, for one environment, one step at a time."""
    sums = []
    for t in range(len(terms)):
        total, weight = 0.0, 1.0
        for k in range(t, len(terms)):
            total += weight * terms[k].item()
            weight *= factor
            if dones[k]:
                break
        sums.append(total)
    return torch.tensor(sums, dtype=torch.float64)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_returns_are_discounted_sums_up_to_the_end_of_the_episode(seed: int, gamma: float) -> None:
    steps = _steps(seed)

    expected = _sum_until_done(steps["rewards"], steps["dones"], gamma)

    torch.testing.assert_close(discounted_returns(steps["rewards"], steps["dones"], gamma), expected)


def test_known_returns() -> None:
    rewards, dones = torch.tensor([1.0, 2.0, 4.0, 8.0]), torch.tensor([0.0, 1.0, 0.0, 0.0])

    torch.testing.assert_close(discounted_returns(rewards, dones, 0.5), torch.tensor([2.0, 2.0, 8.0, 8.0]))


def test_known_td_errors() -> None:
    rewards, dones = torch.tensor([1.0, 1.0]), torch.tensor([0.0, 1.0])
    values, next_values = torch.tensor([3.0, 3.0]), torch.tensor([10.0, 10.0])

    error = td_error(rewards, values, next_values, dones, 0.5)

    torch.testing.assert_close(error, torch.tensor([3.0, -2.0]))


def test_td_error_differentiates_the_value_alone() -> None:
    steps = {name: value.requires_grad_(name != "dones") for name, value in _steps(0).items()}

    td_error(**steps, gamma=0.9).sum().backward()

    torch.testing.assert_close(steps["values"].grad, -torch.ones(T, dtype=torch.float64))
    assert steps["next_values"].grad is None


@pytest.mark.parametrize("lam", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_advantages_are_sums_of_td_errors_that_fall_off_by_gamma_lambda(seed: int, lam: float) -> None:
    steps = _steps(seed)
    deltas = td_error(**steps, gamma=0.9)

    expected = _sum_until_done(deltas, steps["dones"], 0.9 * lam)

    torch.testing.assert_close(generalized_advantage_estimate(**steps, gamma=0.9, lam=lam), expected)


def test_with_lambda_one_the_advantage_is_the_bootstrapped_return_minus_the_value() -> None:
    steps = _steps(6)
    steps["next_values"] = torch.cat((steps["values"][1:], steps["next_values"][-1:]))
    rewards = steps["rewards"].clone()
    rewards[-1] += 0.9 * (1 - steps["dones"][-1]) * steps["next_values"][-1]

    advantages = generalized_advantage_estimate(**steps, gamma=0.9, lam=1.0)

    torch.testing.assert_close(advantages + steps["values"], discounted_returns(rewards, steps["dones"], 0.9))


def test_environments_in_a_batch_do_not_mix() -> None:
    steps = _steps(1, 2, 3)
    together = generalized_advantage_estimate(**steps, gamma=0.9, lam=0.8)
    alone = generalized_advantage_estimate(**{n: v[:, 1, 2] for n, v in steps.items()}, gamma=0.9, lam=0.8)

    torch.testing.assert_close(together[:, 1, 2], alone, rtol=0, atol=0)
