"""The sandbox fails through no fault of the submission: nobody loses points, and the next submission is graded."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.errors import SandboxError
from grader.model.verdict import Outcome, Report
from grader.run import plain as plain_module
from grader.run import zygote as zygote_module
from grader.run.backend import Isolation
from grader.run.limits import MB, Limits
from grader.run.zygote import BACKENDS, Slot, Zygote, choose_backend
from grader.session import Options, Workbench
from tests.run.submissions import Grade, layer_norm, returns

LIMITS = Limits(call_seconds=5.0, load_seconds=5.0, memory=1024 * MB)
SLOW = "import time; time.sleep(0.02)"
"""So that a signal arrives while the answer is at work."""


@pytest.fixture(scope="module")
def _open() -> Iterator[Slot]:
    with Slot(BACKENDS[Isolation.NONE], LIMITS) as opened:
        yield opened


@pytest.fixture
def slot(_open: Slot) -> Iterator[Slot]:
    """A slot whose zygote can be signalled; whatever a test did to it, the next test finds it at work."""
    _open.zygote.wait_until_ready()
    yield _open
    if _open.zygote._process._process.poll() is not None:
        _open.replace()


def kill(slot: Slot) -> None:
    """What an administrator, or a system that is out of memory, does."""
    os.killpg(slot.zygote._process._process.pid, signal.SIGKILL)


def child_of(slot: Slot) -> int:
    pid = slot.zygote._process._process.pid
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()[0])


def during(
    monkeypatch: pytest.MonkeyPatch, kind: str, act: Callable[[], None], *, times: int = 1, after: float = 0.01
) -> list[str]:
    """Have something happen during so many requests of a kind; the kinds of all requests, as they come."""
    asked: list[str] = []
    real = Zygote.exchange

    def exchange(self: Zygote, header: dict[str, Any], *rest: Any) -> Any:
        asked.append(header["kind"])
        if header["kind"] == kind and asked.count(kind) <= times:
            timer = threading.Timer(after, act)
            timer.start()
            try:
                return real(self, header, *rest)
            finally:
                timer.join()
        return real(self, header, *rest)

    monkeypatch.setattr(Zygote, "exchange", exchange)
    return asked


def outcomes(report: Report) -> set[Outcome]:
    return {verdict.outcome for problem in report.problems for verdict in problem.verdicts}


def require_no_loss(slot: Slot, grade: Grade, source: str) -> None:
    """A right answer has all of its points, or the sandbox is said to have failed; nothing is the student's mistake."""
    error: SandboxError | None = None
    try:
        report = grade(slot, source, "discounted_returns")
    except SandboxError as raised:
        error = raised
    if error is not None:
        assert len(str(error).splitlines()) == 1
        return
    assert report.score == report.max_score
    assert outcomes(report) <= {Outcome.PASSED, Outcome.GRADER_ERROR}


def test_a_zygote_that_is_killed_while_it_starts_is_the_sandbox_s_failure(grade: Grade) -> None:
    with Slot(BACKENDS[Isolation.NONE], LIMITS) as slot:
        folder = slot.zygote._folder
        kill(slot)
        require_no_loss(slot, grade, returns())
    assert not folder.exists()


def test_a_zygote_that_is_killed_while_it_is_idle_costs_nothing(slot: Slot, grade: Grade) -> None:
    grade(slot, returns(), "discounted_returns")
    kill(slot)
    report = grade(slot, returns(), "discounted_returns")
    assert outcomes(report) == {Outcome.PASSED}


@pytest.mark.parametrize("kind", ["lay_out", "execute", "call"])
def test_a_zygote_that_is_killed_at_work_costs_nothing(
    kind: str, slot: Slot, grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = during(monkeypatch, kind, lambda: kill(slot))
    require_no_loss(slot, grade, f"{SLOW}\n{returns(SLOW)}")
    assert kind in asked


def test_a_child_that_the_system_kills_is_not_said_to_have_used_too_much(
    slot: Slot, grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    during(monkeypatch, "call", lambda: os.kill(child_of(slot), signal.SIGKILL))
    require_no_loss(slot, grade, returns(SLOW))


def test_a_sandbox_that_can_not_be_opened_again_costs_nothing(
    slot: Slot, grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk has filled up, say, by the time that the zygote has to be replaced."""

    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    def fail() -> None:
        monkeypatch.setattr(tempfile, "mkdtemp", full)
        kill(slot)

    during(monkeypatch, "call", fail)
    require_no_loss(slot, grade, returns(SLOW))


def test_a_scratch_folder_that_can_not_be_made_is_the_sandbox_s_failure(
    slot: Slot, grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file lies where the child's folder should be: the zygote ends on it as it does on a full disk."""
    scratch = slot.zygote._folder / "scratch"
    for number in range(50):
        if not (scratch / f"child-{number}").exists():
            (scratch / f"child-{number}").touch()
    require_no_loss(slot, grade, returns())


def test_a_child_that_can_not_be_confined_runs_nothing(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    """Landlock is refused when it is asked for: by a path that can't be opened, here."""
    monkeypatch.setattr(zygote_module, "system_paths", lambda: ["/nowhere at all"])
    ran = "open('ran', 'w').close(); print('it ran')\n"
    with Slot(BACKENDS[Isolation.SANDLOCK], LIMITS) as slot, pytest.raises(SandboxError) as caught:
        grade(slot, ran + returns(), "discounted_returns")
    assert "it ran" not in str(caught.value)


FAKES = {
    "refuses namespaces": "echo 'bwrap: No permissions to create new namespace' >&2; exit 1",
    "is no program": None,
    "hangs": "exec sleep 30",
}


@pytest.fixture
def bwrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Puts a `bwrap` on the path that does what a script says; without one, a file that can't be executed."""

    def put(script: str | None) -> None:
        path = tmp_path / "bwrap"
        path.write_bytes(b"\0" if script is None else f"#!/bin/sh\n{script}\n".encode())
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return put


@pytest.mark.parametrize("how", FAKES)
def test_a_backend_that_can_not_run_here_is_told(
    how: str, bwrap: Callable[[str | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    bwrap(FAKES[how])
    monkeypatch.setattr(plain_module, "PROBE_SECONDS", 0.3)
    with pytest.raises(SandboxError, match="--isolation bubblewrap can't be used: bwrap can't"):
        choose_backend(Isolation.BUBBLEWRAP)


@pytest.mark.parametrize("script", ["echo 'bwrap: No space left on device' >&2; exit 1", "exit 0", "exec >&-; sleep 5"])
def test_a_backend_that_fails_when_it_starts_is_told(
    script: str, grade: Grade, bwrap: Callable[[str | None], None]
) -> None:
    bwrap(script)
    with Slot(BACKENDS[Isolation.BUBBLEWRAP], LIMITS) as slot, pytest.raises(SandboxError) as caught:
        grade(slot, layer_norm(), "layer_norm")
    assert str(caught.value).startswith("The sandbox did not start: ")
    assert len(str(caught.value).splitlines()) == 1
    assert not slot.zygote._folder.exists()


def test_a_temporary_folder_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(SandboxError, match=r"^The sandbox can't be started: .*nowhere") as caught:
        Workbench(Options(isolation=Isolation.NONE))
    assert len(str(caught.value).splitlines()) == 1
