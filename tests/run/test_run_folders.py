"""Folders of sandboxes: gone when they are closed, and removed by the next run where a killed one left them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.run.folders import Folder, remove_abandoned

HOLD = "import sys, time; from grader.run.folders import Folder; print(Folder().path, flush=True); time.sleep(600)"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory for temporary files, in which nothing was looked for yet."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    remove_abandoned.cache_clear()
    yield tmp_path
    remove_abandoned.cache_clear()


@pytest.fixture
def other(temporary: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process that uses a folder."""
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_what_a_killed_process_left_is_removed(other: tuple[subprocess.Popen[str], Path]) -> None:
    process, path = other
    (path / "scratch").mkdir()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert path.exists()
    Folder().close()
    assert not path.exists()


def test_what_is_in_use_stays(other: tuple[subprocess.Popen[str], Path]) -> None:
    _, path = other
    Folder().close()
    assert path.exists()


def test_what_was_not_made_here_stays(temporary: Path) -> None:
    (temporary / "grader-notes").mkdir()
    (temporary / "grader-report.json").write_text("{}")
    (temporary / "grader-link").symlink_to("grader-notes")
    Folder().close()
    assert sorted(path.name for path in temporary.iterdir()) == ["grader-link", "grader-notes", "grader-report.json"]


def test_a_closed_folder_is_gone(temporary: Path) -> None:
    folder = Folder()
    assert folder.path.parent == temporary
    folder.close()
    folder.close()
    assert list(temporary.iterdir()) == []
