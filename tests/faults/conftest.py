"""What `tests/run` and `tests/cli` use to grade and to run commands."""

from tests.cli.conftest import answers, environment, run
from tests.run.conftest import grade

__all__ = ["answers", "environment", "grade", "run"]  # fixtures
