"""The targets of TD3 and SAC against numbers worked out by hand, and against each other."""

from __future__ import annotations

import torch

from reference.targets import sac_target, td3_target

REWARDS, DONES = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.0, 0.0, 1.0])
Q1, Q2 = torch.tensor([4.0, 10.0, 50.0]), torch.tensor([6.0, 8.0, 60.0])
LOG_PROB = torch.tensor([-2.0, 4.0, 7.0])


def test_known_targets_of_td3() -> None:
    torch.testing.assert_close(td3_target(REWARDS, DONES, Q1, Q2, 0.5), torch.tensor([3.0, 6.0, 3.0]))


def test_known_targets_of_sac() -> None:
    target = sac_target(REWARDS, DONES, Q1, Q2, LOG_PROB, 0.25, 0.5)

    torch.testing.assert_close(target, torch.tensor([3.25, 5.5, 3.0]))


def test_at_temperature_zero_sac_has_the_targets_of_td3() -> None:
    cold = sac_target(REWARDS, DONES, Q1, Q2, LOG_PROB, 0.0, 0.9)

    torch.testing.assert_close(cold, td3_target(REWARDS, DONES, Q1, Q2, 0.9), rtol=0, atol=0)


def test_targets_are_constants() -> None:
    q1, q2, log_prob = (x.clone().requires_grad_() for x in (Q1, Q2, LOG_PROB))

    assert not td3_target(REWARDS, DONES, q1, q2, 0.9).requires_grad
    assert not sac_target(REWARDS, DONES, q1, q2, log_prob, 0.2, 0.9).requires_grad
