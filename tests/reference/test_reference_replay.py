"""The replay buffer, by hand."""

from __future__ import annotations

import pytest
import torch

from reference.replay import ReplayBuffer


def filled(capacity: int, count: int) -> ReplayBuffer:
    buffer = ReplayBuffer(capacity, 2, 1)
    for k in range(count):
        buffer.add(torch.tensor([k, -k]), torch.tensor([10.0 * k]), k / 2, torch.tensor([k + 1, -k - 1]), k % 2)
    return buffer


def test_the_latest_transitions_are_kept() -> None:
    obs, actions, rewards, next_obs, dones = filled(3, 5).sample(3, torch.Generator().manual_seed(1))
    order = obs[:, 0].argsort()
    assert obs[order].tolist() == [[2, -2], [3, -3], [4, -4]]
    assert actions[order].tolist() == [[20], [30], [40]]
    assert rewards[order].tolist() == [1, 1.5, 2]
    assert next_obs[order].tolist() == [[3, -3], [4, -4], [5, -5]]
    assert dones[order].tolist() == [0, 1, 0]


def test_its_length_stops_at_the_capacity() -> None:
    assert [len(filled(3, count)) for count in range(5)] == [0, 1, 2, 3, 3]


def test_what_is_added_is_copied() -> None:
    buffer, obs = ReplayBuffer(1, 1, 1), torch.tensor([1.0])
    buffer.add(obs, obs, 0.0, obs, 0.0)
    obs.fill_(7.0)
    assert buffer.sample(1, torch.Generator())[0].tolist() == [[1.0]]


def test_a_batch_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="a batch of 3 from a buffer that holds 2"):
        filled(5, 2).sample(3, torch.Generator())
