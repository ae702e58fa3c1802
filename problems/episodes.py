"""What several problems about time share: how to change one episode of a batch and not another."""

from __future__ import annotations

from itertools import product

import torch

EVERY_END_OF_THREE_STEPS = tuple([[d, 1 - d] for d in (0, *later)] for later in product((0, 1), repeat=2))
"""Dones of shape (3, 2) for the instances of formulas: with the second column the opposite of the first one, four hold
all eight ways in which episodes can end within three steps."""


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
