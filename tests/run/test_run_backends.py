"""Which sandbox is taken: the strongest that really runs here, and the reason why a stronger one doesn't."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.run.backend import Isolation
from grader.run.library import hidden_paths, system_paths
from grader.run.zygote import BACKENDS, PREFERRED, choose_backend

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def nothing_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PREFERRED, raising=False)


@pytest.mark.parametrize("preferred", ["bubblewrap", "sandlock"])
def test_the_environment_may_prefer_a_sandbox(preferred: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFERRED, preferred)
    backend, notices = choose_backend(Isolation.AUTO)
    assert backend.isolation.value == preferred
    assert notices == backend.notices()


@pytest.mark.parametrize("preferred", ["none", "hope", ""])
def test_the_environment_can_not_do_away_with_the_sandbox(preferred: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFERRED, preferred)
    assert choose_backend(Isolation.AUTO)[0].isolation is Isolation.SANDLOCK


def test_the_strongest_that_runs_is_taken() -> None:
    backend, notices = choose_backend(Isolation.AUTO)
    assert backend.isolation is Isolation.SANDLOCK
    assert notices == backend.notices()


def test_bubblewrap_comes_next_with_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "sandlock", None)
    backend, notices = choose_backend(Isolation.AUTO)
    assert backend.isolation is Isolation.BUBBLEWRAP
    assert "sandlock can't be imported" in " ".join(notices)


def test_without_either_a_plain_process_is_taken_with_a_notice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "sandlock", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    backend, notices = choose_backend(Isolation.AUTO)
    assert backend.isolation is Isolation.NONE
    assert "bubblewrap (bwrap) is not installed" in " ".join(notices)
    assert "No sandbox" in notices[0]


def test_an_isolation_that_is_asked_for_is_not_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="bubblewrap"):
        choose_backend(Isolation.BUBBLEWRAP)


def test_a_kernel_that_forbids_what_sandlock_needs_is_found_out_before_grading() -> None:
    """Inside a sandbox that has a supervisor already, as in some containers, sandlock can't put up another."""
    from sandlock import Sandbox

    command = "from grader.run.sandlock import Sandlock; print(Sandlock().unavailable())"
    outer = Sandbox(
        fs_readable=[*system_paths(), *(entry for entry in sys.path if os.path.isdir(entry)), sys.prefix, str(ROOT)],
        clean_env=True,
        env={"HOME": "/", "PYTHONPATH": str(ROOT)},
    )
    done = outer.run([sys.executable, "-c", command], timeout=60)
    assert done.success, done.stderr
    assert b"sandlock can't run a process here" in done.stdout


def test_nothing_of_ours_but_the_guest_can_be_read() -> None:
    assert {Path(path).name for path in hidden_paths()} >= {"problems", "reference"}
    assert not [path for path in system_paths() if str(ROOT).startswith(path + os.sep)]
    assert set(BACKENDS) == set(Isolation) - {Isolation.AUTO}


READ = """
import os
for folder, _, names in os.walk({root!r}):
    print(folder, names)
print("read", open({root!r} + "/open/file").read())
print("read", open({root!r} + "/problems/file").read())
"""


@pytest.mark.parametrize("isolation", [Isolation.SANDLOCK, Isolation.BUBBLEWRAP])
def test_our_packages_are_hidden_even_where_all_around_them_is_readable(
    isolation: Isolation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As where the project is installed into the system's own Python."""

    from grader.run import plain, sandlock
    from grader.run.backend import Room
    from grader.run.limits import Limits

    for name in ("open", "problems", "scratch"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(f"contents of {name}")
    for module in (plain, sandlock):
        monkeypatch.setattr(module, "hidden_paths", lambda: [str(tmp_path / "problems")])
    room = Room(tmp_path / "scratch", tmp_path, (str(tmp_path),), Limits())
    command = [os.path.realpath(sys.executable), "-S", "-c", READ.format(root=str(tmp_path))]
    process = BACKENDS[isolation].start(command, {"HOME": str(tmp_path / "scratch")}, room)
    printed = b""
    while part := os.read(process.from_guest, 1 << 16):
        printed += part
    process.end(at_once=False)
    assert b"contents of open" in printed
    assert b"contents of problems" not in printed
