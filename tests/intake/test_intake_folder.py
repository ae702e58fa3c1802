"""Folders: what is kept, what is passed over, and that nothing in one can hurt."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.intake import read_submission
from grader.intake.bounds import Bounds
from grader.intake.gathered import read_beneath
from grader.model.submission import Submission

NOBODY = 65534


@pytest.fixture
def hw(tmp_path: Path) -> Path:
    folder = tmp_path / "hw"
    folder.mkdir()
    (folder / "a.py").write_text("x = 1\n")
    return folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def paths(submission: Submission) -> list[str]:
    return [file.path for file in submission.files]


def test_files_are_sorted_and_data_is_kept_beside_code(hw: Path) -> None:
    (hw / "src").mkdir()
    (hw / "src" / "b.py").write_text("y = 2\n")
    (hw / "data.csv").write_text("1,2\n")
    submission = read_submission(hw)
    assert paths(submission) == ["a.py", "data.csv", "src/b.py"]
    assert [source.path for source in submission.sources] == ["a.py", "src/b.py"]


@pytest.mark.parametrize(
    "clutter",
    [
        ".git/hooks/b.py",
        "__pycache__/b.py",
        ".ipynb_checkpoints/b-checkpoint.ipynb",
        "node_modules/b.py",
        "__MACOSX/b.py",
        ".DS_Store",
        "._a.py",
        "b.pyc",
        "src/.hidden/b.py",
    ],
)
def test_what_tools_leave_behind_is_passed_over_silently(hw: Path, clutter: str) -> None:
    (hw / clutter).parent.mkdir(parents=True, exist_ok=True)
    (hw / clutter).write_text("def broken(:\n")
    submission = read_submission(hw)
    assert (paths(submission), submission.notices) == (["a.py"], ())


def test_a_virtual_environment_is_passed_over_whatever_its_name(hw: Path) -> None:
    (hw / "myenv" / "lib").mkdir(parents=True)
    (hw / "myenv" / "pyvenv.cfg").write_text("home = /usr\n")
    (hw / "myenv" / "lib" / "b.py").write_text("y = 2\n")
    (hw / "env").mkdir()
    (hw / "env" / "grid.py").write_text("z = 3\n")
    assert paths(read_submission(hw)) == ["a.py", "env/grid.py"]


def test_links_to_files_and_folders_are_not_followed(hw: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.py").write_text("key = 1\n")
    (hw / "to_folder").symlink_to(tmp_path / "secret")
    (hw / "to_file.py").symlink_to(tmp_path / "secret" / "key.py")
    (hw / "dangling.py").symlink_to("nowhere.py")
    submission = read_submission(hw)
    assert paths(submission) == ["a.py"]
    assert sorted(notice.path or "" for notice in submission.notices) == ["dangling.py", "to_file.py", "to_folder"]
    assert all("links aren't followed" in notice.message for notice in submission.notices)


def test_a_pipe_inside_is_left_out_without_being_opened(hw: Path) -> None:
    os.mkfifo(hw / "b.py")
    submission = read_submission(hw)
    assert paths(submission) == ["a.py"]
    assert [str(notice) for notice in submission.notices] == [
        "b.py: This is a special file, not a regular one, so it is left out. Hand in the file itself."
    ]


def test_a_large_file_is_left_out_and_named(hw: Path) -> None:
    (hw / "data.bin").write_bytes(b"0" * 101)
    (hw / "figures.ipynb").write_bytes(b"0" * 101)
    submission = read_submission(hw, bounds=Bounds(file_bytes=100))
    assert paths(submission) == ["a.py"]
    messages = {notice.path: notice.message for notice in submission.notices}
    assert messages["data.bin"] == "This file is larger than 100 bytes, so it is left out."
    assert "Clear its outputs" in messages["figures.ipynb"]


def test_a_file_exactly_as_large_as_allowed_is_kept(hw: Path) -> None:
    (hw / "data.bin").write_bytes(b"0" * 100)
    assert paths(read_submission(hw, bounds=Bounds(file_bytes=100))) == ["a.py", "data.bin"]


def test_python_code_is_kept_first_when_there_are_too_many_files(hw: Path) -> None:
    (hw / "deep").mkdir()
    (hw / "deep" / "b.py").write_text("y = 2\n")
    for number in range(5):
        (hw / f"0{number}.csv").write_text("1\n")
    submission = read_submission(hw, bounds=Bounds(files=3))
    assert paths(submission) == ["00.csv", "a.py", "deep/b.py"]
    assert [str(notice) for notice in submission.notices] == [
        "Your submission is larger than 3 files and 64 MiB; `01.csv`, `02.csv`, `03.csv` and 1 more are left out."
    ]


def test_python_code_is_kept_first_when_there_are_too_many_bytes(hw: Path) -> None:
    (hw / "0.csv").write_bytes(b"0" * 99)
    submission = read_submission(hw, bounds=Bounds(total_bytes=100))
    assert paths(submission) == ["a.py"]
    assert "`0.csv` are left out" in submission.notices[0].message


def test_a_folder_with_entries_without_end_is_cut_short_after_the_shallow_ones(hw: Path) -> None:
    (hw / "0").mkdir()
    for number in range(20):
        (hw / "0" / f"{number}.txt").write_text("")
    submission = read_submission(hw, bounds=Bounds(walked=10))
    assert paths(submission)[-1] == "a.py"
    assert len(submission.files) == 9
    assert "10 entries or more" in submission.notices[0].message


def test_a_deep_folder_of_data_does_not_use_up_the_limit_before_shallow_code(hw: Path) -> None:
    (hw / "z" / "data").mkdir(parents=True)
    (hw / "y").mkdir()
    (hw / "y" / "b.py").write_text("y = 2\n")
    for number in range(20):
        (hw / "z" / "data" / f"{number}.txt").write_text("")
    assert "y/b.py" in paths(read_submission(hw, bounds=Bounds(walked=10)))


def test_names_with_control_characters_are_kept_and_escaped_in_notices(hw: Path) -> None:
    (hw / "b\n\x1b[2J.py").write_text("def f(:\n")
    submission = read_submission(hw)
    assert "b\n\x1b[2J.py" in paths(submission)
    assert str(submission.notices[0]).startswith(r"b\n\x1b[2J.py:1: ")


def test_a_name_that_is_not_utf8_is_left_out_and_escaped(hw: Path) -> None:
    (hw / os.fsdecode(b"caf\xe9.py")).write_text("y = 2\n")
    submission = read_submission(hw)
    assert paths(submission) == ["a.py"]
    assert str(submission.notices[0]).startswith(r"caf\udce9.py: This file has a name that isn't valid UTF-8")


def test_a_name_with_a_backslash_is_left_out(hw: Path) -> None:
    (hw / "src\\b.py").write_text("y = 2\n")
    submission = read_submission(hw)
    assert paths(submission) == ["a.py"]
    assert "has a backslash in its name" in submission.notices[0].message


def test_a_tree_deeper_than_any_path_ends_with_a_notice(hw: Path) -> None:
    here = os.open(hw, os.O_RDONLY)
    for _ in range(12):
        os.mkdir("d" * 100, dir_fd=here)
        deeper = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    submission = read_submission(hw)
    assert paths(submission) == ["a.py"]
    assert "name that is too long" in submission.notices[0].message


def test_files_and_folders_without_permission_are_named_and_the_rest_is_read(open_folder: Path) -> None:
    (open_folder / "a.py").write_text("x = 1\n")
    (open_folder / "b.py").write_text("y = 2\n")
    (open_folder / "c").mkdir()
    (open_folder / "b.py").chmod(0)
    (open_folder / "c").chmod(0)
    as_root = os.geteuid() == 0
    os.seteuid(NOBODY if as_root else os.geteuid())
    try:
        submission = read_submission(open_folder)
    finally:
        os.seteuid(0 if as_root else os.geteuid())
    (open_folder / "c").chmod(0o700)
    assert paths(submission) == ["a.py"]
    assert submission.unread == ("c", "b.py")
    assert sorted(str(notice) for notice in submission.notices) == [
        "b.py: This file can't be read (Permission denied), so it is left out.",
        "c: This folder can't be read (Permission denied), so nothing in it is graded.",
    ]


def test_what_took_the_place_of_a_listed_file_is_not_followed_or_waited_for(hw: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "a.py").write_text("SECRET = 1")
    (hw / "link.py").symlink_to(secret / "a.py")
    (hw / "folder").symlink_to(secret)
    os.mkfifo(hw / "pipe.py")
    for path in ("link.py", "folder/a.py", "pipe.py"):
        with pytest.raises(OSError, match=r"symbolic links|Not a directory|no regular file"):
            read_beneath(hw, path, 100)
