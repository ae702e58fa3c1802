"""The whole intake: what a path must be, and what is said when there is nothing to grade."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import grader.intake
from grader.errors import NothingToGrade, UnreadableSubmission
from grader.intake import read_submission
from grader.intake.bounds import Bounds
from grader.model.submission import FileKind

NOBODY = 65534


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Give up root for a while: root may read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_everything_exported_exists_and_nothing_else_is_public() -> None:
    assert sorted(grader.intake.__all__) == ["Answers", "find_answers", "near_misses", "read_files", "read_submission"]
    assert all(hasattr(grader.intake, name) for name in grader.intake.__all__)


def test_importing_the_intake_does_not_import_torch() -> None:
    program = "import sys, grader.intake; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])


def test_a_single_script_is_read_with_its_bytes_and_names(tmp_path: Path) -> None:
    path = tmp_path / "attention.py"
    path.write_bytes(b"import torch\r\n\r\ndef attention(q):\r\n    return q\r\n")
    submission = read_submission(path)
    assert (submission.name, submission.root, submission.notices) == ("attention.py", "submission", ())
    (source,) = submission.sources
    assert (source.path, source.kind) == ("attention.py", FileKind.SCRIPT)
    assert (source.import_root, source.module) == ("submission", "attention")
    assert (source.binds, source.aliases) == (("torch", "attention"), ("torch",))
    assert source.units[0].source == "import torch\n\ndef attention(q):\n    return q\n"
    assert submission.files[0].content == b"import torch\r\n\r\ndef attention(q):\r\n    return q\r\n"


def test_nothing_is_executed_while_reading(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw" / "a.py").write_text(f"open({str(trace)!r}, 'w')\nassert False\n")
    read_submission(tmp_path / "hw")
    assert not trace.exists()


def test_a_missing_path_is_named_with_what_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSubmission, match=r"`.*hw3` does not exist; expected a folder, a \.py file"):
        read_submission(tmp_path / "hw3")


@pytest.mark.parametrize("name", ["hw.pdf", "hw.rar", "hw.7z", "hw.docx", "hw", "hw.gz", "hw.py.txt"])
def test_another_type_of_file_is_refused_with_what_is_accepted(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x = 1\n")
    with pytest.raises(UnreadableSubmission, match=rf"`{name}` can't be graded: expected a folder, a \.py file"):
        read_submission(tmp_path / name)


def test_a_path_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(UnreadableSubmission, match=r"`a\\x00b` can't be the name of a file"):
        read_submission(Path("a\0b"))


def test_a_pipe_is_refused_without_being_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.py")
    with pytest.raises(UnreadableSubmission, match="not a regular file"):
        read_submission(tmp_path / "a.py")


@pytest.mark.parametrize("name", ["a.py", "a.ipynb", "a.zip", "folder"])
def test_a_path_without_permission_says_so(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.mkdir() if name == "folder" else path.write_text("x = 1")
    path.chmod(0)
    with ordinary_user(), pytest.raises(UnreadableSubmission, match="permission denied"):
        read_submission(path)


def test_a_link_to_a_folder_is_followed_when_it_is_what_was_handed_in(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.py").write_text("x = 1\n")
    (tmp_path / "link").symlink_to("real")
    assert read_submission(tmp_path / "link").sources[0].binds == ("x",)


def test_a_folder_given_as_a_dot_is_called_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw" / "a.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path / "hw")
    submission = read_submission(Path())
    assert (submission.name, submission.root) == ("hw", "hw")


def test_an_empty_folder_has_nothing_to_grade(tmp_path: Path) -> None:
    with pytest.raises(NothingToGrade, match="it is empty") as caught:
        read_submission(tmp_path)
    assert not isinstance(caught.value, UnreadableSubmission)


def test_a_folder_without_python_says_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "essay.pdf").write_bytes(b"%PDF")
    with pytest.raises(NothingToGrade, match=r"it has only `essay\.pdf`.*Hand in your answers as \.py or \.ipynb"):
        read_submission(tmp_path)


def test_when_every_file_is_broken_each_error_is_listed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ndef f(:\n")
    (tmp_path / "b.ipynb").write_text("{\n")
    (tmp_path / "c.py").write_text("")
    with pytest.raises(NothingToGrade) as caught:
        read_submission(tmp_path)
    message = str(caught.value)
    assert "a.py:2: This file isn't valid Python" in message
    assert "b.ipynb:2: This notebook isn't valid JSON" in message
    assert "c.py: This file is empty" in message


def test_one_broken_file_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("def f(): return 1\n")
    (tmp_path / "bad.py").write_text("x = 1\ny = (\n")
    submission = read_submission(tmp_path)
    assert [source.path for source in submission.sources] == ["good.py"]
    assert [file.path for file in submission.files] == ["bad.py", "good.py"]
    (notice,) = submission.notices
    assert (notice.path, notice.line) == ("bad.py", 2)
    assert "'(' was never closed" in notice.message


def test_an_empty_init_file_is_no_reason_for_a_notice(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "a.py").write_text("x = 1\n")
    submission = read_submission(tmp_path)
    assert (len(submission.sources), len(submission.files), submission.notices) == (1, 2, ())


def test_an_archive_inside_a_folder_is_kept_but_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "more.zip").write_bytes(b"PK")
    submission = read_submission(tmp_path)
    assert [file.path for file in submission.files] == ["a.py", "more.zip"]
    assert [(notice.path, "isn't unpacked" in notice.message) for notice in submission.notices] == [("more.zip", True)]


def test_too_much_code_in_all_files_together_leaves_out_the_deepest(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/deep.py", "c.py", "d.py"):
        (tmp_path / name).write_text("x = 1\n" * 10)
    submission = read_submission(tmp_path, bounds=Bounds(total_code_bytes=100))
    assert [source.path for source in submission.sources] == ["c.py", "d.py"]
    assert [(notice.path, "this file is not read" in notice.message) for notice in submission.notices] == [
        ("b/deep.py", True)
    ]


def test_notices_without_end_are_counted_instead(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    for number in range(10):
        (tmp_path / f"empty{number}.py").write_text("")
    notices = read_submission(tmp_path, bounds=Bounds(notices=3)).notices
    assert [str(notice) for notice in notices[3:]] == ["There are 7 more notices like these."]


def test_a_submission_name_with_control_characters_is_escaped(tmp_path: Path) -> None:
    folder = tmp_path / "hw\n\x1b[31m"
    folder.mkdir()
    (folder / "a.py").write_text("x = 1\n")
    assert read_submission(folder).name == r"hw\n\x1b[31m"


def test_a_script_whose_name_can_not_be_stored_is_read_under_another(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.py")
    path.write_text("x = 1\n")
    submission = read_submission(path)
    assert submission.name == r"caf\udce9.py"
    assert [file.path for file in submission.files] == ["submission.py"]


def test_a_socket_handed_in_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("a.py")
        with pytest.raises(UnreadableSubmission, match="not a regular file"):
            read_submission(tmp_path / "a.py")
