"""Real sandboxes for the tests, one zygote per backend and session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.catalog.find import bundled
from grader.compare.remembering import new_memory, remembering
from grader.intake import read_submission
from grader.marking import mark
from grader.model.verdict import Report
from grader.run.backend import Isolation
from grader.run.limits import MB, Limits
from grader.run.zygote import BACKENDS, Slot
from grader.symbolic.judge import judge
from tests.run.submissions import Grade

LIMITS = Limits(
    call_seconds=2.0, load_seconds=4.0, patience=2.0, memory=1024 * MB, file_size=8 * MB, disk=64 * MB, files=2500,
    output=16 * MB,
)  # fmt: skip

MEMORY = new_memory()
"""What the references give, for one test after another, as in a class."""


def _slot(isolation: Isolation) -> Iterator[Slot]:
    backend = BACKENDS[isolation]
    reason = backend.unavailable()
    if reason is not None:
        pytest.skip(reason)
    with Slot(backend, LIMITS) as slot:
        yield slot


@pytest.fixture(scope="session")
def sandlock() -> Iterator[Slot]:
    """A slot under sandlock."""
    yield from _slot(Isolation.SANDLOCK)


@pytest.fixture(scope="session")
def bubblewrap() -> Iterator[Slot]:
    """A slot under bubblewrap."""
    yield from _slot(Isolation.BUBBLEWRAP)


@pytest.fixture(scope="session")
def plain() -> Iterator[Slot]:
    """A slot without a sandbox."""
    yield from _slot(Isolation.NONE)


@pytest.fixture(params=["sandlock", "bubblewrap", "plain"])
def any_slot(request: pytest.FixtureRequest) -> Slot:
    """Each backend in turn."""
    slot: Slot = request.getfixturevalue(request.param)
    return slot


@pytest.fixture(params=["sandlock", "bubblewrap"])
def sandbox(request: pytest.FixtureRequest) -> Slot:
    """Each backend that confines, in turn."""
    slot: Slot = request.getfixturevalue(request.param)
    return slot


@pytest.fixture
def grade(tmp_path: Path) -> Grade:
    """Grades files given by name and content (or one source text) in a slot, on the problems named."""

    def run(slot: Slot, files: str | dict[str, str | bytes], *problems: str, seed: int = 1) -> Report:
        folder = tmp_path / "submission"
        for name, content in (files if isinstance(files, dict) else {"answers.py": files}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        places = bundled().choose(problems)
        with remembering(MEMORY):
            return mark(
                read_submission(folder), places, slot, seed=seed, device="cpu", notices=(), progress=None, prove=judge
            )

    return run
