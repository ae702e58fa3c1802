"""When the last commit of a repository was made, without letting the repository run anything.

A repository that comes from somebody else may name programs in its `.git/config` (hooks, pagers, monitors, filters,
helpers), and most git commands start some of them. So git never sees that configuration: it is given an empty
repository of our own, and of the student's the folder of objects only. It is asked for one commit by its hash, with
`git cat-file`, which runs no hook and needs no working tree. The hash is read here, from `HEAD` and the branch that it
names. Where git is missing or anything is odd the time is unknown.

The time is what the student's computer wrote into the commit, and can be made up; GitHub's own is in the grades that
GitHub Classroom exports, and counts before this one.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

from grader.intake.bounds import MIB
from grader.intake.gathered import read_at_most

LONGEST = MIB
"""Bytes of `packed-refs` or of a commit; longer ones are not read."""

SECONDS = 10

_HASH = re.compile(r"[0-9a-f]{40}")
_BRANCH = re.compile(r"ref: (refs/heads/[^\x00-\x20~^:?*\[\\]+)")
_COMMITTER = re.compile(rb"^committer .*> (\d{1,12}) ([+-])(\d\d)([0-5]\d)$", re.MULTILINE)


def git_is_here() -> bool:
    """Whether there is a git to ask."""
    return shutil.which("git") is not None


def last_commit_at(repository: Path) -> datetime | None:
    """The committer's time of the last commit on the branch that is checked out, with its offset; None if unknown."""
    git = repository / ".git"
    commit = _head(git)
    if commit is None or not _is_own_folder(git / "objects"):
        return None
    return _committed_at(_commit(git / "objects", commit))


def _head(git: Path) -> str | None:
    """Hash of the commit that is checked out."""
    if not _is_own_folder(git):
        return None
    head = _line(git / "HEAD")
    branch = _BRANCH.fullmatch(head)
    if branch is None:
        return head if _HASH.fullmatch(head) else None
    if ".." in branch[1].split("/"):
        return None
    loose = _line(git / branch[1])
    return loose if _HASH.fullmatch(loose) else _packed(git / "packed-refs", branch[1])


def _packed(refs: Path, branch: str) -> str | None:
    for line in _text(refs).splitlines():
        commit, _, name = line.partition(" ")
        if name == branch and _HASH.fullmatch(commit):
            return commit
    return None


def _line(path: Path) -> str:
    return _text(path).strip()


def _text(path: Path) -> str:
    """The text of a regular file within the bounds; empty where there is none."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return ""
        return (read_at_most(path, LONGEST) or b"").decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _is_own_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _commit(objects: Path, commit: str) -> bytes:
    """The text of a commit; empty where git can't say."""
    with _empty_repository() as own:
        # fmt: off
        environment = {
            "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C",
            "GIT_DIR": str(own), "GIT_OBJECT_DIRECTORY": str(objects.absolute()),
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0",
        }
        # fmt: on
        command = ["git", "--no-pager", "cat-file", "commit", commit]
        try:
            asked = subprocess.run(
                command,
                env=environment,
                cwd=own,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return b""
    return asked.stdout[:LONGEST] if asked.returncode == 0 else b""


@contextmanager
def _empty_repository() -> Iterator[Path]:
    with TemporaryDirectory(prefix="grader-git-") as folder:
        own = Path(folder)
        (own / "refs").mkdir()
        (own / "objects").mkdir()
        (own / "HEAD").write_text("ref: refs/heads/main\n", encoding="ascii")
        yield own


def _committed_at(commit: bytes) -> datetime | None:
    header = commit.partition(b"\n\n")[0]
    committer = _COMMITTER.search(header)
    if committer is None:
        return None
    seconds, sign, hours, minutes = committer.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == b"-" else 1)
    try:
        return datetime.fromtimestamp(int(seconds), timezone(offset))
    except (ValueError, OverflowError, OSError):
        return None
