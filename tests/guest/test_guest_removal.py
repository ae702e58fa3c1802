"""Folders that a submission made as hard to remove as it could."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.guest.removal import remove_tree


def _deep(folder: Path, levels: int) -> None:
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("deep", dir_fd=here)
        there = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    os.close(here)


def test_folders_deeper_than_python_recurses_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    _deep(folder, 1500)
    remove_tree(str(folder))
    assert not folder.exists()


def test_what_nobody_may_enter_is_removed_and_links_are_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    folder = tmp_path / "folder"
    (folder / "locked" / "inner").mkdir(parents=True)
    (folder / "locked" / "link").symlink_to(kept)
    os.mkfifo(folder / "pipe")
    (folder / "locked").chmod(0)
    folder.chmod(0)
    remove_tree(str(folder), itself=False)
    assert list(folder.iterdir()) == []
    assert (kept / "file").exists()


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        remove_tree(str(tmp_path / "none"))
