"""The problems' tests compute on one thread, as the sandbox does, and what is expected once, as a worker does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from grader.compare.remembering import new_memory, remembering


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True, scope="session")
def _expectations() -> Iterator[None]:
    with remembering(new_memory()):
        yield
