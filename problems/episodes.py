"""What several problems about time share: how to change one episode of a batch and not another."""

from __future__ import annotations

import torch


def after_the_first_episode(dones: torch.Tensor) -> torch.Tensor:
    """1 at the steps after the first one that ended an episode, 0 up to and including it.

    Args:
        dones: `(T, ...)`, 1 where the episode terminated at that step.

    Returns:
        `(T, ...)`, in the dtype of `dones`.
    """
    ended_before = torch.cumsum(dones, dim=0) - dones
    return (ended_before > 0).to(dones.dtype)


def doubled_after_the_first_episode(values: torch.Tensor, dones: torch.Tensor) -> torch.Tensor:
    """`values` of shape `(T, ...)`, twice as large after the first episode and unchanged in it."""
    return values * (1 + after_the_first_episode(dones))
