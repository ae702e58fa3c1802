"""Writes assignment files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.assignment.model import Assignment
from grader.assignment.read import read_assignment


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """`written('due = 1')`: the path of a file with a title and these lines below it."""

    def write(lines: str) -> Path:
        path = tmp_path / "assignment.toml"
        path.write_text(f'title = "Part 1"\n{lines}\n', encoding="utf-8")
        return path

    return write


@pytest.fixture
def read(written: Callable[[str], Path]) -> Callable[[str], Assignment]:
    """What is read from such a file."""
    return lambda lines: read_assignment(written(lines))
