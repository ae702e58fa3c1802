"""The reference of PPO's objective against the definition, sample by sample, and finite differences."""

from __future__ import annotations

import math

import pytest
import torch
from torch.autograd import gradcheck

from reference.ppo import ppo_clip_objective


@pytest.mark.parametrize(
    ("ratio", "advantage", "expected"),
    [
        (1.0, 2.0, 2.0),
        (1.1, 1.0, 1.1),
        (1.5, 1.0, 1.2),
        (0.5, 1.0, 0.5),
        (1.5, -1.0, -1.5),
        (0.5, -1.0, -0.8),
        (3.0, 0.0, 0.0),
    ],
)
def test_the_objective_of_one_sample(ratio: float, advantage: float, expected: float) -> None:
    log_prob = torch.tensor([-1.0 + math.log(ratio)], dtype=torch.float64)
    old_log_prob = torch.tensor([-1.0], dtype=torch.float64)

    objective = ppo_clip_objective(log_prob, old_log_prob, torch.tensor([advantage], dtype=torch.float64), 0.2)

    assert objective.item() == pytest.approx(expected)


def test_it_is_the_mean_over_samples() -> None:
    rng = torch.Generator().manual_seed(2)
    log_prob, old, advantages = torch.randn(3, 9, generator=rng, dtype=torch.float64)
    alone = [ppo_clip_objective(log_prob[i : i + 1], old[i : i + 1], advantages[i : i + 1], 0.2) for i in range(9)]

    torch.testing.assert_close(ppo_clip_objective(log_prob, old, advantages, 0.2), torch.stack(alone).mean())


def test_it_passes_gradcheck_away_from_the_kinks() -> None:
    log_prob = torch.tensor([0.0, 0.5, -0.5, 0.5, -0.5], dtype=torch.float64, requires_grad=True)
    advantages = torch.tensor([1.0, 1.0, 1.0, -1.0, -1.0], dtype=torch.float64)

    assert gradcheck(lambda lp: ppo_clip_objective(lp, torch.zeros_like(lp), advantages, 0.2), (log_prob,))


def test_no_gradient_flows_into_the_old_policy_or_the_advantages() -> None:
    log_prob, old, advantages = (torch.randn(4, requires_grad=True) for _ in range(3))

    ppo_clip_objective(log_prob, old, advantages, 0.2).backward()

    assert log_prob.grad is not None
    assert old.grad is None
    assert advantages.grad is None
