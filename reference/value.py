"""Losses of a state-value function."""

from __future__ import annotations

import torch
from torch import Tensor


def clipped_value_loss(values: Tensor, old_values: Tensor, returns: Tensor, clip_range: float) -> Tensor:
    """Pessimistic value loss, ½ mean max((V − R)², (V_c − R)²) with V_c = V_old + clip(V − V_old, −c, c).

    Args:
        values: `(N,)`, V of the critic that is trained.
        old_values: `(N,)`, of the critic that collected the data; constants.
        returns: `(N,)`, R, constants.
        clip_range: c, how far V may usefully move.

    Returns:
        `()`.

    Source: Engstrom et al. 2020, §3; Huang et al. 2022, detail 9.
    """
    old_values, returns = old_values.detach(), returns.detach()
    clipped = old_values + torch.clamp(values - old_values, -clip_range, clip_range)
    return 0.5 * torch.maximum((values - returns).square(), (clipped - returns).square()).mean()
