"""Random inputs, and that a library that is missing where nothing may be skipped is a failure."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
import torch


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module is skipped as a whole when its library is missing, which the hook of the whole suite does not see."""
    report = yield
    if report.skipped and os.environ.get("GRADER_NO_SKIPS"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped where nothing may be: {reason}"
    return report


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(20)
