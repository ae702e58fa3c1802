"""What a submission holds on disk is counted whatever it does to hide it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.guest.disk import DEEPEST, Disk

MB = 1 << 20
NOBODY: tuple[int, ...] = ()


def is_over(folder: Path, *, mb: int = 4, files: int = 50, pids: tuple[int, ...] = NOBODY) -> bool:
    return Disk(str(folder), mb * MB, files).is_over(pids)


def test_what_keeps_to_the_limits_is_not_over_them(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for number in range(3):
        (tmp_path / "inner" / str(number)).write_bytes(b"x" * MB)

    assert not is_over(tmp_path)


def test_many_files_below_the_limit_of_one_are_summed_up(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / str(number)).write_bytes(b"x" * MB)

    assert is_over(tmp_path)


def test_empty_files_and_folders_are_counted(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}").touch()
        (tmp_path / f"folder-{number}").mkdir()

    assert is_over(tmp_path)
    assert not is_over(tmp_path, files=60)


def test_a_sparse_file_counts_by_what_was_written(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(100 * MB)

    assert not is_over(tmp_path)


def test_one_file_under_many_names_takes_its_space_once(tmp_path: Path) -> None:
    (tmp_path / "first").write_bytes(b"x" * 2 * MB)
    for number in range(10):
        os.link(tmp_path / "first", tmp_path / str(number))

    assert not is_over(tmp_path)


def test_a_link_to_elsewhere_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "root").symlink_to("/")
    (tmp_path / "itself").symlink_to(".")

    assert not is_over(tmp_path)


def test_a_folder_that_must_not_be_listed_is_looked_into(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "file").write_bytes(b"x" * 5 * MB)
    hidden.chmod(0o300)

    assert is_over(tmp_path)


def test_what_no_path_reaches_is_counted(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=here)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    descriptor = os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here)
    os.write(descriptor, b"x" * 5 * MB)
    os.close(descriptor)
    os.close(here)

    assert is_over(tmp_path)


def test_folders_nested_deeper_than_anybody_needs_are_over(tmp_path: Path) -> None:
    (tmp_path / "/".join("d" * (DEEPEST + 1))).mkdir(parents=True)

    assert is_over(tmp_path, files=1000)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows what a process has open")
@pytest.mark.parametrize(
    "hold",
    [
        "f = open('f', 'wb'); os.unlink('f')",
        "f = open(os.memfd_create('f'), 'wb')",
        "f = __import__('tempfile').TemporaryFile(dir='.')",
    ],
    ids=["deleted", "in memory", "unnamed"],
)
def test_files_without_a_name_are_counted(hold: str, tmp_path: Path) -> None:
    code = f"import os, sys; {hold}; f.write(bytes(b'x' * {5 * MB})); f.flush(); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()

        assert not is_over(tmp_path)
        assert is_over(tmp_path, pids=(process.pid,))
        process.communicate()


def test_processes_and_folders_that_have_gone_hold_nothing(tmp_path: Path) -> None:
    assert not is_over(tmp_path / "gone", pids=(1 << 22,))


def test_a_look_that_took_long_is_not_repeated_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((100.0, 100.5, 101.0, 105.5, 105.5))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    disk = Disk(str(tmp_path), 0, 0)
    (tmp_path / "file").touch()

    assert [disk.is_over(NOBODY) for _ in range(3)] == [True, False, True]


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    for number in range(10):
        (tmp_path / "a" / str(number)).touch()
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    is_over(tmp_path)
    is_over(tmp_path, files=2)
    after = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0

    assert after == before


def test_a_link_in_the_place_of_a_folder_is_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o500)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(elsewhere)
    is_over(inside)

    assert elsewhere.stat().st_mode & 0o777 == 0o500
