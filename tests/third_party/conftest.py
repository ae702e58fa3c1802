"""Random inputs, and that a library that is missing where nothing may be skipped is a failure."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(20)
