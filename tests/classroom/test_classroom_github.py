"""Clones of GitHub Classroom's repositories, and the times of their last commits."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader.classroom import read_class
from grader.classroom.git_time import last_commit_at
from grader.classroom.model import Layout

AT = datetime(2026, 1, 9, 10, 28, 53, tzinfo=timezone(timedelta(hours=-5, minutes=-30)))


def git(repository: Path, *arguments: str) -> None:
    date = f"{int(AT.timestamp())} -0530"
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    identity = ["-c", "user.name=J\n> 1 +0000", "-c", "user.email=j@uni.edu", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=repository, env=environment, check=True, capture_output=True)


@pytest.fixture
def repository(put) -> Path:
    folder = put("hw1-anna-lee/a.py").parent
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "done")
    return folder


def test_usernames_follow_the_name_of_the_folder_of_clones(put, folder):
    for name in ("hw1-anna-lee", "hw1-bo"):
        put(f"hw1-submissions/{name}/a.py")
    classroom = read_class(folder / "hw1-submissions")
    assert classroom.layout is Layout.GITHUB
    assert [entry.student.key for entry in classroom.entries] == ["anna-lee", "bo"]
    assert classroom.entries[1].student.ids == {"github": "bo"}
    assert classroom.notices == ()


def test_usernames_follow_the_roster(put, folder, roster):
    put("hw-1-team-a/x.py")
    put("hw-1-team-b/x.py")
    listed = roster("identifier,github_username,github_id,name\nA,team-a,1,Ann\nB,Team-B,2,Ben\nC,,,Cleo\n")
    classroom = read_class(folder, roster=listed)
    assert classroom.layout is Layout.GITHUB
    assert [(e.student.key, e.student.name) for e in classroom.entries] == [("team-a", "Ann"), ("team-b", "Ben")]
    assert [(student.key, student.name) for student in classroom.missing] == [("C", "Cleo")]


def test_otherwise_they_follow_what_all_names_begin_with_and_that_is_told(put, folder, repository):
    put("hw1-andy/a.py")
    classroom = read_class(folder, Layout.GITHUB)
    assert [entry.student.key for entry in classroom.entries] == ["andy", "anna-lee"]
    assert classroom.notices == ("All repositories begin with `hw1-`; what follows is taken to be the username.",)


def test_the_time_is_the_last_commits_with_its_offset(repository):
    assert last_commit_at(repository) == AT
    assert last_commit_at(repository).utcoffset() == AT.utcoffset()


def test_packed_objects_and_branches_are_read_too(repository):
    git(repository, "gc")
    assert not (repository / ".git/refs/heads/main").exists()
    assert last_commit_at(repository) == AT


def test_a_detached_head_is_read_too(repository):
    git(repository, "checkout", "--detach")
    assert last_commit_at(repository) == AT


def test_the_configuration_of_the_repository_is_not_read(repository):
    (repository / ".git/config").write_text("[core]\nrepositoryformatversion = 999\n[broken\n")
    assert last_commit_at(repository) == AT


def promising(repository: Path, program: Path) -> None:
    """Make a repository whose missing commits git fetches, by a program that its configuration names."""
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "core.sshCommand": str(program),
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": "ssh://localhost/nowhere",
    }.items():
        git(repository, "config", name, value)
    (repository / ".git/HEAD").write_text("1" * 40)


def test_nothing_that_the_repository_names_is_run(repository, tmp_path):
    trap = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {trap}\n")
    program.chmod(0o755)
    promising(repository, program)
    assert last_commit_at(repository) is None
    assert not trap.exists()
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "cat-file", "commit", "1" * 40)
    assert trap.exists(), "git itself does run it"


@pytest.mark.parametrize("head", ["", "ref: refs/heads/../../../secret", "ref: /etc/passwd", "0" * 40, "x" * 2_000_000])
def test_an_odd_head_gives_no_time(repository, head):
    (repository / ".git/HEAD").write_text(head)
    assert last_commit_at(repository) is None


def test_links_out_of_the_repository_give_no_time(repository, tmp_path):
    (repository / ".git").rename(tmp_path / "elsewhere")
    (repository / ".git").symlink_to(tmp_path / "elsewhere")
    assert last_commit_at(repository) is None


def test_git_files_that_point_elsewhere_give_no_time(repository, tmp_path):
    (repository / ".git").rename(tmp_path / "elsewhere")
    (repository / ".git").write_text(f"gitdir: {tmp_path / 'elsewhere'}\n")
    assert last_commit_at(repository) is None


def test_without_git_the_time_is_unknown_and_that_is_told(folder, put, repository, monkeypatch):
    put("hw1-bo/.git/HEAD", "ref: refs/heads/main\n")
    monkeypatch.setenv("PATH", str(folder))
    classroom = read_class(folder)
    assert [entry.submitted_at for entry in classroom.entries] == [None, None]
    assert "git is not installed, so the times of the last commits are not known." in classroom.notices


def test_githubs_own_time_counts_before_the_commits(folder, repository, roster):
    listed = roster(
        "assignment_name,github_username,roster_identifier,student_repository_name,submission_timestamp\n"
        "hw1,anna-lee,anna@uni.edu,hw1-anna-lee,2026-01-10 08:00:00 UTC\n"
    )
    (entry,) = read_class(folder, Layout.GITHUB, listed).entries
    assert entry.submitted_at.isoformat() == "2026-01-10T08:00:00+00:00"
