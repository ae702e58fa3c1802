"""Who has claimed what: a run that was killed on this machine blocks nobody, any other keeps its claims."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.batch.owner import new_owner, release_the_dead
from grader.gradebook.store import Gradebook
from tests.batch.fakes import entry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook.open(str(tmp_path / "gradebook.sqlite")) as opened:
        yield opened


def claimed_by(gradebook: Gradebook, folder: Path, owner: str) -> int:
    number = gradebook.enter(entry(folder, "ada"), "0" * 64, NOW)
    assert gradebook.claim(number, owner, 600, NOW)
    return number


def test_every_run_is_somebody_else() -> None:
    assert new_owner() != new_owner()


def test_a_run_that_was_killed_here_keeps_nothing(gradebook: Gradebook, tmp_path: Path) -> None:
    code = "from grader.batch.owner import new_owner; print(new_owner())"
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    number = claimed_by(gradebook, tmp_path, dead)
    release_the_dead(gradebook)
    assert gradebook.claim(number, new_owner(), 600, NOW)


@pytest.mark.parametrize(
    "owner",
    [new_owner(), f"elsewhere {2**22 + 1} abcd", "somebody", f"{os.uname().nodename} x abcd"],
    ids=["alive", "elsewhere", "unknown", "no process"],
)
def test_everybody_else_keeps_their_claims(gradebook: Gradebook, tmp_path: Path, owner: str) -> None:
    number = claimed_by(gradebook, tmp_path, owner)
    release_the_dead(gradebook)
    assert not gradebook.claim(number, "another", 600, NOW)
