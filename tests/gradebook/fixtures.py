"""Gradebooks to test with, for every folder: each test runs on an SQLite file and on a PostgreSQL server.

One server serves all tests of a process; it is started when it is asked for first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from grader.gradebook.store import Gradebook
    from tests.gradebook.postgres import Server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server."""
    from tests.gradebook.postgres import running_server

    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def gradebook_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a gradebook can be made."""
    if request.param == "sqlite":
        yield str(tmp_path / "gradebook.sqlite")
        return
    server = request.getfixturevalue("postgres")
    database = server.new_database()
    yield database
    server.drop(database)


@pytest.fixture
def gradebook(gradebook_url: str) -> Iterator[Gradebook]:
    """An empty gradebook."""
    from grader.gradebook.store import Gradebook

    with Gradebook.open(gradebook_url) as opened:
        yield opened
