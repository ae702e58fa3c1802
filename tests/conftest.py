"""For the whole suite: golden files, and no skips where `GRADER_NO_SKIPS` is set, as in CI, but for want of a GPU."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

if not Path("/dev/nvidiactl").exists():
    os.environ["TRITON_INTERPRET"] = "1"  # read when Triton is imported, which PyTorch does at moments of its own

os.environ.setdefault("GRADER_SANDBOX", "bubblewrap")  # where a test doesn't say which: it starts faster

pytest_plugins = ["pytester", "tests.gradebook.fixtures"]

GOLDEN = Path(__file__).parent / "golden"
Golden = Callable[[str, str], None]


LONG = (
    "test_submissions.py", "batch/test_batch_cluster.py", "batch/test_batch_killing.py", "cli/test_batch.py",
    "docs/test_docs_writing_a_problem.py", "faults/test_fairness.py", "hostile/test_hostile_host.py",
    "hostile/test_hostile_outputs.py",
)  # fmt: skip
"""Files with tests of half a minute and more: run first, so that none of them goes on alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = Path(__file__).parent
    long = {folder / name for name in LONG}
    items.sort(key=lambda item: item.path not in long)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what is rendered now as what is expected")


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are being written."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def golden(updating: bool, request: pytest.FixtureRequest) -> Golden:
    """Compare a rendering with the file of that name in tests/golden."""

    def compare(name: str, rendered: str) -> None:
        path = GOLDEN / name
        if updating:
            path.write_text(rendered, encoding="utf-8", newline="\n")
        hint = f"pytest {request.path.parent.relative_to(GOLDEN.parents[1])} --update-golden writes it anew"
        assert rendered == path.read_text(encoding="utf-8"), hint

    return compare


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name what has no id of its own without its address, which differs between two workers."""
    if callable(val) and hasattr(val, "__name__"):
        return str(val.__name__)
    return type(val).__name__ if " at 0x" in repr(val) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    may_skip = hasattr(report, "wasxfail") or item.get_closest_marker("gpu") is not None
    if report.skipped and os.environ.get("GRADER_NO_SKIPS") and not may_skip:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may be: {reason}"
    return report


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
