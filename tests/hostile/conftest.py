"""The sandboxes of `tests/run`, for attacks."""

from tests.run.conftest import bubblewrap, plain, sandbox, sandlock

__all__ = ["bubblewrap", "plain", "sandbox", "sandlock"]  # fixtures
