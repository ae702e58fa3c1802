"""What a layer costs."""

from __future__ import annotations

import torch
from torch import Tensor


def layer_costs(n: Tensor, d: Tensor, k: Tensor) -> Tensor:
    """Leading-order multiplications of a layer of self-attention, of recurrence and of convolution.

    Args:
        n: length of the sequence, `()`.
        d: features of each position, `()`.
        k: width of the convolution's kernel, `()`.

    Returns:
        `(3,)`: n² d, n d², k n d².

    Source: Vaswani et al. 2017, table 1.
    """
    return torch.stack((n * n * d, n * d * d, k * n * d * d))
