"""How closely ours and theirs agree, and the libraries that not everybody has installed."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch
from torch import Generator, Tensor

EXACT = {"rtol": 1e-12, "atol": 1e-12}
"""Both compute in float64."""

SINGLE = {"rtol": 1e-5, "atol": 1e-6}
"""At least one of the two computes in float32."""


def library(name: str) -> ModuleType:
    """A module of the extra `third-party`; where it is missing, the tests of the calling module are skipped."""
    reason = f"{name} is not installed: pip install -e '.[third-party]'"
    module: ModuleType = pytest.importorskip(name, reason=reason)
    return module


def normal(rng: Generator, *shape: int) -> Tensor:
    """Standard normal numbers in float64."""
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def leaf(rng: Generator, *shape: int) -> Tensor:
    """The same, to be differentiated by."""
    return normal(rng, *shape).requires_grad_()


def gradients(loss: Tensor, *inputs: Tensor) -> tuple[Tensor, ...]:
    """Gradients of a scalar, 0 where the loss does not depend on an input."""
    return torch.autograd.grad(loss, inputs, retain_graph=True, allow_unused=True, materialize_grads=True)
